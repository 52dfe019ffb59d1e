"""Stores and guides: figures against pandas, who sees whom, ranks and files."""

import csv
from collections.abc import Iterator
from datetime import datetime, timedelta
from math import isclose
from typing import Any

import pandas as pd
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from accounts.models import User
from dashboards.enums import KpiFigure
from dashboards.models import InsightSettings, KpiWeight, TeamFigures
from dashboards.selectors.settings import kpi_weights
from dashboards.selectors.team import Line, Team, team_for
from dashboards.services.follow_ups import follow_up
from dashboards.services.teams import count_teams
from members.models import Member
from tests.brand import administrator, signed_in
from tests.dashboards import brand, lively

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
PAGE = "/admin/results/team/"
FACTS = {
    "acts": "SELECT member_id AS member, occurred_at AS at FROM timeline_interaction",
    "orders": "SELECT member_id AS member, occurred_at AS at, amount, kind, sold FROM timeline_purchase",
    "touches": "SELECT member_id AS member, occurred_at AS at FROM timeline_touch",
    "people": "SELECT id AS member, home_store_id AS store, guide_id AS guide, registered_at AS at, "
    "merged_into_id AS merged FROM members_member",
}


def expected(now: datetime, by: str) -> dict[int, dict[str, Any]]:
    """By store or guide, from the facts, by the words of the definitions; 30 days up to yesterday."""
    acts, orders, touches, people = (lively.frame(FACTS[name]) for name in ("acts", "orders", "touches", "people"))
    for rows in (acts, orders, touches, people):
        rows["day"] = lively.local_days(rows["at"])
    owners = people.set_index("member")["merged"]
    for rows in (acts, orders, touches):
        rows["member"] = rows["member"].map(owners).fillna(rows["member"]).astype(int)
    people = people[people["merged"].isna()].copy()
    facts = pd.concat([acts, orders, touches])
    people["day"] = people["day"].fillna(people["member"].map(facts.groupby("member")["day"].min()))
    last = pd.Timestamp(timezone.localdate(now)) - DAY
    first = last - 29 * DAY
    inside = {"acts": acts, "orders": orders, "people": people}
    acts, orders, joined = (rows[(rows["day"] >= first) & (rows["day"] <= last)] for rows in inside.values())
    sold = inside["orders"][inside["orders"]["sold"]]
    before = set(sold[(sold["day"] < first) & (sold["day"] >= first - 365 * DAY)]["member"])
    again = before & set(sold[(sold["day"] >= first) & (sold["day"] <= last)]["member"])
    young = people[(people["day"] >= first - 36 * DAY) & (people["day"] <= last - 36 * DAY)]
    did = facts.merge(young, on="member", suffixes=("", "_joined"))
    age = (did["day"] - did["day_joined"]).dt.days
    kept = set(did[(age >= 30) & (age <= 36)]["member"])
    found = {}
    for key, group in people.dropna(subset=[by]).groupby(by):
        own = set(group["member"])
        paid = orders[(orders["kind"] == "order") & orders["member"].isin(own)]["amount"]
        found[int(key)] = {
            "members": len(own),
            "joined_then": len(own & set(young["member"])),
            "retained": len(own & kept),
            "bought_before": len(own & before),
            "bought_again": len(own & again),
            "gmv": sum(paid),
            "interactions": int(acts["member"].isin(own).sum()),
            "joined": int(joined["member"].isin(own).sum()),
        }
    return found


def lines_of(lines: Any) -> dict[int, dict[str, Any]]:
    names = ("members", "joined_then", "retained", "bought_before", "bought_again", "gmv", "interactions", "joined")
    return {line.key: {name: getattr(line.totals, name) for name in names} for line in lines}


def team(user: User, least: int = 1) -> Team:
    found = team_for(user, weights=kpi_weights(), least=least)
    assert found is not None
    return found


def test_figures_of_stores_and_guides_equal_pandas() -> None:
    lived = lively.found()
    count_teams(now=lived.now)
    found = team(administrator())
    stores, guides = expected(lived.now, "store"), expected(lived.now, "guide")
    assert lines_of(found.stores) == stores
    assert lines_of(found.guides) == guides
    assert sum(each["joined_then"] for each in stores.values()) > 5
    assert sum(each["bought_again"] for each in stores.values()) > 5


