"""The pages of insights: what they show is what was measured, wrong input is said, nothing is shown out of reach."""

import csv
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.enums import Role
from accounts.models import User
from content.models import ActiveHours, AudienceHours
from content.services.hours import count_audience_hours
from content.services.measuring import count_active_hours
from core.registries import work
from dashboards import tasks
from dashboards.enums import KpiFigure
from dashboards.models import (
    ChurnFlag,
    ChurnRule,
    InsightSettings,
    KpiWeight,
    SilenceCurve,
    TeamFigures,
)
from dashboards.pages.hours import window_of
from dashboards.rules.survival import loss_after
from dashboards.selectors.hours import Awake, active_hours_of_member
from dashboards.services import silences
from dashboards.services.preferences import count_preferences
from dashboards.services.silences import count_silences, flag_silent
from dashboards.services.teams import count_teams
from members.models import Member
from segments.models import Audience
from segments.services.audiences import create
from tests.brand import administrator, signed_in
from tests.dashboards import lively
from tests.dashboards.test_silences import as_lists, gaps
from tests.scrm.pages_of_insights import settings_form
from tests.segments.facts import Act, add_acts

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
INSIGHTS = "/admin/results/insights/"
THRESHOLD, SETTINGS, HOURS = f"{INSIGHTS}threshold/", f"{INSIGHTS}settings/", f"{INSIGHTS}hours/"
MEMBERS = "/admin/members/member/"


@pytest.fixture
def client() -> Client:
    return signed_in(administrator(), "en")


def manager(brand: lively.Brand, *stores: int) -> User:
    user = User.objects.create_user("sm", role=Role.STORE_MANAGER, is_staff=True)
    user.stores.set([brand.stores[place] for place in stores])
    return user


def test_curve_and_file_hold_what_pandas_finds(client: Client) -> None:
    brand = lively.found()
    assert "No silences counted yet" in client.get(INSIGHTS).content.decode()
    count_silences(now=brand.now)
    context = client.get(INSIGHTS).context
    returned, unended = as_lists(gaps(brand.now))
    truth = [loss_after(returned, unended, days=days, horizon=30, least=100) for days in range(1, 61)]
    assert context["all_rows"] == truth
    assert context["at"] == truth[2]
    assert context["at"].share is not None
    file = list(csv.DictReader(client.get(INSIGHTS, {"format": "csv"}).content.decode("utf-8-sig").splitlines()))
    assert [line["Not back"] for line in file] == [
        "" if loss.share is None else str(round(loss.share, 4)) for loss in truth
    ]
    chart = context["chart"]["datasets"]
    assert chart[0]["data"] == [round(100 * loss.share, 2) for loss in truth if loss.share is not None]


def test_share_of_pandas_without_anybody_cut_off_is_the_same(client: Client) -> None:
    """Silences that began long enough ago have no censoring: there the estimate is the plain share of them."""
    brand = lively.found()
    silences = gaps(brand.now)
    age = (silences["day"].max() - silences["day"]).dt.days
    old = silences[(age >= 60) & (silences["length"] < 181)]
    reached = old[(old["length"] > 3) | (~old["returned"] & (old["length"] >= 3))]
    lost = reached[(reached["length"] > 33) | (~reached["returned"] & (reached["length"] >= 33))]
    loss = loss_after(*as_lists(old), days=3, horizon=30, least=1)
    assert loss.reached == len(reached)
    assert loss.share == pytest.approx(len(lost) / len(reached))


def test_manager_is_shown_her_stores_whatever_she_asks_for() -> None:
    brand = lively.found()
    count_silences(now=brand.now)
    flag_silent(now=brand.now)
    user = manager(brand, 0, 1)
    response = signed_in(user, "en").get(INSIGHTS, {"scope": "tier:regular"})
    silences = gaps(brand.now)
    own = {member.pk for member in brand.members if member.home_store_id in {store.pk for store in brand.stores[:2]}}
    found = response.context["silences"]
    assert (found.returned, found.unended) == as_lists(silences[silences["member"].isin(own)])
    assert response.context["flagged"] == ChurnFlag.objects.filter(member__in=own, until=None).count() > 0
    assert response.context["scopes"] == []
    assert response.context["flagged_by"] == []


