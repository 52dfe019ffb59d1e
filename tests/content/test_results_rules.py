"""A value is observed, partial, missing or not due, and never 0 without somebody who would have counted."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from content.enums import Known
from content.rules.results import AccountDay, Facts, Live, Outcome, outcome

PUBLISHED = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
DUE = PUBLISHED + timedelta(days=7)
CHINA = ZoneInfo("Asia/Shanghai")
ALL = frozenset({"open", "save", "finished", "watch", "share"})


def facts(people: dict[str, int] | None = None, recorded: frozenset[str] = ALL, **more: object) -> Facts:
    counted = {name.replace("open", "reading"): count for name, count in (people or {}).items()}
    return Facts(published_at=PUBLISHED, due_at=DUE, people=counted, recorded=recorded, **({"zone": CHINA} | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "now", "expected"),
    [
        (
            facts({"open": 200, "finished": 150}),
            DUE,
            Outcome(known=Known.OBSERVED, value=Decimal("0.75"), part=150, base=200),
        ),
        (facts({"open": 200}), DUE, Outcome(known=Known.OBSERVED, value=Decimal(0), part=0, base=200)),
        (
            facts({"open": 10, "finished": 5}),
            DUE - timedelta(days=1),
            Outcome(known=Known.PARTIAL, value=Decimal("0.5"), part=5, base=10, reason="window_open"),
        ),
        (facts({"open": 9}, frozenset({"open"})), DUE, Outcome(known=Known.MISSING, reason="no_finished")),
        (facts(), DUE, Outcome(known=Known.MISSING, reason="no_reach")),
        (facts(), DUE - timedelta(days=1), Outcome(known=Known.NOT_DUE, reason="window_open")),
    ],
)
def test_read_through_is_what_was_finished_of_what_was_opened(given: Facts, now: datetime, expected: Outcome) -> None:
    assert outcome("read_through", given, now=now) == expected


def test_session_figures_come_from_its_report_alone() -> None:
    reported = facts(live=Live(gmv=Decimal(0), stay=None))
    assert outcome("gmv", reported, now=DUE) == Outcome(known=Known.OBSERVED, value=Decimal(0))
    assert outcome("stay", reported, now=DUE) == Outcome(known=Known.MISSING, reason="no_column")
    assert outcome("gmv", facts(), now=DUE) == Outcome(known=Known.MISSING, reason="no_live_report")
    assert outcome("gmv", facts(), now=PUBLISHED) == Outcome(known=Known.NOT_DUE, reason="window_open")


def day(days: int, followers: int | None, delivered: int | None = None, opened: int | None = None) -> AccountDay:
    return AccountDay(
        day=date(2026, 11, 1) + timedelta(days=days), followers=followers, delivered=delivered, opened=opened
    )


def test_growth_needs_a_month_and_says_so() -> None:
    half = facts(account=(day(0, 1000), day(10, 1100)))
    assert outcome("follower_growth", half, now=DUE) == Outcome(
        known=Known.PARTIAL, value=Decimal("0.1"), part=100, base=1000, reason="month_open"
    )
    whole = facts(account=(day(0, 1000), day(10, 1100), day(30, 1200)))
    assert outcome("follower_growth", whole, now=DUE).known == Known.OBSERVED
    assert outcome("follower_growth", whole, now=DUE).value == Decimal("0.2")
    alone = facts(account=(day(0, 1000),))
    assert outcome("follower_growth", alone, now=PUBLISHED + timedelta(days=31)).reason == "no_platform_report"


def test_openings_are_those_of_the_window() -> None:
    given = facts(account=(day(-1, 1, 100, 100), day(1, 1, 200, 150), day(3, 1, 100, 60), day(9, 1, 100, 0)))
    assert outcome("open_rate", given, now=DUE) == Outcome(
        known=Known.OBSERVED, value=Decimal("0.7"), part=210, base=300
    )
    gap = facts(account=(day(1, 1, 200, 150), day(3, 1, 100, None)))
    assert outcome("open_rate", gap, now=DUE).known == Known.PARTIAL
    assert outcome("open_rate", facts(), now=DUE) == Outcome(known=Known.MISSING, reason="no_platform_report")


def test_days_of_an_account_are_those_of_the_brand() -> None:
    night = datetime(2026, 11, 1, 17, 0, tzinfo=UTC)  # 2 November, 01:00 in China
    given = facts(account=(day(0, 1000, 100, 100), day(1, 1000, 200, 100)), zone=CHINA)
    given = replace(given, published_at=night, due_at=night + timedelta(days=7))
    assert outcome("open_rate", given, now=DUE + timedelta(days=1)).base == 200
    growth = replace(given, account=(day(0, 500), day(1, 1000), day(31, 1200)))
    assert outcome("follower_growth", growth, now=DUE).value == Decimal("0.2")
