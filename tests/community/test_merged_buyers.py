"""A buyer with several records: each order of hers is shared once, whatever was merged and un-merged around it."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from community.models import ShareOrder
from core.errors import ScrmError
from members.models import Member
from members.services import merge_members, unmerge_member
from tests.community import earnings as cast
from tests.community.earnings import DAY, NOW
from timeline.models import Purchase
from timeline.services import PurchaseLineIn, record_purchases

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _months() -> None:
    cast.months()


def deliver(buyer: Member, number: int, code: str | None, now: datetime, *, back: bool = False) -> None:
    """As a till sends it, by a number that leads to whoever stands for her: 100, or 40 of it given back."""
    row = PurchaseLineIn(
        line_no=1,
        member_id=Member.objects.get(pk=buyer.pk).owner_id,
        source="shop",
        order_no=f"A{number}",
        line_at=NOW - DAY,
        product_code="P",
        quantity=Decimal(-1 if back else 1),
        unit_price=Decimal(40 if back else 100),
        referral_code="" if back else code or "",
    )
    record_purchases(rows=[row], now=now)


@st.composite
def stories(draw: st.DrawFn) -> list[tuple[str, int, int]]:
    """Orders 0 to 2 of three records, whose person is thought to be this one and then that."""
    number = st.integers(0, 2)
    what = st.sampled_from(("order", "order", "refund", "merge", "merge", "unmerge"))
    return draw(st.lists(st.tuples(what, number, number), min_size=3, max_size=10))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=stories())
def test_each_order_is_shared_once(story: list[tuple[str, int, int]]) -> None:
    with transaction.atomic():
        cast.rule()
        koc, buyers = cast.koc(), cast.people(3)
        cast.agree(koc.member or buyers[0])
        orders, refunds = set(), set()
        now = NOW
        for what, one, other in story:
            now += MINUTE
            try:
                with transaction.atomic():
                    _act(what, buyers, one, other, koc.referral_code, now)
            except ScrmError:
                assert what in {"merge", "unmerge"}
            else:
                orders |= {one} if what == "order" else set()
                refunds |= {one} if what == "refund" else set()
            cast.book(now)
        assert Purchase.objects.filter(kind="order").count() == len(orders)
        assert Purchase.objects.filter(kind="refund").count() == len(refunds)
        shares = {f"A{number}": Decimal(6 if number in refunds else 10) for number in orders}
        assert dict(ShareOrder.objects.values_list("order_no", "share")) == shares
        assert ShareOrder.objects.count() == len(orders)
        assert cast.books(koc).get("pending", 0) == sum(shares.values())
        transaction.set_rollback(True)


def _act(  # noqa: PLR0917  # a step of a story, with what it is about
    what: str, buyers: list[Member], one: int, other: int, code: str | None, now: datetime
) -> None:
    member = Member.objects.get(pk=buyers[one].pk)
    match what:
        case "merge":
            merge_members(
                keep=member, merge=Member.objects.get(pk=buyers[other].pk), by=None, reason="同一个人", now=now
            )
        case "unmerge":
            unmerge_member(member=member, by=None, reason="不是同一人", now=now)
        case _:
            deliver(member, one, code, now, back=what == "refund")