def test_threshold_is_chosen_on_the_curve(client: Client) -> None:
    brand = lively.found()
    audience = create(name="杭州", rule={"filter": {"city": ["杭州"]}}, by=None, now=brand.now)
    count_silences(now=brand.now)
    scopes = {scope.code: scope.days for scope in client.get(INSIGHTS).context["scopes"]}
    assert scopes == {"all": 3, "tier:regular": None, "tier:potential": None, f"audience:{audience.pk}": None}
    for share in ("30", "99", "x", "0", "00", "1000", "0509", "5" * 4400):
        response = client.get(INSIGHTS, {"share": share, "scope": "tier:regular"})
        suggested, wanted = response.context["suggested"], response.context["share"]
        assert wanted == {"30": 30, "99": 99}.get(share, 50)
        shares = [loss.share for loss in response.context["all_rows"] if loss.share is not None]
        assert (suggested is None) is (max(shares) < wanted / 100)
    form = {"scope": "tier:regular", "days": "9", "reason": "看曲线"}
    assert client.post(THRESHOLD, form).headers["Location"] == f"{INSIGHTS}?scope=tier%3Aregular"
    assert client.get(INSIGHTS, {"scope": "tier:regular"}).context["threshold"] == 9
    client.post(THRESHOLD, {**form, "remove": "1"})
    assert client.get(INSIGHTS, {"scope": "tier:regular"}).context["threshold"] == 3


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"days": "soon"}, "A whole number of days is expected here."),
        ({"days": ""}, "A whole number of days is expected here."),
        ({"days": "91"}, "Between 1 and 90 days."),
        ({"days": "9999"}, "A whole number of days is expected here."),
        ({"reason": ""}, "Say why, for the record."),
        ({"scope": "tier:none"}, "There is no such tier or audience."),
        ({"remove": "1"}, "Everybody needs a threshold"),
    ],
)
def test_wrong_thresholds_are_said_and_what_was_typed_stays(client: Client, wrong: dict[str, str], said: str) -> None:
    brand = lively.found(members=60)
    count_silences(now=brand.now)
    form = {"scope": "all", "days": "12", "reason": "因为十二天", **wrong}
    response = client.post(THRESHOLD, form)
    page = response.content.decode()
    assert response.status_code == 400
    assert said in page
    assert f'value="{form["days"]}"' in page
    assert ChurnRule.objects.get().days == 3


def test_settings_are_changed_with_a_reason(client: Client) -> None:
    assert "Weights in the score" in client.get(SETTINGS).content.decode()
    assert client.post(SETTINGS, settings_form(horizon_days="45")).status_code == 302
    assert InsightSettings.objects.get().horizon_days == 45
    assert {float(weight.weight) for weight in KpiWeight.objects.all()} == {10.0}
    page = client.post(SETTINGS, settings_form(horizon_days="45", reason=""), follow=True).content.decode()
    assert "Nothing was different." in page


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"horizon_days": "91"}, "horizon_days"),
        ({"horizon_days": "1.5"}, "horizon_days"),
        ({"horizon_days": "many"}, "horizon_days"),
        ({"silence_days": "1e9"}, "silence_days"),
        ({"weight.gmv": "-1"}, "weight.gmv"),
        ({"weight.gmv": "0.25"}, "weight.gmv"),
        ({"weight.gmv": "NaN"}, "weight.gmv"),
        ({"reason": ""}, "reason"),
        ({f"weight.{figure}": "0" for figure in KpiFigure}, "weights"),
    ],
)
def test_wrong_settings_are_said_and_nothing_is_saved(client: Client, wrong: dict[str, str], said: str) -> None:
    response = client.post(SETTINGS, settings_form(**wrong))
    context = response.context
    marked = {each["name"] for each in (*context["fields"], *context["weights"]) if each["errors"]}
    marked |= {name for name in ("weights", "reason") if context[f"{name}_errors"]}
    assert (response.status_code, marked) == (400, {said})
    assert "因为" not in response.content.decode()
    assert settings_form(**wrong)["reason"] in response.content.decode()
    assert InsightSettings.objects.get().horizon_days == 30
    assert KpiWeight.objects.get(figure="retention").weight == 30


def test_measure_that_fails_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    lively.found(members=60)

    def broken(*, now: object) -> int:
        raise RuntimeError("broken")

    monkeypatch.setattr(tasks.preferences, "count_preferences", broken)
    with pytest.raises(RuntimeError):
        tasks.measure_insights()
    assert TeamFigures.objects.exists()
    assert SilenceCurve.objects.exists()


