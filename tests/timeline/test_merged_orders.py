"""An order is one order of a person, whichever of her records it was told for, before a merge, after it and after its end."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from unittest import mock

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import ScrmError
from members.models import Member
from members.rules.persons import ANYBODY, kin_of
from members.selectors.persons import told_under
from members.services import merge_members, unmerge_member
from tests.timeline.test_purchases import AT, in_a_transaction_undone, line
from timeline.models import OrderKey, Purchase, PurchaseLine, Rebuild
from timeline.rules import purchases as statements
from timeline.selectors.orders import order_facts
from timeline.services import PurchaseLineIn, PurchasesRecorded, record_purchases

pytestmark = [pytest.mark.servers, pytest.mark.django_db]
MINUTE = timedelta(minutes=1)
Step = tuple[str, int, int]


class Brand:
    """Customers with a record each, and a clock that goes on with every act."""

    def __init__(self, customers: int = 2) -> None:
        self.now = AT + timedelta(days=10)
        self.records = [Member.objects.create(name=f"客{number}").pk for number in range(customers)]

    def tick(self) -> datetime:
        self.now += MINUTE
        return self.now

    def merge(self, keep: int, merge: int) -> None:
        keep_it, merge_it = (Member.objects.get(pk=self.records[each]) for each in (keep, merge))
        merge_members(keep=keep_it, merge=merge_it, by=None, reason="同一个人", now=self.tick())

    def unmerge(self, who: int) -> None:
        member = Member.objects.get(pk=self.records[who])
        unmerge_member(member=member, by=None, reason="不是同一人", now=self.tick())

    def deliver(self, who: int, *lines: PurchaseLineIn) -> PurchasesRecorded:
        """As a till sends it: by her number, which leads to the record that stands for her."""
        owner = Member.objects.get(pk=self.records[who]).owner_id
        rows = [replace(row, line_no=number, member_id=owner) for number, row in enumerate(lines, 1)]
        return record_purchases(rows=rows, now=self.tick())


def of(number: int, count: int = 2) -> list[PurchaseLineIn]:
    """The first lines of the order of that number: 10, then 5, then 5 once more."""
    whole = [
        line(0, f"A{number}", product_code="P", unit_price=10),
        line(0, f"A{number}", product_code="Q", unit_price=5),
        line(0, f"A{number}", product_code="Q", unit_price=5),
    ]
    return whole[:count]


def back(number: int) -> PurchaseLineIn:
    return line(0, f"A{number}", product_code="P", unit_price=10, quantity=-1, line_at=AT + timedelta(days=1))


def stored() -> list[tuple[str, str, Decimal]]:
    return sorted((row.order_no, row.kind, row.amount) for row in Purchase.objects.all())


def test_order_delivered_again_after_a_merge_is_stored_once() -> None:
    brand = Brand()
    brand.deliver(1, *of(1))
    brand.merge(0, 1)
    counts = brand.deliver(1, *of(1))
    assert (counts.stored, counts.already_stored) == (0, 2)
    assert stored() == [("A1", "order", 15)]
    assert Purchase.objects.get().member_id == brand.records[1], "what was told of a record stays with it"


def test_order_that_grows_after_a_merge_grows_where_it_is() -> None:
    brand = Brand()
    brand.deliver(1, *of(1))
    brand.merge(0, 1)
    Rebuild.objects.all().delete()
    earlier = line(0, "A1", product_code="R", unit_price=2, line_at=AT - timedelta(days=40))
    assert brand.deliver(1, *of(1), earlier).completed == 1
    assert stored() == [("A1", "order", 17)]
    assert set(PurchaseLine.objects.values_list("member_id", "occurred_at")) == {(brand.records[1], earlier.line_at)}
    assert set(Rebuild.objects.values_list("member_id", flat=True)) == {brand.records[1]}


def test_refund_after_a_merge_lies_with_its_order() -> None:
    brand = Brand()
    brand.deliver(1, *of(1))
    brand.merge(0, 1)
    for _turn in range(2):
        brand.deliver(1, back(1))
    assert stored() == [("A1", "order", 15), ("A1", "refund", -10)]
    assert set(Purchase.objects.values_list("member_id", flat=True)) == {brand.records[1]}


def test_order_told_while_merged_is_known_after_the_merge_was_taken_back() -> None:
    brand = Brand()
    brand.merge(0, 1)
    brand.deliver(1, *of(1))
    brand.unmerge(1)
    assert brand.deliver(1, *of(1, 3), back(1)).stored == 2
    assert stored() == [("A1", "order", 20), ("A1", "refund", -10)]
    assert set(Purchase.objects.values_list("member_id", flat=True)) == {brand.records[0]}, "it stays with the owner"
    found = order_facts(member_id=brand.records[1], order_no="A1", source="shop")
    assert [row.kind for row in found] == ["order", "refund"], "and whoever sent it is told what is stored"


def test_the_same_number_of_the_other_customer_is_hers_before_and_after() -> None:
    """A shop that numbers per customer: what the owner bought before the merge is no order of the other's."""
    brand = Brand()
    brand.deliver(0, *of(1))
    brand.merge(0, 1)
    brand.unmerge(1)
    assert brand.deliver(1, *of(1)).purchases == 1
    assert sorted(Purchase.objects.values_list("member_id", flat=True)) == sorted(brand.records)


