"""Promises of groups: made, kept, missing, laid into the calendar, and what became of the group."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from audit.models import AuditEntry
from community.admin.slot_owners import promise, running_promises
from community.errors.value_plans import NothingToMake, PlanEnded, ValuePlanNotValid
from community.models import Group, GroupDay, ValuePlan
from community.rules.value_plan import Change, Kept, Promise, change, monday_of, standings
from community.selectors.value_plans import awakening, missing_slots, plan_table
from community.services.groups import close_group
from community.services.value_plans import Promised, add_promise, end_promise, make_slots
from content.models import ContentType, Slot
from tests.community.cast import NOW, group, staff
from tests.community.chats import brought

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 3, 2)  # NOW is 20:00 of this day in Shanghai
WEDNESDAY = Promise(7, 2, time(20), date(2026, 2, 1), None)


def stood(promise: Promise, *slots: Kept, at: datetime, monday: date = MONDAY) -> list[tuple[str, int | None]]:
    return [(each.state, each.slot) for each in standings([promise], slots, [monday], zone=ZONE, at=at)]


def slot(state: str, day: date, *, number: int = 1) -> Kept:
    return Kept(number, 7, datetime.combine(day, time(20), ZONE), state)


BEFORE = datetime(2026, 3, 3, tzinfo=UTC)
AFTER = datetime(2026, 3, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("slots", "at", "expected"),
    [
        ((), BEFORE, [("missing", None)]),
        ((), AFTER, [("missed", None)]),
        ((slot("draft", date(2026, 3, 4)),), BEFORE, [("planned", 1)]),
        ((slot("draft", date(2026, 3, 4)),), AFTER, [("missed", 1)]),
        ((slot("scheduled", date(2026, 3, 7)),), AFTER, [("planned", 1)]),
        ((slot("published", date(2026, 3, 4)),), AFTER, [("published", 1)]),
        ((slot("missed", date(2026, 3, 4)),), AFTER, [("missed", 1)]),
        ((slot("cancelled", date(2026, 3, 4)),), BEFORE, [("missing", 1)]),
        ((slot("draft", date(2026, 3, 4)), slot("measured", date(2026, 3, 5), number=2)), AFTER, [("published", 2)]),
        ((slot("published", date(2026, 3, 11)),), AFTER, [("missed", None)]),
    ],
)
def test_promise_stands_as_its_slots_do(slots: tuple[Kept, ...], at: datetime, expected: Any) -> None:
    assert stood(WEDNESDAY, *slots, at=at) == expected


def test_promise_counts_only_while_it_is_made() -> None:
    assert stood(WEDNESDAY, at=BEFORE, monday=date(2026, 1, 26)) == []
    ended = Promise(7, 2, time(20), date(2026, 2, 1), date(2026, 3, 3))
    assert stood(ended, at=BEFORE) == []
    assert stood(ended, at=BEFORE, monday=date(2026, 2, 23)) == [("missed", None)]


def test_sunday_belongs_to_the_week_before() -> None:
    assert [monday_of(date(2026, 3, 1)), monday_of(MONDAY)] == [date(2026, 2, 23), MONDAY]


def test_change_has_windows_and_says_when_there_is_too_little() -> None:
    daily = {date(2026, 2, 27): 10, date(2026, 2, 28): 20, MONDAY: 70}
    span: dict[str, Any] = {"began": MONDAY, "most": 28, "least": 2}
    found = change(daily, opened=date(2026, 2, 27), today=date(2026, 3, 4), **span)
    assert found == Change(before=10.0, since=35.0, days_before=3, days_since=2)
    young = change(daily, opened=date(2026, 3, 1), today=date(2026, 3, 3), **span)
    assert young == Change(before=None, since=None, days_before=1, days_since=1)


def promised(**changes: Any) -> Promised:
    given = {"weekday": 2, "time": time(20), "type": ContentType.objects.get(code="article"), "title": "护肤课堂"}
    return Promised(**{**given, "begins_on": MONDAY, **changes})


def plan(of: Group, **changes: Any) -> ValuePlan:
    return add_promise(group=of, promised=promised(**changes), by=None, now=NOW)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"title": " "}, "title"),
        ({"title": "长" * 61}, "title"),
        ({"weekday": None}, "weekday"),
        ({"weekday": 7}, "weekday"),
        ({"time": None}, "time"),
        ({"type": None}, "type"),
        ({"begins_on": None}, "begins_on"),
    ],
)
def test_promise_that_cannot_be_made_says_why(changes: dict[str, Any], wrong: str) -> None:
    with pytest.raises(ValuePlanNotValid) as refused:
        plan(group(), **changes)
    assert wrong in refused.value.fields


@pytest.mark.django_db
def test_one_hour_is_promised_once_and_again_after_its_end() -> None:
    one = group()
    first = plan(one)
    with pytest.raises(ValuePlanNotValid):
        plan(one, title="另一件")
    end_promise(plan=first, by=None, now=NOW)
    with pytest.raises(PlanEnded):
        end_promise(plan=first, by=None, now=NOW)
    plan(one, title="另一件")
    assert AuditEntry.objects.filter(action__in=["community.add_promise", "community.end_promise"]).count() == 3


@pytest.mark.django_db
def test_closed_group_is_promised_nothing_and_gets_no_slots() -> None:
    one = group()
    plan(one)
    close_group(group=one, reason="并群", by=None, now=NOW)
    with pytest.raises(ValuePlanNotValid):
        plan(one, weekday=3)
    with pytest.raises(ValuePlanNotValid):
        make_slots(group=one, weeks=2, by=None, now=NOW)


@pytest.mark.django_db
def test_slots_of_the_next_weeks_are_made_once_as_drafts_of_the_owner() -> None:
    owner = staff()
    one = group(owner=owner, name="春日群")
    plan(one)
    plan(one, weekday=0, title="周一问候")  # today at 20:00, which is now: too late for this week
    expected = [
        ("春日群 · 护肤课堂", datetime(2026, 3, 4, 12, tzinfo=UTC)),
        ("春日群 · 周一问候", datetime(2026, 3, 9, 12, tzinfo=UTC)),
        ("春日群 · 护肤课堂", datetime(2026, 3, 11, 12, tzinfo=UTC)),
        ("春日群 · 周一问候", datetime(2026, 3, 16, 12, tzinfo=UTC)),
    ]
    looked = [(f"春日群 · {each.title}", due) for each, due in missing_slots(one, weeks=2, now=NOW)]
    assert looked == expected
    made = make_slots(group=one, weeks=2, by=owner, now=NOW)
    assert [(each.title, each.planned_at) for each in made] == expected
    assert {(each.state, each.owner, each.source_kind) for each in made} == {("draft", owner, "value_plan")}
    with pytest.raises(NothingToMake):
        make_slots(group=one, weeks=2, by=owner, now=NOW)
    assert Slot.objects.count() == 4
    entry = AuditEntry.objects.get(action="community.make_slots")
    assert entry.changes == {"slots": [0, 4]}
    for wrong in (0, 9):
        with pytest.raises(ValuePlanNotValid):
            make_slots(group=one, weeks=wrong, by=owner, now=NOW)


@pytest.mark.django_db
def test_table_counts_each_week() -> None:
    one = group()
    plan(one, begins_on=date(2026, 2, 16))
    make_slots(group=one, weeks=1, by=None, now=NOW)
    table = plan_table(one, now=NOW, back=2, ahead=1)
    assert [dict(table.counted(monday)) for monday in table.mondays] == [
        {"all": 1, "missed": 1},
        {"all": 1, "missed": 1},
        {"all": 1, "planned": 1},
        {"all": 1, "missing": 1},
    ]


@pytest.mark.django_db
def test_calendar_names_the_promise_that_a_slot_is_planned_for() -> None:
    one = plan(group(name="春日群"))
    assert [(each.number, each.name) for each in running_promises()] == [(one.pk, "春日群 · 护肤课堂")]
    end_promise(plan=one, by=None, now=NOW)
    assert list(running_promises()) == []
    named = promise(one.pk)
    assert (named.name if named else "", promise(10**9)) == ("春日群 · 护肤课堂", None)


def talked(of: Group, days: dict[date, int]) -> None:
    GroupDay.objects.bulk_create(
        GroupDay(group_id=of.pk, day=day, messages=count, speakers=min(count, 9), hours=[0] * 24)
        for day, count in days.items()
    )


def published(one: Group, began: date) -> None:
    """The first of its plan."""
    made = plan(one, begins_on=began)
    assert awakening(one, now=NOW) is None
    at = datetime.combine(began, time(20), ZONE)
    Slot.objects.create(
        type=made.type,
        title="第一课",
        owner=one.owner,
        planned_at=at,
        source_kind="value_plan",
        source_id=made.pk,
        state="published",
        published_at=at,
        published_by=one.owner,
        link="https://example.com/1",
        created_at=at,
        changed_at=at,
    )


@pytest.mark.django_db
def test_quiet_group_is_seen_to_wake() -> None:
    one, beside = group(opened=date(2025, 12, 1)), group(opened=date(2025, 12, 1))
    began, today = date(2026, 2, 2), timezone.localdate(NOW)
    published(one, began)
    talked(one, {began - timedelta(days=back): 10 for back in range(1, 29)})
    talked(one, {began + timedelta(days=place): 170 for place in range((today - began).days)})
    talked(beside, {began + timedelta(days=place): 20 for place in range(-28, (today - began).days)})
    awake = awakening(one, now=NOW)
    assert awake is not None
    assert (awake.messages, awake.began) == (Change(10.0, 170.0, 28, 28), began)
    assert (awake.low, awake.high) == (150, 200)
    assert (awake.peers, awake.peers_messages.before, awake.peers_messages.since) == (1, 20.0, 20.0)
    assert (awake.on_value_days, awake.value_days, awake.on_other_days, awake.other_days) == (170.0, 1, 170.0, 27)


@pytest.mark.django_db
def test_plan_puts_no_group_to_sleep_on_days_that_nobody_told_of(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    one, beside, behind = (group(opened=date(2025, 12, 1)) for _each in range(3))
    began = date(2026, 2, 2)
    published(one, began)
    for chat, known in ((one, 14), (beside, 28), (behind, 10)):
        talked(chat, {began + timedelta(days=place): 20 for place in range(-28, known - 1)})
        brought(chat, datetime.combine(began + timedelta(days=known), time(12), ZONE))
    awake = awakening(one, now=NOW)
    assert awake is not None
    assert awake.messages == Change(20.0, (13 * 20 + 1) / 14, 28, 14)
    assert (awake.peers, awake.peers_messages.since) == (1, 20.0)
    assert (awake.value_days, awake.other_days) == (1, 13)
