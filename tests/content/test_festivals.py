"""Lunar and solar festivals against the dates that the State Council has published."""

from datetime import date

import pytest

from content.rules.festivals import Day, day_in, days_between

SPRING = Day(reckoning="lunar", month=1, day=1)
EVE = Day(reckoning="lunar", month=1, day=1, offset=-1)


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        (SPRING, {2024: date(2024, 2, 10), 2025: date(2025, 1, 29), 2026: date(2026, 2, 17), 2027: date(2027, 2, 6)}),
        (EVE, {2024: date(2024, 2, 9), 2026: date(2026, 2, 16)}),
        (Day(reckoning="lunar", month=5, day=5), {2025: date(2025, 5, 31), 2026: date(2026, 6, 19)}),
        (Day(reckoning="lunar", month=8, day=15), {2025: date(2025, 10, 6), 2026: date(2026, 9, 25)}),
        (Day(reckoning="lunar", month=7, day=7), {2025: date(2025, 8, 29), 2026: date(2026, 8, 19)}),
        (Day(reckoning="term", term="清明"), {2025: date(2025, 4, 4), 2026: date(2026, 4, 5), 2028: date(2028, 4, 4)}),
        (Day(reckoning="term", term="冬至"), {2025: date(2025, 12, 21), 2026: date(2026, 12, 22)}),
        (Day(reckoning="weekday", month=5, weekday=6, day=2), {2026: date(2026, 5, 10)}),
        (Day(reckoning="solar", month=2, day=29), {2027: None, 2028: date(2028, 2, 29)}),
        (Day(reckoning="once", once=date(2026, 12, 1)), {2026: date(2026, 12, 1), 2027: None}),
    ],
)
def test_day_falls_where_it_was_published(rule: Day, days: dict[int, date | None]) -> None:
    assert {year: day_in(rule, year) for year in days} == days


def test_laba_of_a_lunar_year_belongs_to_the_solar_year_of_its_day() -> None:
    laba = Day(reckoning="lunar", month=12, day=8)
    assert day_in(laba, 2026) == date(2026, 1, 26)
    assert day_in(laba, 2027) == date(2027, 1, 15)


def test_thirtieth_of_a_short_lunar_month_is_its_last_day() -> None:
    last = Day(reckoning="lunar", month=12, day=30)
    assert day_in(last, 2026) == date(2026, 2, 16)  # a month of 29 days
    assert day_in(last, 2024) == date(2024, 2, 9)  # a month of 30


def test_stretch_that_began_before_is_found() -> None:
    week = Day(reckoning="solar", month=10, day=1, length=7)
    found = days_between([("national", week)], date(2026, 10, 5), date(2026, 10, 9))
    assert found == [(date(2026, 10, 1), date(2026, 10, 7), "national")]


def test_stretches_stand_in_order_and_outside_ones_are_left_out() -> None:
    rules = [("spring", SPRING), ("eve", EVE), ("women", Day(reckoning="solar", month=3, day=8))]
    found = days_between(rules, date(2026, 2, 1), date(2026, 2, 28))
    assert [(begins, owner) for begins, _ends, owner in found] == [
        (date(2026, 2, 16), "eve"),
        (date(2026, 2, 17), "spring"),
    ]