def test_two_orders_of_one_number_stay_two_when_their_customers_are_one() -> None:
    brand = Brand()
    other = line(0, "A1", product_code="R", unit_price=3)
    brand.deliver(0, *of(1, 3))
    brand.deliver(1, other, *of(1, 1))
    brand.merge(0, 1)
    for _turn in range(2):
        for lines in ([*of(1, 3), other, *of(1, 1)], [other], of(1)):
            assert brand.deliver(1, *lines).stored == 0
    assert stored() == [("A1", "order", 13), ("A1", "order", 20)]
    assert brand.deliver(0, *of(1, 3), *of(1, 3)).stored == 2, "one more of P is there already, of Q are two new"


def test_lines_that_name_a_merged_record_are_the_owners() -> None:
    """Somebody found out who she is before the merge, and records after it."""
    brand = Brand()
    brand.merge(0, 1)
    record_purchases(rows=[replace(row, member_id=brand.records[1], line_no=n) for n, row in enumerate(of(1))], now=AT)
    assert set(Purchase.objects.values_list("member_id", flat=True)) == {brand.records[0]}


def test_where_nobody_was_merged_nothing_more_is_asked() -> None:
    """The planted violation of every look-up: it would fail."""
    brand = Brand()
    with mock.patch.object(statements, "KIN", "SELECT 1 / 0"), mock.patch.object(statements, "OWNED", "nonsense"):
        brand.deliver(1, *of(1))
        assert brand.deliver(1, *of(1)).stored == 0


def test_plan_of_the_look_up_reads_no_row_of_members_that_are_not_merged() -> None:
    brand = Brand(3)
    brand.merge(0, 1)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {kin_of('SELECT unnest(ARRAY[1, 2, 3]::bigint[]) AS member_id')}")
        plan = "\n".join(text for (text,) in cursor.fetchall())
        cursor.execute(f"EXPLAIN {ANYBODY}")
        question = "\n".join(text for (text,) in cursor.fetchall())
    for said in (plan, question):
        assert "Seq Scan on members_member" not in said
        assert "members_merged" in said


def test_records_that_stood_for_hers_are_known_with_their_time() -> None:
    brand = Brand(4)
    brand.merge(1, 2)
    brand.merge(0, 1)
    brand.unmerge(1)
    assert Member.objects.get(pk=brand.records[2]).merged_into_id == brand.records[1], "it went along, both ways"
    brand.unmerge(2)
    first, second, third, other = brand.records
    assert told_under(third) == sorted([first, second, third])
    assert told_under(second) == sorted([first, second])
    assert told_under(first) == [first]
    assert told_under(other) == [other]


@st.composite
def stories(draw: st.DrawFn) -> list[Step]:
    """Orders 0 to 3 of three customers; whom an order is of does not change, and who is thought to be whom does."""
    customer = st.integers(0, 2)
    step = st.one_of(
        st.tuples(st.just("deliver"), st.integers(0, 3), st.integers(1, 3)),
        st.tuples(st.just("deliver"), st.integers(0, 3), st.integers(1, 3)),
        st.tuples(st.just("refund"), st.integers(0, 3), st.just(0)),
        st.tuples(st.just("merge"), customer, customer),
        st.tuples(st.just("unmerge"), customer, st.just(0)),
    )
    return draw(st.lists(step, min_size=4, max_size=14))


def play(brand: Brand, story: Sequence[Step]) -> dict[tuple[str, str], Decimal]:
    """What is to be stored: the most of each order, and its refund, however often and under whomever it was told."""
    told: dict[tuple[str, str], Decimal] = {}
    acts: dict[str, Callable[[int, int], object]] = {
        "deliver": lambda number, count: brand.deliver(number % 3, *of(number, count)),
        "refund": lambda number, _none: brand.deliver(number % 3, back(number)),
        "merge": brand.merge,
        "unmerge": lambda who, _none: brand.unmerge(who),
    }
    for what, one, other in story:
        try:
            with transaction.atomic():
                acts[what](one, other)
        except ScrmError:
            assert what in {"merge", "unmerge"}
            continue
        if what == "deliver":
            amount = Decimal([10, 15, 20][other - 1])
            told[f"A{one}", "order"] = max(amount, told.get((f"A{one}", "order"), amount))
        if what == "refund":
            told[f"A{one}", "refund"] = Decimal(-10)
    return told


@pytest.mark.django_db(transaction=True)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=stories())
def test_any_story_of_merges_stores_each_order_once(story: list[Step]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT timeline_ensure_months('{2025-11-01,2026-01-01}')")
    with in_a_transaction_undone():
        brand = Brand(3)
        told = play(brand, story)
        assert stored() == sorted((number, kind, amount) for (number, kind), amount in told.items())
        assert sorted(OrderKey.objects.values_list("order_no", "kind")) == sorted(told)
        lines = {row.purchase_id: Decimal(0) for row in PurchaseLine.objects.all()}
        for row in PurchaseLine.objects.all():
            lines[row.purchase_id] += row.amount
        assert lines == dict(Purchase.objects.values_list("pk", "amount"))
        connection.check_constraints()
