"""What is measured of groups is what pandas says of the raw rows; by group and store; the members behind, in scope."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
import time_machine
from django.db import connection

from accounts.enums import Role
from accounts.models import Store, User
from community.enums.groups import LeftHow
from community.enums.moderation import Outcome
from community.models import Group, Koc, KocEvent, Stay, Ugc, UgcUse, Violation
from community.services.deciding import decide
from community.services.participants import leave
from content.services.materials import Body, create_material
from dashboards.enums import Lack, Sight
from dashboards.models import ChangedDay, MetricDefinition, Snapshot
from dashboards.selectors.board import Part, figures, part_of
from dashboards.selectors.members_behind import members_behind
from dashboards.selectors.telling import asked
from dashboards.services.metrics import create_metric
from dashboards.services.snapshots import take_due, take_snapshots
from members.models import Member
from tests.brand import administrator, signed_in
from tests.community.cast import Line, group, participant, reported, say, staff, store
from tests.dashboards.brand import roll_up
from tests.segments.facts import Order, add_orders, ensure_months
from timeline.models import fact_sources, facts

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
LAST = date(2026, 3, 1)
FIRST = LAST - 79 * DAY
NOW = datetime(2026, 3, 2, 12, tzinfo=ZONE)
WINDOW = 30
CHECKED = (LAST, LAST - 11 * DAY)
Counted = Callable[["Pandas", date, set[int] | None], int]
OF_GROUPS: dict[str, Counted] = {
    "group_messages": lambda told, day, only: len(told.within(told.messages, day, only)),
    "group_speakers": lambda told, day, only: told.within(told.messages, day, only)["participant"].nunique(),
    "group_participants": lambda told, day, only: len(told.present(day, only)),
    "group_members": lambda told, day, only: int(told.present(day, only)["member"].notna().sum()),
    "group_joined": lambda told, day, only: len(told.within(told.stays, day, only)),
    "group_left": lambda told, day, only: len(told.within(told.stays, day, only, "left_at")),
    "group_violations": lambda told, day, only: len(told.within(told.violations, day, only)),
    "violations_open": lambda told, day, only: len(told.waiting(day, only)),
    "decided_violations": lambda told, day, only: len(told.within(told.violations, day, only, "first_at")),
    "violations_by_machine": lambda told, day, only: int(
        told.within(told.violations, day, only, "first_at")["first_by"].isna().sum()
    ),
    "upheld_violations": lambda told, day, only: int(
        (told.within(told.violations, day, only, "first_at")["outcome"] != "dismissed").sum()
    ),
}


@dataclass(frozen=True)
class Cast:
    groups: list[Group]
    stores: list[Store]
    manager: User
    guide: User
    members: list[Member]


@pytest.fixture
def cast() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield found()


def found(seed: int = 11) -> Cast:
    """Three groups, of two stores and of none; members, people who are not known and staff talk, come and go."""
    chance = random.Random(seed)
    ensure_months([FIRST - DAY, *(FIRST + timedelta(days=27 * place) for place in range(4)), LAST])
    stores = [store(), store()]
    manager, guide = staff(Role.STORE_MANAGER, stores=stores[:1]), staff(Role.GUIDE, stores=stores[1:])
    groups = [group(store_id=stores[0].pk), group(store_id=stores[1].pk, owner=guide), group()]
    members = [
        Member.objects.create(
            name=f"会员{place}", home_store=chance.choice([*stores, None]), guide=guide if place % 3 == 0 else None
        )
        for place in range(24)
    ]
    gone = Member.objects.create(name="并入")
    people = []
    for chat in groups:
        known = [*chance.sample(members, 12), *([gone] if chat is groups[0] else [])]
        people += [
            participant(chat, f"花友{each.pk}", member_id=each.pk, joined_at=_moment(chance, days=79)) for each in known
        ]
        people += [participant(chat, f"路人{place}", joined_at=_moment(chance, days=79)) for place in range(5)]
        people.append(participant(chat, "店员", staff_id=manager.pk, joined_at=_moment(chance, days=79)))
    lines = [Line(chance.choice(people), f"第{place}句：今天好", _moment(chance)) for place in range(600)]
    say(*lines, now=NOW)
    for one in chance.sample(people, 12):
        leave(participant=one, at=NOW - (0.1 + 0.9 * chance.random()) * DAY, how=LeftHow.LEFT, by=manager, now=NOW)
    _violations(chance, people, staff())
    _koc(chance, members, gone)
    add_orders([Order(chance.choice(members).pk, _moment(chance), Decimal(100)) for _number in range(80)])
    Member.objects.filter(pk=gone.pk).update(merged_into=members[0])
    roll_up()
    return Cast(groups, stores, manager, guide, members)


def _moment(chance: random.Random, *, days: int = 80) -> datetime:
    day = datetime.combine(FIRST + timedelta(days=chance.randrange(days)), time(), ZONE)
    return day + timedelta(seconds=chance.choice([0, 86_399, chance.randrange(86_400)]))


def _violations(chance: random.Random, people: list[Any], by: User) -> None:
    for place in range(30):
        at = _moment(chance)
        one = reported(chance.choice(people), at=at)
        if place % 3:
            decide(violation=one, outcome=chance.choice([Outcome.WARNED, Outcome.DISMISSED]), by=by, now=at + 5 * DAY)
    Violation.objects.filter(pk__in=[each.pk for each in Violation.objects.filter(state="decided")[::2]]).update(
        first_by=None
    )


def _koc(chance: random.Random, members: list[Member], gone: Member) -> None:
    for place, member in enumerate(members[:6]):
        koc = Koc.objects.create(
            member=member,
            state="active",
            referral_code=f"{place + 2}ABCDEFG",
            invited_at=NOW - 70 * DAY,
            invited_until=NOW,
            since=NOW - 60 * DAY,
        )
        for days, state in ((70, "invited"), (60, "active"), (40, "paused"), (8, "active")):
            KocEvent.objects.create(koc=koc, what="agree", to_state=state, at=NOW - (days + place) * DAY)
    for place in range(20):
        at = _moment(chance)
        Ugc.objects.create(
            member=chance.choice([*members, gone]),
            source="staff",
            kind="text",
            title=f"作品{place}",
            state="approved" if place % 2 else "returned",
            consent_event=1,
            offered_at=at,
            changed_at=at,
        )


class Pandas:
    """The raw rows; a day is [midnight, midnight) in China."""

    def __init__(self) -> None:
        self.owners = _read("SELECT id AS member, coalesce(merged_into_id, id) AS owner FROM members_member")
        who = _read(
            "SELECT p.id AS participant, p.member_id AS member, p.group_id AS chat, g.store_id AS store "
            "FROM community_groupparticipant p JOIN community_group g ON g.id = p.group_id"
        ).merge(self.owners, on="member", how="left")
        told = {
            "messages": "SELECT participant_id AS participant, sent_at AS at FROM community_groupmessage",
            "stays": "SELECT participant_id AS participant, joined_at AS at, left_at FROM community_stay",
            "violations": "SELECT participant_id AS participant, detected_at AS at, first_at, first_by_id AS first_by, "
            "outcome FROM community_violation",
        }
        self.messages, self.stays, self.violations = (_read(sql).merge(who, on="participant") for sql in told.values())
        self.ugc = _read("SELECT member_id AS member, offered_at AS at, state FROM community_ugc").merge(self.owners)
        self.steps = _read(
            "SELECT k.id AS koc, k.member_id AS owner, e.at, e.to_state FROM community_kocevent e "
            "JOIN community_koc k ON k.id = e.koc_id ORDER BY e.at, e.id"
        )
        self.orders = _read("SELECT member_id AS member, occurred_at AS at FROM timeline_purchase").merge(self.owners)

    def within(self, frame: pd.DataFrame, day: date, only: set[int] | None, column: str = "at") -> pd.DataFrame:
        found_ = frame[(frame[column] >= _begin(day - (WINDOW - 1) * DAY)) & (frame[column] < _begin(day + DAY))]
        return found_ if only is None else found_[found_["chat"].isin(only)]

    def present(self, day: date, only: set[int] | None = None) -> pd.DataFrame:
        return self._holding(self.stays, "left_at", day, only)

    def waiting(self, day: date, only: set[int] | None) -> pd.DataFrame:
        return self._holding(self.violations, "first_at", day, only)

    def _holding(self, frame: pd.DataFrame, ends: str, day: date, only: set[int] | None) -> pd.DataFrame:
        end = _begin(day + DAY)
        found_ = frame[(frame["at"] < end) & (frame[ends].isna() | (frame[ends] >= end))]
        return found_ if only is None else found_[found_["chat"].isin(only)]

    def belonging(self, chat: int, day: date) -> set[float]:
        return set(self.present(day, {chat})["owner"].dropna())

    def active_koc(self, day: date, members: set[float] | None = None) -> int:
        latest = self.steps[self.steps["at"] < _begin(day + DAY)].groupby("koc").last()
        active = latest[latest["to_state"] == "active"]
        return len(active if members is None else active[active["owner"].isin(members)])


def _begin(day: date) -> pd.Timestamp:
    return pd.Timestamp(datetime.combine(day, time(), ZONE))


def _read(sql: str) -> pd.DataFrame:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        frame = pd.DataFrame(cursor.fetchall(), columns=[column.name for column in cursor.description])
    for column in ("at", "left_at", "first_at"):
        if column in frame:
            frame[column] = pd.to_datetime(frame[column], utc=True)
    return frame


def metric(code: str, formula: str = "", days: int = WINDOW) -> Any:
    values = {"level": "operations", "name_zh": code, "formula": formula or code, "window_days": days}
    return create_metric(code=code, values=values, by=None, now=NOW)


def taken(*days: date) -> None:
    for day in days:
        take_snapshots(first=day, last=day, by=None, now=NOW)


def stored(code: str, day: date, slice_: str = "all", slice_id: object = "") -> Decimal | None:
    """What stands there; a slice without a row had nothing to tell."""
    row = Snapshot.objects.filter(metric__code=code, day=day, slice=slice_, slice_id=f"{slice_id}").first()
    if row is None:
        assert slice_ != "all"
        return Decimal(0)
    return row.value


@pytest.mark.parametrize(("code", "counted"), OF_GROUPS.items())
def test_facts_of_groups_are_what_pandas_says(cast: Cast, code: str, counted: Counted) -> None:
    metric(code)
    taken(*CHECKED)
    told = Pandas()
    for day in CHECKED:
        assert stored(code, day) == counted(told, day, None)
        for chat in cast.groups:
            assert (chat, stored(code, day, "group", chat.pk)) == (chat, counted(told, day, {chat.pk}))
        for place, shop in enumerate(cast.stores):
            assert stored(code, day, "store", shop.pk) == counted(told, day, {cast.groups[place].pk})
    assert any(stored(code, day) for day in CHECKED)


def test_facts_of_koc_and_ugc_are_what_pandas_says_also_by_group(cast: Cast) -> None:
    for code in ("active_koc", "ugc_offered", "ugc_accepted"):
        metric(code)
    taken(*CHECKED)
    told = Pandas()
    for day in CHECKED:
        pieces = told.within(told.ugc, day, None)
        assert stored("active_koc", day) == told.active_koc(day)
        assert stored("ugc_offered", day) == len(pieces)
        assert stored("ugc_accepted", day) == int((pieces["state"] == "approved").sum())
        for chat in cast.groups:
            inside = told.belonging(chat.pk, day)
            assert stored("active_koc", day, "group", chat.pk) == told.active_koc(day, inside)
            assert stored("ugc_offered", day, "group", chat.pk) == int(pieces["owner"].isin(inside).sum())
    assert stored("active_koc", LAST) != stored("active_koc", CHECKED[1])


def test_uses_of_ugc_count_on_the_day_of_the_material(cast: Cast) -> None:
    pieces = list(Ugc.objects.filter(state="approved")[:3])
    for place, piece in enumerate(pieces):
        made = create_material(kind="text", body=Body(title="素材", text="一步"), by=cast.manager, now=NOW)
        UgcUse.objects.create(ugc=piece, material=made.material, at=NOW - (1 + 20 * place) * DAY)
    metric("ugc_uses")
    taken(LAST)
    assert stored("ugc_uses", LAST) == 2
    told = behind("active_koc", Part(), administrator())
    assert set(told) <= {member.pk for member in cast.members[:6]}


def test_formula_may_mix_facts_of_a_group_with_those_of_its_members(cast: Cast) -> None:
    metric("said_per_order", "group_messages / orders")
    taken(LAST)
    told = Pandas()
    bought = told.within(told.orders, LAST, None)
    for chat in cast.groups:
        orders = bought["owner"].isin(told.belonging(chat.pk, LAST)).sum()
        said = Decimal(len(told.within(told.messages, LAST, {chat.pk})))
        assert stored("said_per_order", LAST, "group", chat.pk) == (said / int(orders)).quantize(Decimal("0.000001"))


def test_stores_together_are_their_groups_together(cast: Cast) -> None:
    chosen = metric("group_messages")
    taken(LAST)
    part = Part("store", tuple(str(shop.pk) for shop in cast.stores))
    both = {chat.pk for chat in cast.groups[:2]}
    told = Pandas()
    assert figures([chosen], part, [LAST])[chosen.pk, LAST].value == len(told.within(told.messages, LAST, both))


def test_days_measured_together_are_those_measured_alone(cast: Cast) -> None:
    for code in ("group_messages", "group_participants", "violations_open", "active_koc"):
        metric(code)

    def rows() -> list[Any]:
        order = ("day", "metric", "slice", "slice_id")
        return list(Snapshot.objects.order_by(*order).values_list(*order, "value", "sample"))

    take_snapshots(first=LAST - 6 * DAY, last=LAST, by=None, now=NOW)
    together = rows()
    Snapshot.objects.all().delete()
    taken(*(LAST - back * DAY for back in range(6, -1, -1)))
    assert rows() == together


def test_group_in_which_only_strangers_spoke_has_a_figure_and_no_sample(cast: Cast) -> None:
    chat = group()
    stranger = participant(chat, "路人", joined_at=NOW - 20 * DAY)
    say(*(Line(stranger, f"第{place}问", NOW - 3 * DAY) for place in range(4)), now=NOW)
    metric("group_messages")
    taken(LAST)
    row = Snapshot.objects.get(metric__code="group_messages", day=LAST, slice="group", slice_id=f"{chat.pk}")
    assert (row.value, row.sample) == (4, 0)


def test_what_lasts_is_not_partial_where_facts_are_younger_than_the_window() -> None:
    with time_machine.travel(NOW, tick=False):
        participant(group(), joined_at=NOW - 5 * DAY)
        metric("group_participants")
        metric("group_joined")
        metric("group_messages")
        taken(LAST, LAST - 20 * DAY)
    rows = {(row.metric.code, row.day): row for row in Snapshot.objects.filter(slice="all").select_related("metric")}
    present, joined = rows["group_participants", LAST], rows["group_joined", LAST]
    assert (present.value, present.sight, present.lack) == (1, Sight.OBSERVED, "")
    assert (joined.value, joined.sight, joined.lack) == (1, Sight.PARTIAL, Lack.SHORT_WINDOW)
    early, silent = rows["group_participants", LAST - 20 * DAY], rows["group_messages", LAST]
    assert (early.value, early.lack) == (None, Lack.BEFORE_FACTS)
    assert (silent.value, silent.lack) == (None, Lack.NO_FACTS)


def behind(code: str, part: Part, user: User) -> dict[int, Decimal]:
    chosen = asked(metric(code)).slots()[0]
    return {each.member.pk: each.value for each in members_behind(chosen, part, LAST, user=user)[0]}


@pytest.mark.parametrize("code", ["group_messages", "group_participants"])
def test_members_behind_a_group_are_those_who_did_it_there(cast: Cast, code: str) -> None:
    chat = cast.groups[0]
    told = Pandas()
    frame = told.within(told.messages, LAST, {chat.pk}) if code == "group_messages" else told.present(LAST, {chat.pk})
    expected = frame.dropna(subset=["owner"]).groupby("owner").size().to_dict()
    assert behind(code, Part("group", (f"{chat.pk}",)), administrator()) == expected
    assert expected


def test_scope_holds_from_the_group_down_to_the_members(cast: Cast) -> None:
    one, two, three = (f"{chat.pk}" for chat in cast.groups)
    assert [part_of(cast.manager, "group", each) is not None for each in (one, two, three)] == [True, False, False]
    assert [part_of(cast.guide, "group", each) is not None for each in (one, two, three)] == [False, True, False]
    assert part_of(staff(Role.ANALYST), "group", one) is not None
    hers = behind("group_messages", Part("group", (two,)), cast.guide)
    assert hers
    assert {Member.objects.get(pk=pk).guide for pk in hers} == {cast.guide}
    of_store = behind("group_participants", Part("group", (one,)), cast.manager)
    assert of_store
    assert {Member.objects.get(pk=pk).home_store for pk in of_store} == {cast.stores[0]}


def test_pages_lead_from_a_metric_to_a_group_and_to_its_members(cast: Cast) -> None:
    metric("group_messages")
    taken(LAST)
    page, told = "/admin/results/metrics/group_messages/", Pandas()
    client = signed_in(cast.manager, "en")
    split = client.get(page, {"split": "group"})
    assert [row.name for row in split.context["rows"]] == [cast.groups[0].name]
    chosen = {"by": "group", "of": f"{cast.groups[0].pk}"}
    expected = len(told.within(told.messages, LAST, {cast.groups[0].pk}))
    assert client.get(page, chosen).context["latest"].value == expected
    assert client.get(f"{page}members/", chosen).context["rows"]
    for chat in cast.groups[1:]:
        for address in (page, f"{page}members/"):
            assert client.get(address, {"by": "group", "of": f"{chat.pk}"}).status_code == 404
    analyst = signed_in(staff(Role.ANALYST), "en")
    assert {row.name for row in analyst.get(page, {"split": "group"}).context["rows"]} == {
        chat.name for chat in cast.groups
    }
    rows = analyst.get(f"{page}members/", chosen).context["rows"]
    assert rows
    assert all(member.masks_name for member, _value, _negative in rows)


def test_every_fact_of_a_group_is_checked_here() -> None:
    of_groups = {fact.code for fact in facts if fact.source.startswith(("group_", "violations"))}
    assert of_groups - {"group_answers"} == set(OF_GROUPS)


def test_what_becomes_known_late_is_measured_anew_at_night(cast: Cast) -> None:
    """An import of an old chat, a leaving told late, a decision overturned: nothing of a member says so."""
    codes = ("group_messages", "group_participants", "upheld_violations")
    for code in codes:
        metric(code)
    MetricDefinition.objects.exclude(code__in=codes).update(is_active=False)
    take_due(now=NOW)
    take_due(now=NOW)
    before = {code: _course(code) for code in codes}
    late = participant(cast.groups[2], "迟到", joined_at=NOW - 45 * DAY)
    say(Line(late, "上月说的话", NOW - 20 * DAY), now=NOW)
    Stay.objects.filter(participant=late).update(left_at=NOW - 8 * DAY, left_how="left")
    upheld = Violation.objects.filter(state="decided").exclude(outcome="dismissed").order_by("first_at")[0]
    Violation.objects.filter(pk=upheld.pk).update(outcome="dismissed")
    assert take_due(now=NOW).days > 40
    told = Pandas()
    for code in codes:
        assert _course(code) == {day: OF_GROUPS[code](told, day, None) for day in before[code]}
        assert _course(code) != before[code]
    assert not ChangedDay.objects.exists()
    assert take_due(now=NOW).days == 3, "the days that are measured anew in any case"


def _course(code: str) -> dict[date, Decimal | None]:
    """From the first day on of which the facts tell the whole window."""
    rows = Snapshot.objects.filter(metric__code=code, slice="all", day__gte=FIRST + (WINDOW + 5) * DAY)
    return dict(rows.values_list("day", "value"))


def test_sources_of_which_no_fact_of_a_member_tells_are_watched() -> None:
    """None of them reads others: a digest is of rows that stand alone."""
    watched = {source.code: source.needs for source in fact_sources if source.watched}
    followed = {"purchases", "interactions", "touches", "activity", "returns", "clicks"}
    assert watched.keys() == {source.code for source in fact_sources} - followed
    assert set(watched.values()) == {()}
    assert not watched.keys() & {needed for source in fact_sources for needed in source.needs}