def test_what_a_merged_member_did_counts_for_whom_she_is_now() -> None:
    of_metrics = brand.found()
    guide = User.objects.create_user("g", role=Role.GUIDE, is_staff=True)
    Member.objects.filter(pk__in=of_metrics.members[:20]).update(guide=guide)
    count_teams(now=brand.NOW)
    found = team(administrator())
    assert lines_of(found.stores) == expected(brand.NOW, "store")
    assert lines_of(found.guides) == expected(brand.NOW, "guide")


def test_rates_are_parts_of_their_samples() -> None:
    lived = lively.found()
    count_teams(now=lived.now)
    for line in (*team(administrator()).stores, *team(User.objects.get(username="admin")).guides):
        totals, values = line.totals, line.figures
        if totals.joined_then:
            assert values[KpiFigure.RETENTION] == totals.retained / totals.joined_then
        assert values[KpiFigure.REPURCHASE] == totals.bought_again / totals.bought_before
        assert isclose(values[KpiFigure.GMV] or 0, float(totals.gmv / totals.members))


def test_rate_over_few_members_is_not_known_and_leaves_its_weight_out() -> None:
    lived = lively.found()
    count_teams(now=lived.now)
    found = team(administrator(), least=10_000)
    assert {line.figures[KpiFigure.RETENTION] for line in found.stores} == {None}
    assert {line.scored.counted for line in found.stores} == {0.4}
    assert sorted(line.scored.rank or 0 for line in found.stores) == [1, 2, 3]


def test_manager_sees_her_stores_and_ranks_within_them() -> None:
    lived = lively.found()
    count_teams(now=lived.now)
    manager = User.objects.create_user("sm", role=Role.STORE_MANAGER, is_staff=True)
    manager.stores.add(lived.stores[1])
    found = team(manager)
    assert [line.key for line in found.stores] == [lived.stores[1].pk]
    assert lines_of(found.stores)[lived.stores[1].pk] == expected(lived.now, "store")[lived.stores[1].pk]
    hers = sum(line.totals.members for line in found.guides)
    assert 0 < hers < found.stores[0].totals.members
    assert {line.scored.rank for line in found.guides} <= set(range(1, len(found.guides) + 1))


def test_guide_sees_herself_her_store_and_no_colleague() -> None:
    lived = lively.found()
    count_teams(now=lived.now)
    guide = lived.guides[0]
    found = team(guide)
    assert [(line.key, line.is_self) for line in found.guides] == [(guide.pk, True)]
    assert lines_of(found.guides)[guide.pk] == expected(lived.now, "guide")[guide.pk]
    assert [line.key for line in found.stores] == [lived.stores[0].pk]
    page = signed_in(guide, "en").get(PAGE).content.decode()
    assert "导购0" not in page.split("<main")[-1] or "You" in page
    assert not any(colleague.display_name in page for colleague in lived.guides[1:])
    assert [line.scored.rank for line in (*found.guides, *found.stores)] == [None, None]


@pytest.mark.parametrize(("guides", "shown"), [(3, True), (2, False)])
def test_sums_of_two_guides_are_not_shown_as_each_would_know_the_others_figures(*, guides: int, shown: bool) -> None:
    lived = lively.found()
    Member.objects.filter(guide__in=lived.guides[guides:]).update(guide=None)
    count_teams(now=lived.now)
    found = team(lived.guides[0])
    assert [line.key for line in found.guides] == [lived.guides[0].pk]
    assert (found.average is not None) is shown
    assert found.average is None or found.average.people == guides
    assert [line.key for line in found.stores] == ([lived.stores[0].pk] if shown else [])
    client = signed_in(lived.guides[0], "en")
    assert (lived.stores[0].name in client.get(PAGE).content.decode().split("<main")[-1]) is shown
    assert (lived.stores[0].name in client.get(PAGE, {"format": "csv"}).content.decode()) is shown


