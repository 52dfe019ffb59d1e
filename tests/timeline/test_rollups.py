"""Sums per member and day, against the facts themselves."""

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from members.models import Member
from tests.timeline.facts import AT, NOW, act, buy, settle
from timeline.models import Interaction, InteractionDay, Purchase, PurchaseDay
from timeline.services import ensure_months, follow_all

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture(autouse=True)
def _shanghai(settings: Any) -> None:
    settings.TIME_ZONE = "Asia/Shanghai"
    ensure_months([date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)])


@pytest.fixture
def member() -> Member:
    return Member.objects.create()


def catch_up() -> int:
    settle()
    return sum(follow_all(now=NOW).values())


def purchase_days() -> set[tuple[Any, ...]]:
    return set(PurchaseDay.objects.values_list("member_id", "day", "orders", "coupon_orders", "amount"))


def from_facts() -> set[tuple[Any, ...]]:
    """The same, computed plainly."""
    sums: dict[tuple[int, date], list[Any]] = {}
    for row in Purchase.objects.all():
        day = sums.setdefault((row.member_id, row.occurred_at.astimezone(SHANGHAI).date()), [0, 0, Decimal(0)])
        day[0] += row.sold
        day[1] += row.sold and row.coupon_code != ""
        day[2] += row.amount
    return {(*key, *values) for key, values in sums.items()}


def test_purchase_days_count_orders_coupons_and_net_money_of_the_local_day(member: Member) -> None:
    late = datetime(2026, 1, 10, 16, 30, tzinfo=UTC)
    buy(member.pk, "A1", unit_price=10, coupon_code="NEW")
    buy(member.pk, "A2", unit_price=5)
    buy(member.pk, "A1", quantity=-1, unit_price=3)
    buy(member.pk, "A3", quantity=0)
    buy(member.pk, "A4", unit_price=7, line_at=late)
    catch_up()
    assert purchase_days() == {
        (member.pk, date(2026, 1, 10), 2, 1, Decimal("12.00")),
        (member.pk, date(2026, 1, 11), 1, 0, Decimal("7.00")),
    }


def test_purchase_days_follow_an_order_that_moves_to_an_earlier_day(member: Member) -> None:
    buy(member.pk, unit_price=10)
    catch_up()
    buy(member.pk, unit_price=3, line_at=AT - timedelta(days=30))
    catch_up()
    assert purchase_days() == {(member.pk, date(2025, 12, 11), 1, 0, Decimal("13.00"))}


def test_interaction_days_count_by_kind(member: Member) -> None:
    catch_up()
    act(member.pk, AT, AT + timedelta(minutes=1), AT + timedelta(days=1))
    act(member.pk, AT, kind="click")
    catch_up()
    assert set(InteractionDay.objects.values_list("day", "kind", "count")) == {
        (date(2026, 1, 10), "browse", 2),
        (date(2026, 1, 10), "click", 1),
        (date(2026, 1, 11), "browse", 1),
    }


def test_following_twice_changes_nothing(member: Member) -> None:
    buy(member.pk)
    catch_up()
    before = purchase_days()
    assert catch_up() == 0
    assert purchase_days() == before


def test_from_the_beginning_equals_batch_by_batch(member: Member) -> None:
    """All orders at one stroke, and the same orders followed as they came."""
    chance = random.Random(7)
    for number in range(60):
        buy(
            member.pk,
            f"A{chance.randrange(25)}",
            unit_price=chance.randrange(1, 50),
            quantity=chance.choice([1, 2, -1]),
            product_code=str(number),
            coupon_code=chance.choice(["", "C"]),
            line_at=AT + timedelta(hours=chance.randrange(-300, 300)),
        )
        if number % 7 == 0:
            catch_up()
    catch_up()
    assert purchase_days() == from_facts()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM timeline_purchaseday")
        cursor.execute("DELETE FROM timeline_cursor")
    catch_up()
    assert purchase_days() == from_facts()


def test_interactions_are_stored_once(member: Member) -> None:
    act(member.pk, AT, AT + timedelta(hours=1))
    act(member.pk, AT, key="k1")
    act(member.pk, AT + timedelta(days=1), key="k1")
    act(member.pk, AT)
    act(member.pk, AT, kind="click")
    assert Interaction.objects.count() == 4


def test_wrong_sums_are_computed_anew_without_their_cursor(member: Member) -> None:
    """What docs/operations.md says to do."""
    buy(member.pk, "A1", unit_price=10)
    catch_up()
    PurchaseDay.objects.update(orders=99)
    assert catch_up() == 0
    assert purchase_days() != from_facts()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM timeline_cursor WHERE consumer LIKE 'timeline.%_days'")
    catch_up()
    assert purchase_days() == from_facts() == {(member.pk, date(2026, 1, 10), 1, 0, Decimal("10.00"))}
