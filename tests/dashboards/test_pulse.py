"""Yesterday beside the same weekday before."""

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from dashboards.selectors.pulse import Figure, pulse
from members.models import Member
from timeline.models import InteractionDay, PurchaseDay

SHANGHAI = ZoneInfo("Asia/Shanghai")
TODAY = dt.date(2026, 3, 18)


@pytest.fixture
def people(db: None) -> list[Member]:
    yesterday_late = dt.datetime(2026, 3, 17, 23, 59, 59, tzinfo=SHANGHAI)
    midnight = dt.datetime(2026, 3, 18, 0, 0, tzinfo=SHANGHAI)
    week_before = dt.datetime(2026, 3, 10, 0, 0, tzinfo=SHANGHAI)
    people = Member.objects.bulk_create(
        Member(registered_at=moment) for moment in (yesterday_late, midnight, week_before)
    )
    PurchaseDay.objects.bulk_create(
        PurchaseDay(member=member, day=day, orders=orders, coupon_orders=0, amount=Decimal(amount))
        for member, day, orders, amount in (
            (people[0], dt.date(2026, 3, 17), 2, "90.50"),
            (people[1], dt.date(2026, 3, 17), 0, "-10.50"),
            (people[0], dt.date(2026, 3, 10), 1, "40"),
            (people[0], dt.date(2026, 3, 18), 9, "999"),
        )
    )
    InteractionDay.objects.create(member=people[0], day=dt.date(2026, 3, 17), kind="browse", count=4)
    InteractionDay.objects.create(member=people[1], day=dt.date(2026, 3, 17), kind="open", count=1)
    return people


def test_pulse_takes_whole_local_days(people: list[Member]) -> None:
    figures = pulse(None, today=TODAY)
    assert figures.day == dt.date(2026, 3, 17)
    assert figures.revenue == Figure(Decimal("80.00"), Decimal("40.00"))
    assert figures.orders == Figure(2, 1)
    assert figures.buyers == Figure(1, 1)
    assert figures.interactions == Figure(5, 0)
    assert figures.joined == Figure(1, 1)


def test_pulse_stays_within_the_scope(people: list[Member]) -> None:
    figures = pulse(Member.objects.filter(pk=people[1].pk), today=TODAY)
    assert figures.revenue.value == Decimal("-10.50")
    assert figures.orders.value == 0
    assert figures.joined == Figure(0, 0)


def test_figure_change_is_unknown_without_a_day_before() -> None:
    assert Figure(5, 0).change is None
    assert Figure(Decimal(80), Decimal(40)).change == 1.0