def test_audience_that_fails_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    brand = lively.found(members=60)
    bad = create(name="坏", rule={"filter": {"city": ["杭州"]}}, by=None, now=brand.now)
    good = create(name="好", rule={"filter": {"city": ["上海"]}}, by=None, now=brand.now)
    count_silences(now=brand.now - DAY)
    before = SilenceCurve.objects.filter(audience=bad).values().get()
    real = silences.count_silences_of

    def fails_once(audience: Audience, *, now: Any) -> None:
        if audience.name == "坏":
            raise RuntimeError("broken")
        real(audience, now=now)

    monkeypatch.setattr(silences, "count_silences_of", fails_once)
    with pytest.raises(RuntimeError):
        count_silences(now=brand.now)
    assert SilenceCurve.objects.filter(audience=good, counted_at=brand.now).exists()
    assert SilenceCurve.objects.filter(audience=bad).values().get() == before, "what was counted last stays"


def test_curves_of_audiences_are_counted_though_everybodys_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    brand = lively.found(members=60)
    audience = create(name="好", rule={"filter": {"city": ["上海"]}}, by=None, now=brand.now)
    count_silences(now=brand.now - DAY)

    def broken(_now: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(silences, "_count_everybody", broken)
    with pytest.raises(RuntimeError):
        count_silences(now=brand.now)
    assert SilenceCurve.objects.get(audience=audience).counted_at == brand.now
    assert SilenceCurve.objects.get(scope="all").counted_at == brand.now - DAY


def test_hours_of_everybody_and_of_audiences(client: Client) -> None:
    now = timezone.now().replace(hour=14, minute=30)
    assert "No hours counted yet" in client.get(HOURS).content.decode()
    one = Member.objects.create()
    add_acts([Act(one.pk, now - DAY)] * 80 + [Act(one.pk, now - DAY - timedelta(hours=3))] * 40)
    create(name="所有人", rule={"not": {"filter": {"channel": ["nowhere"]}}}, by=None, now=now)
    create(name="无人", rule={"filter": {"channel": ["nowhere"]}}, by=None, now=now)
    count_active_hours(now=now)
    count_audience_hours(now=now)
    response = client.get(HOURS)
    assert [(row["name"], row["enough"], row["window"]) for row in response.context["rows"]] == [
        ("everybody", True, "21:00–23:00"),
        ("所有人", True, "21:00–23:00"),
        ("无人", False, ""),
    ]
    file = client.get(HOURS, {"format": "csv"}).content.decode("utf-8-sig").splitlines()
    assert [line.split(",")[:3] for line in file[1:]] == [
        ["everybody", "120", "28"],
        ["所有人", "120", "28"],
        ["无人", "0", "28"],
    ]
    Audience.objects.filter(name="所有人").update(version=2)
    assert [row["name"] for row in client.get(HOURS).context["rows"]] == ["everybody", "无人"]


def test_hours_of_everybody_are_not_for_who_sees_some() -> None:
    brand = lively.found(members=60)
    count_active_hours(now=brand.now)
    client = signed_in(manager(brand, 0), "en")
    assert "Counted over all members" in client.get(HOURS).content.decode()
    assert client.get(HOURS, {"format": "csv"}).content.decode("utf-8-sig").count("\n") == 1
    assert ActiveHours.objects.exists()
    assert not AudienceHours.objects.exists()


def test_hours_of_a_member_are_those_of_all_her_records() -> None:
    now = timezone.now().replace(hour=14, minute=30)
    kept, other = Member.objects.create(), Member.objects.create()
    gone = Member.objects.create(merged_into=kept)
    for member, times, hours in ((kept, 2, 24), (gone, 5, 27), (other, 9, 24)):
        add_acts([Act(member.pk, now - timedelta(hours=hours))] * times)
    found = active_hours_of_member(kept, now=now)
    assert [(hour, times) for hour, times in enumerate(found.hours) if times] == [(19, 5), (22, 2)]


def awake(**hours: int) -> Awake:
    listed = [hours.get(f"h{hour}", 0) for hour in range(24)]
    return Awake(name="", hours=listed, days=1, counted_at=timezone.now())


def test_best_hours_are_two_and_may_go_over_midnight() -> None:
    assert window_of(awake(h23=5, h0=4, h12=8)) == "23:00–01:00"
    assert window_of(awake(h5=1)) == "04:00–06:00"
    assert window_of(awake()) == ""


def part(client: Client, member: Member, code: str) -> str:
    return client.get(f"{MEMBERS}{member.pk}/part/{code}/").content.decode()


def test_member_page_says_when_she_is_active_and_that_she_went_silent(client: Client) -> None:
    now = timezone.now()
    brand = lively.found(now=now)
    flag_silent(now=now)
    flag = ChurnFlag.objects.filter(until=None).earliest("pk")
    member = flag.member
    assert "whole day" in part(client, member, "churn")
    count_silences(now=now)
    assert "were not broken in the 30 days after" in part(client, member, "churn")
    quiet = next(each for each in brand.members if not ChurnFlag.objects.filter(member=each).exists())
    assert part(client, quiet, "churn") == ""
    busy = Member.objects.create()
    assert part(client, busy, "hours") == ""
    add_acts([Act(busy.pk, now - DAY)] * 3)
    assert "Too few interactions to tell." in part(client, busy, "hours")
    add_acts([Act(busy.pk, now - DAY)] * 30)
    assert "Most active" in part(client, busy, "hours")


def test_list_of_members_shows_and_finds_whom_the_brand_is_warned_of(client: Client) -> None:
    day = timezone.localdate()
    flagged, free, back = (Member.objects.create(name=name) for name in ("甲", "乙", "丙"))
    ChurnFlag.objects.create(member=flagged, seen=day - 6 * DAY, days=3, scope="all", since=day - 2 * DAY)
    ChurnFlag.objects.create(
        member=back, seen=day - 9 * DAY, days=3, scope="all", since=day - 5 * DAY, until=day - DAY, ended="returned"
    )

    def names(**query: str) -> set[str]:
        return {
            member.name for member in Member.objects.all() if member.name in client.get(MEMBERS, query).content.decode()
        }

    page = client.get(MEMBERS, {"churn": "1"}).content.decode()
    assert ">silent for 5 days</span>" in page
    assert '"&gt;' not in page
    assert names(churn="1") == {"甲"}
    assert names(churn="0") == {"乙", "丙"}
    assert names() == {"甲", "乙", "丙"}
    assert free.pk


def test_guide_finds_her_own_flagged_members_only() -> None:
    brand = lively.found()
    flag_silent(now=brand.now)
    guide = brand.guides[0]
    page = signed_in(guide).get(MEMBERS, {"churn": "1"}).context
    flagged = set(ChurnFlag.objects.filter(until=None, member__guide=guide).values_list("member", flat=True))
    assert flagged
    shown: Any = page["rows"] if "rows" in page else page["cl"].result_list
    assert len(list(shown)) == min(len(flagged), 50)


def test_today_names_who_went_silent(client: Client) -> None:
    user = User.objects.get(username="admin")
    now = timezone.now()
    source = work.get("dashboards.churn")
    assert list(source.items(user, now)) == []
    day = timezone.localdate(now)
    brand = lively.found(members=60, now=now)
    for place, member in enumerate(brand.members[:4]):
        since = day - place // 3 * DAY
        ChurnFlag.objects.create(member=member, seen=since - 4 * DAY, days=3, scope="all", since=since)
    (item,) = source.items(user, now)
    assert str(item.title) == "3 位会员新近沉默" or str(item.title) == "3 members have gone silent"
    hers = sum(member.home_store_id == brand.stores[1].pk for member in brand.members[:3])
    assert len(list(source.items(manager(brand, 1), now))) == min(hers, 1)


@pytest.mark.parametrize("page", [INSIGHTS, f"{INSIGHTS}preferences/", HOURS])
def test_insights_share_one_frame_and_offer_a_file_once_there_is_one(client: Client, page: str) -> None:
    """Its heading, its tabs and what may be done stand in one place."""
    offered = []
    for _round in range(2):
        answer = client.get(page)
        text = answer.content.decode()
        assert "dashboards/insight.html" in [template.name for template in answer.templates]
        assert (text.count("s-head__title"), text.count("dashboards/insights.css")) == (1, 1)
        offered.append("Download CSV" in text)
        if not Member.objects.exists():
            measured()
    assert offered == [False, True]


def measured() -> None:
    brand = lively.found()
    for count in (count_silences, count_preferences, count_active_hours):
        count(now=brand.now)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_pages_open_empty_and_filled_with_few_queries(language: str) -> None:
    client = signed_in(administrator(), language)
    pages = (INSIGHTS, f"{INSIGHTS}preferences/", HOURS, "/admin/results/team/", SETTINGS)
    for _round in range(2):
        for page in pages:
            with CaptureQueriesContext(connection) as captured:
                assert client.get(page).status_code == 200
            assert len(captured) <= 18, (page, [query["sql"][:90] for query in captured])
        if not ChurnFlag.objects.exists():
            brand = lively.found()
            for count in (count_silences, flag_silent, count_teams):
                count(now=brand.now)
