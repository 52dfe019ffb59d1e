"""Recording purchases."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from unittest import mock

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from members.models import Member
from timeline.errors import FactNotRecorded
from timeline.models import OrderKey, Product, Purchase, PurchaseLine, Rebuild
from timeline.services import PurchaseLineIn, PurchasesRecorded, record_purchases

pytestmark = [pytest.mark.servers, pytest.mark.django_db]
NOW = datetime(2026, 3, 1, tzinfo=UTC)
AT = datetime(2026, 1, 10, 12, tzinfo=UTC)


@pytest.fixture
def member() -> Member:
    return Member.objects.create(name="林晓")


def line(member_id: int, order_no: str = "A1", **values: Any) -> PurchaseLineIn:
    given: dict[str, Any] = {
        "line_no": 1,
        "source": "shop",
        "line_at": AT,
        "product_code": "P",
        "quantity": 1,
        "unit_price": 1,
    }
    given |= {name: Decimal(str(values[name])) for name in ("quantity", "unit_price") if name in values} | {
        name: value for name, value in values.items() if name not in {"quantity", "unit_price"}
    }
    return PurchaseLineIn(member_id=member_id, order_no=order_no, **given)


def record(*lines: PurchaseLineIn) -> PurchasesRecorded:
    return record_purchases(rows=[replace(row, line_no=number) for number, row in enumerate(lines, 1)], now=NOW)


def stored() -> dict[tuple[Any, ...], Any]:
    """Every order with its lines, as values."""
    lines: dict[int, list[Any]] = {}
    for row in PurchaseLine.objects.select_related("product"):
        lines.setdefault(row.purchase_id, []).append(
            (row.product.code, row.quantity, row.unit_price, row.amount, row.line_at, row.occurred_at, row.member_id)
        )
    keys = {row.purchase_id: row.occurred_at for row in OrderKey.objects.all()}
    return {
        (row.member_id, row.source, row.order_no, row.kind): (
            row.occurred_at,
            row.amount,
            row.sold,
            row.store_id,
            row.channel,
            row.coupon_code,
            keys[row.pk],
            sorted(lines[row.pk]),
        )
        for row in Purchase.objects.all()
    }


def test_record_purchases_makes_one_order_of_its_lines(member: Member) -> None:
    counts = record(
        line(member.pk, quantity=2, unit_price="3.50", line_at=AT + timedelta(minutes=1), channel="shop"),
        line(member.pk, product_code="Q", product_name="面霜", unit_price=10, coupon_code="NEW"),
    )
    assert counts == PurchasesRecorded(offered=2, stored=2, already_stored=0, purchases=1, refunds=0, completed=0)
    order = Purchase.objects.get()
    assert (order.occurred_at, order.amount, order.sold, order.kind) == (AT, Decimal("17.00"), True, "order")
    assert (order.channel, order.coupon_code, order.received_at) == ("shop", "NEW", NOW)
    assert set(Product.objects.values_list("code", "name")) == {("P", ""), ("Q", "面霜")}
    assert set(PurchaseLine.objects.values_list("occurred_at", flat=True)) == {AT}


@pytest.mark.parametrize(
    ("quantity", "price", "amount"),
    [("3", "0.335", "1.01"), ("1", "0.005", "0.01"), ("1", "0.0049", "0.00"), ("-1", "0.005", "-0.01")],
)
def test_record_purchases_rounds_half_up(member: Member, quantity: str, price: str, amount: str) -> None:
    record(line(member.pk, quantity=quantity, unit_price=price))
    assert Purchase.objects.get().amount == PurchaseLine.objects.get().amount == Decimal(amount)


def test_record_purchases_keeps_refunds_apart(member: Member) -> None:
    later = AT + timedelta(days=3)
    counts = record(line(member.pk, unit_price=10), line(member.pk, quantity=-1, unit_price=4, line_at=later))
    assert (counts.purchases, counts.refunds) == (1, 1)
    assert set(Purchase.objects.values_list("kind", "amount", "sold", "occurred_at")) == {
        ("order", Decimal("10.00"), True, AT),
        ("refund", Decimal("-4.00"), False, later),
    }


def test_record_purchases_does_not_call_an_adjustment_sold(member: Member) -> None:
    record(line(member.pk, quantity=0, unit_price=5))
    order = Purchase.objects.get()
    assert (order.kind, order.sold, order.amount) == ("order", False, Decimal("0.00"))


def test_record_purchases_keeps_identical_lines(member: Member) -> None:
    assert record(line(member.pk), line(member.pk), line(member.pk)).stored == 3
    assert Purchase.objects.get().amount == Decimal("3.00")


def test_record_purchases_twice_changes_nothing(member: Member) -> None:
    lines = [line(member.pk), line(member.pk), line(member.pk, quantity=-1), line(member.pk, "A2", unit_price=7)]
    record(*lines)
    before, xids = stored(), set(Purchase.objects.values_list("id", "xid"))
    counts = record(*lines)
    assert counts == PurchasesRecorded(offered=4, stored=0, already_stored=4, purchases=0, refunds=0, completed=0)
    assert stored() == before
    assert set(Purchase.objects.values_list("id", "xid")) == xids
    assert not Rebuild.objects.exists()


def test_record_purchases_takes_one_number_of_two_customers_for_two_orders(member: Member) -> None:
    other = Member.objects.create()
    assert record(line(member.pk), line(other.pk)).purchases == 2


def test_record_purchases_takes_one_number_of_two_sources_for_two_orders(member: Member) -> None:
    assert record(line(member.pk), line(member.pk, source="pos")).purchases == 2


def test_record_purchases_completes_an_order_and_moves_it_back(member: Member) -> None:
    record(line(member.pk, unit_price=5))
    xid = Purchase.objects.get().xid
    earlier = AT - timedelta(days=40)
    counts = record(line(member.pk, unit_price=5), line(member.pk, product_code="Q", unit_price=3, line_at=earlier))
    assert counts == PurchasesRecorded(offered=2, stored=1, already_stored=1, purchases=0, refunds=0, completed=1)
    order = Purchase.objects.get()
    assert (order.occurred_at, order.amount) == (earlier, Decimal("8.00"))
    assert set(PurchaseLine.objects.values_list("occurred_at", flat=True)) == {earlier}
    assert OrderKey.objects.get().occurred_at == earlier
    assert list(Rebuild.objects.values_list("member_id", "xid")) == [(member.pk, order.xid)]
    assert order.xid >= xid


def test_record_purchases_of_nothing_is_nothing() -> None:
    assert record() == PurchasesRecorded(offered=0, stored=0, already_stored=0, purchases=0, refunds=0, completed=0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"line_at": datetime(1980, 1, 1, tzinfo=UTC)},
        {"line_at": datetime(9999, 1, 1, tzinfo=UTC)},
        {"quantity": "1e12"},
        {"unit_price": "1e11"},
        {"order_no": "x" * 65},
        {"product_name": "a\x00b"},
    ],
)
def test_record_purchases_refuses_what_does_not_fit_and_stores_nothing(member: Member, wrong: dict[str, Any]) -> None:
    with pytest.raises(FactNotRecorded), transaction.atomic():
        record(line(member.pk), line(member.pk, **{"order_no": "A2"} | wrong))
    assert stored() == {}


def test_record_purchases_refuses_a_row_without_a_month(member: Member) -> None:
    with pytest.raises(FactNotRecorded), transaction.atomic(), without_months():
        record(line(member.pk))


def without_months() -> Any:
    """The planted violation: the statement that makes months does nothing."""
    return mock.patch("timeline.rules.purchases.MONTHS", "SELECT 1")


def some_lines(members: Sequence[int]) -> st.SearchStrategy[list[PurchaseLineIn]]:
    def at(hours: int) -> datetime:
        return AT + timedelta(hours=hours)

    one = st.builds(
        line,
        st.sampled_from(members),
        st.sampled_from(["A1", "A2"]),
        product_code=st.sampled_from("PQ"),
        quantity=st.sampled_from([-2, -1, 0, 1, 2]),
        unit_price=st.sampled_from(["0.335", "2", "-1"]),
        line_at=st.sampled_from([-1000, 0, 1]).map(at),
        channel=st.sampled_from(["", "a", "b"]),
    )
    return st.lists(one, min_size=1, max_size=14)


@pytest.mark.django_db(transaction=True)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_record_purchases_of_parts_in_any_order_equals_the_whole(data: st.DataObject) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT timeline_ensure_months('{2025-11-01,2026-01-01}')")
    with in_a_transaction_undone():
        members = [Member.objects.create().pk, Member.objects.create().pk]
        lines = data.draw(some_lines(members))
        parts = parts_that_keep_equal_lines_together(lines, data.draw(st.integers(0, 2**32)))
        with in_a_transaction_undone():
            record(*lines)
            whole = stored()
        counts = [record(*part) for part in [*parts, *parts]]
        assert stored() == whole
        assert sum(count.stored for count in counts) == len(lines)


@contextmanager
def in_a_transaction_undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def parts_that_keep_equal_lines_together(lines: list[PurchaseLineIn], seed: int) -> list[list[PurchaseLineIn]]:
    """Cut between equal lines of one order is the one cut that cannot be healed."""
    chance = random.Random(seed)
    groups: dict[tuple[Any, ...], list[PurchaseLineIn]] = {}
    for row in lines:
        content = (row.member_id, row.order_no, row.product_code, row.quantity, row.unit_price, row.line_at)
        groups.setdefault(content, []).append(row)
    parts: list[list[PurchaseLineIn]] = [[], [], []]
    for group in groups.values():
        parts[chance.randrange(3)].extend(group)
    for part in parts:
        chance.shuffle(part)
    chance.shuffle(parts)
    return parts


def test_equal_lines_in_two_deliveries_count_as_the_larger_number(member: Member) -> None:
    record(line(member.pk), line(member.pk))
    record(line(member.pk), line(member.pk), line(member.pk))
    record(line(member.pk))
    assert Counter(PurchaseLine.objects.values_list("product__code", flat=True)) == {"P": 3}
    assert Purchase.objects.get().amount == Decimal("3.00")


def test_record_purchases_takes_a_relation(member: Member) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE mine ON COMMIT DROP AS SELECT 1::bigint AS line_no, %s::bigint AS member_id, 'f' AS source,"
            " 'A1' AS order_no, %s::timestamptz AS line_at, 'P' AS product_code, 'n' AS product_name, 2::numeric AS quantity,"
            " 1.5 AS unit_price, NULL::bigint AS store_id, '' AS channel, '' AS coupon_code, '' AS referral_code",
            [member.pk, AT],
        )
    assert record_purchases(staging="mine", now=NOW).stored == 1
    assert Purchase.objects.get().amount == Decimal("3.00")
