"""Periods, gaps, contradictions and suggestions, without a database."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.rules.cadence import Place, Rule, Span, contradictions, period_of, standing
from content.rules.suggestions import Reason, Situation, suggest

CHINA = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def rule(count: int = 3, period: str = "week", type_id: int = 1, starts: int = 0, zone: str = "Asia/Shanghai") -> Rule:
    return Rule(type_id=type_id, count=count, period=period, week_starts=starts, time_zone=zone)


def day_of(span: Span) -> tuple[date, date]:
    zone = span.first.tzinfo
    return span.first.astimezone(zone).date(), span.end.astimezone(zone).date()


@pytest.mark.parametrize(
    ("period", "starts", "first", "end"),
    [
        ("week", 0, date(2026, 11, 23), date(2026, 11, 30)),
        ("week", 6, date(2026, 11, 22), date(2026, 11, 29)),
        ("week", 2, date(2026, 11, 18), date(2026, 11, 25)),
        ("month", 0, date(2026, 11, 1), date(2026, 12, 1)),
        ("quarter", 0, date(2026, 10, 1), date(2027, 1, 1)),
    ],
)
def test_period_holds_the_moment_and_begins_where_the_rule_says(
    period: str, starts: int, first: date, end: date
) -> None:
    assert day_of(period_of(rule(period=period, starts=starts), MONDAY)) == (first, end)


def test_period_is_that_of_the_rules_own_time_zone() -> None:
    late = datetime(2026, 11, 30, 17, 0, tzinfo=UTC)  # 1 December in China, still November in London
    assert day_of(period_of(rule(period="month"), late))[0] == date(2026, 12, 1)
    assert day_of(period_of(rule(period="month", zone="Europe/London"), late))[0] == date(2026, 11, 1)


@given(
    moment=st.datetimes(datetime(2000, 1, 1), datetime(2089, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001
    period=st.sampled_from(["week", "month", "quarter"]),
    starts=st.integers(0, 6),
)
def test_periods_follow_each_other_without_a_hole(moment: datetime, period: str, starts: int) -> None:
    one = rule(period=period, starts=starts)
    span = period_of(one, moment)
    assert moment in span
    assert period_of(one, span.end).first == span.end
    assert period_of(one, span.end - timedelta(microseconds=1)) == span


def place(days: float, state: str = "draft", type_id: int = 1) -> Place:
    return Place(type_id=type_id, at=MONDAY + timedelta(days=days), state=state)


def test_standing_counts_published_and_planned_and_leaves_out_what_was_missed() -> None:
    places = [
        place(0, "published"),
        place(1, "measured"),
        place(2, "scheduled"),
        place(2, "missed"),
        place(3, "cancelled"),
        place(3, "scheduled", type_id=2),
        place(8, "scheduled"),
    ]
    found = standing(rule(5), places, at=MONDAY)
    assert (found.published, found.planned, found.missing) == (2, 1, 2)
    assert standing(rule(2), places, at=MONDAY).missing == 0


def test_slot_on_the_border_belongs_to_the_period_that_begins() -> None:
    span = period_of(rule(), MONDAY)
    places = [Place(type_id=1, at=span.first, state="draft"), Place(type_id=1, at=span.end, state="draft")]
    assert standing(rule(), places, at=MONDAY).planned == 1


@pytest.mark.parametrize(
    ("one", "other", "wrong"),
    [
        (rule(3), rule(4), True),
        (rule(3), rule(12, "month"), False),
        (rule(3), rule(11, "month"), True),
        (rule(5, "month"), rule(14, "quarter"), True),
        (rule(1, "quarter"), rule(1), True),
        (rule(3), rule(1, "month", type_id=2), False),
    ],
)
def test_contradictions_are_found_in_any_order(one: Rule, other: Rule, wrong: bool) -> None:
    assert bool(list(contradictions([one, other]))) is wrong
    assert bool(list(contradictions([other, one]))) is wrong


def situation(**changes: object) -> Situation:
    span = period_of(rule(), MONDAY)
    windows = [(time(7), time(9)), (time(20), time(22))]
    values: dict[str, object] = {"span": span, "zone": CHINA, "now": MONDAY, "hours": None, "windows": windows}
    values["counted_in"] = CHINA
    return Situation(**(values | changes))  # type: ignore[arg-type]


def test_suggestions_prefer_the_active_hour_inside_a_window() -> None:
    hours = [0] * 24
    hours[20], hours[12] = 400, 100
    best = suggest(situation(hours=hours))[0]
    assert best.at.astimezone(CHINA).hour == 20
    assert best.reasons[0] == Reason("activity", 40, {"share": 0.8, "rank": 1, "whose": ""})
    assert best.score == 40 + 20 + 20 + 8


def test_hours_of_the_brand_are_read_in_the_zone_of_the_rule() -> None:
    hours = [0] * 24
    hours[20] = 400
    tokyo = ZoneInfo("Asia/Tokyo")
    best = suggest(situation(hours=hours, zone=tokyo, windows=[]))[0]
    assert (best.at.astimezone(CHINA).hour, best.at.astimezone(tokyo).hour) == (20, 21)


def test_suggestions_name_what_is_not_known() -> None:
    assert suggest(situation())[0].reasons[0] == Reason("activity_unknown", 0)


def test_suggestions_are_one_a_day_in_the_future_and_inside_the_period() -> None:
    found = suggest(situation(), most=20)
    days = [each.at.astimezone(CHINA).date() for each in found]
    assert sorted(days) == [date(2026, 11, 23) + timedelta(days=n) for n in range(7)]
    assert all(MONDAY + timedelta(hours=2) <= each.at for each in found)


def test_suggestions_keep_away_from_neighbours() -> None:
    tuesday = datetime(2026, 11, 24, 20, 0, tzinfo=CHINA)
    found = suggest(situation(same=[tuesday]), most=20)
    by_day = {each.at.date(): each for each in found}
    assert by_day[date(2026, 11, 24)].at.hour != 20
    apart = {reason.code: reason for reason in by_day[date(2026, 11, 26)].reasons}["distance"]
    assert apart.points == 20
    busy = suggest(situation(others=[tuesday]), most=20)
    assert {each.at.date(): each.at.hour for each in busy}[date(2026, 11, 24)] != 20


def test_suggestions_lead_up_to_a_festival_and_spare_a_busy_owner() -> None:
    friday = date(2026, 11, 27)
    best = suggest(situation(festivals={friday: "品牌日"}))[0]
    assert best.at.date() == friday
    assert Reason("festival", 12, {"name": "品牌日", "days": 0}) in best.reasons
    loaded = suggest(situation(festivals={friday: "品牌日"}, load={friday: 4}))[0]
    assert loaded.at.date() == date(2026, 11, 26)


def test_suggestions_of_a_period_that_is_over_are_none() -> None:
    assert suggest(situation(now=MONDAY + timedelta(days=14))) == []