def test_average_of_a_guide_of_two_stores_is_over_the_larger_alone() -> None:
    """Else the average less the one store would be her colleague of the other."""
    lived = lively.found()
    me, first, second, third = lived.guides
    large, small = lived.stores[0], lived.stores[1]
    me.stores.set([large, small])
    Member.objects.filter(home_store=small).exclude(guide=me).update(guide=third)
    Member.objects.filter(home_store=large, guide=third).update(guide=None)
    count_teams(now=lived.now)
    found = team(me)
    assert [line.key for line in found.stores] == [large.pk]
    assert found.average is not None
    assert found.average.people == 3
    theirs = expected(lived.now, "guide")[me.pk]["members"] + sum(
        Member.objects.filter(home_store=large, guide=guide).count() for guide in (first, second)
    )
    assert found.average.totals.members == theirs


def test_who_sees_no_member_sees_no_team() -> None:
    lived = lively.found(members=60)
    count_teams(now=lived.now)
    legal = User.objects.create_user("legal", role=Role.LEGAL, is_staff=True)
    assert team_for(legal, weights=kpi_weights(), least=1) is None
    assert signed_in(legal).get(PAGE).status_code == 403


def test_follow_ups_count_for_the_guide_of_the_member() -> None:
    lived = lively.found(members=60)
    guide = lived.guides[1]
    own = [member for member in lived.members if member.guide_id == guide.pk][:2]
    yesterday = lived.now - DAY
    Member.objects.filter(pk__in=[member.pk for member in own]).update(birthday=timezone.localdate(yesterday))
    for member in own:
        follow_up(member_id=member.pk, kind="birthday", about=timezone.localdate(yesterday), by=guide, now=yesterday)
        follow_up(member_id=member.pk, kind="birthday", about=timezone.localdate(yesterday), by=guide, now=yesterday)
    count_teams(now=lived.now)
    assert {line.key: line.totals.follow_ups for line in team(administrator()).guides if line.totals.follow_ups} == {
        guide.pk: 2
    }


def test_second_count_of_a_day_replaces_and_old_days_go() -> None:
    lived = lively.found(members=60)
    rows = count_teams(now=lived.now)
    assert count_teams(now=lived.now) == rows == TeamFigures.objects.count()
    TeamFigures.objects.update(day=timezone.localdate(lived.now) - 402 * DAY)
    count_teams(now=lived.now)
    assert TeamFigures.objects.count() == rows


def test_page_says_how_few_and_warns_where_selling_once_leads() -> None:
    lived = lively.found()
    client = signed_in(administrator(), "en")
    assert "No figures of the team yet" in client.get(PAGE).content.decode()
    assert client.get(PAGE, {"format": "csv"}).status_code == 200
    InsightSettings.objects.update(least_members=10_000)
    count_teams(now=lived.now)
    page = client.get(PAGE).content.decode()
    assert "too few" in page
    assert "the score rewards selling once" not in page
    KpiWeight.objects.filter(figure="gmv").update(weight=60)
    assert "the score rewards selling once" in client.get(PAGE).content.decode()


def test_file_holds_what_the_page_shows() -> None:
    lived = lively.found()
    count_teams(now=lived.now)
    client = signed_in(administrator(), "en")
    found: Team = client.get(PAGE).context["found"]
    rows = list(csv.DictReader(client.get(PAGE, {"format": "csv"}).content.decode("utf-8-sig").splitlines()))

    def shown(lines: Any) -> Iterator[tuple[str, str, str]]:
        line: Line
        for line in lines:
            yield line.name, str(line.scored.rank), str(line.totals.members)

    assert [(row["Name"], row["Rank"], row["Members"]) for row in rows] == [
        *shown(found.stores),
        *shown(found.guides),
    ]


def test_queries_do_not_grow_with_the_team() -> None:
    lived = lively.found(members=60)
    count_teams(now=lived.now)
    client = signed_in(administrator())
    client.get(reverse("dashboards:team"))
    with CaptureQueriesContext(connection) as captured:
        client.get(PAGE)
    assert len(captured) <= 12
