"""Redeeming once, giving back once, with the rules of the coupon and of the order."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections

from audit.models import AuditEntry
from core.errors import ScrmError
from loyalty.errors import (
    BelowMinimum,
    CodeOfAnother,
    CodeUnknown,
    CodeUsed,
    CouponExpired,
    NotRedeemed,
    NotStackable,
)
from loyalty.models import Coupon, CouponCode, CouponGrant, CouponRedemption
from loyalty.selectors.codes import code_of_place
from loyalty.services.coupons import Redeemed, claim, generate_codes, import_codes, launch_coupon, redeem, release
from members.models import Member
from tests import api
from tests.loyalty import offers
from tests.loyalty.offers import NOW

pytestmark = pytest.mark.django_db


def use(code: str, member: Member | None = None, order_no: str = "A1", **values: Any) -> Redeemed:
    given: dict[str, Any] = {"amount": Decimal(200), "store": None, "by": None, "now": NOW}
    return redeem(code=code, member=member, order_no=order_no, **{**given, **values})


def held(**values: Any) -> tuple[Coupon, Member, str]:
    coupon, member = offers.live(**values), api.member()
    return coupon, member, offers.code_of(claim(coupon=coupon, member=member, by=None, now=NOW).grant_id)


def figures(coupon: Coupon) -> tuple[int, int]:
    coupon.refresh_from_db()
    return coupon.granted, coupon.redeemed


def test_code_is_redeemed_once_and_read_as_it_is_printed() -> None:
    coupon, member, code = held()
    done = use(f"{code[:4]}-{code[4:8]}-{code[8:]}".lower(), member)
    assert (done.new, done.benefit, figures(coupon)) == (True, Decimal(20), (1, 1))
    again = use(code, member)
    assert (again.new, again.redemption_id) == (False, done.redemption_id)
    with pytest.raises(CodeUsed):
        use(code, member, "A2")
    assert (CouponRedemption.objects.count(), figures(coupon)) == (1, (1, 1))
    assert AuditEntry.objects.filter(action="loyalty.redeem").count() == 1


@pytest.mark.parametrize(
    ("values", "amount", "benefit"),
    [
        ({"amount": Decimal(20), "min_spend": Decimal(0)}, "15", Decimal(15)),
        ({"kind": "percent", "percent": 15, "amount": None}, "199.90", Decimal("29.98")),
        ({"kind": "percent", "percent": 15, "amount": None, "most": Decimal(10)}, "199.90", Decimal(10)),
        ({"kind": "gift", "gift": "旅行装", "amount": None}, "199.90", None),
    ],
)
def test_benefit_follows_the_kind(values: dict[str, Any], amount: str, benefit: Decimal | None) -> None:
    _coupon, member, code = held(**values)
    assert use(code, member, amount=Decimal(amount)).benefit == benefit


def test_refusals_say_what_is_wrong() -> None:
    coupon, member, code = held()
    for error, values in (
        (CodeUnknown, {"code": "ABCD2345EFGH", "member": member}),
        (CodeOfAnother, {"code": code, "member": api.member()}),
        (BelowMinimum, {"code": code, "member": member, "amount": Decimal("99.99")}),
        (CouponExpired, {"code": code, "member": member, "now": coupon.ends_at}),
    ):
        with pytest.raises(error):
            use(**values)
    assert figures(coupon) == (1, 0)


def test_later_end_holds_for_coupons_already_claimed_but_days_do_not_move() -> None:
    coupon, member, code = held()
    Coupon.objects.update(ends_at=coupon.ends_at + timedelta(days=10))
    assert use(code, member, now=coupon.ends_at + timedelta(days=5)).new
    _coupon, other, second = held(valid_days=3)
    with pytest.raises(CouponExpired):
        use(second, other, now=NOW + timedelta(days=3))


def test_refund_storm_gives_back_once() -> None:
    coupon, member, code = held()
    use(code, member)
    for _time in range(10):
        release(code=code, order_no="A1", by=None, now=NOW)
    assert figures(coupon) == (1, 0)
    assert AuditEntry.objects.filter(action="loyalty.release").count() == 1
    with pytest.raises(CodeUsed):
        use(code, member)  # the order that was given back does not use it again
    assert use(code, member, "A2").new
    assert figures(coupon) == (1, 1)
    with pytest.raises(NotRedeemed):
        release(code=code, order_no="A9", by=None, now=NOW)


def test_coupons_of_one_order_go_together_by_their_groups() -> None:
    member = api.member()

    def code(**values: Any) -> str:
        return offers.code_of(claim(coupon=offers.live(**values), member=member, by=None, now=NOW).grant_id)

    shop, freight = ({"stacking": "groups", "stack_group": name} for name in ("店铺", "运费"))
    use(code(**shop), member)
    use(code(**freight), member)
    for values in (shop, {}):
        with pytest.raises(NotStackable):
            use(code(**values), member)
    assert use(code(), member, "A2").new
    with pytest.raises(NotStackable):
        use(code(**shop), member, "A2")


def test_printed_code_belongs_to_whoever_brings_it() -> None:
    coupon = offers.draft(code_source="generated")
    generate_codes(coupon=coupon, count=1, by=None, now=NOW)
    coupon = launch_coupon(coupon=offers.approved(coupon), by=None, now=NOW)
    code, member = code_of_place(f"code:{CouponCode.objects.get().pk}"), api.member()
    with pytest.raises(CodeUnknown):
        use(code)
    assert use(code, member).grant.member == member
    assert figures(coupon) == (1, 1)


def test_imported_codes_are_sealed_and_work() -> None:
    coupon = offers.draft(code_source="imported")
    assert import_codes(
        coupon=coupon, texts=["VIP-2026-001", "vip-2026-001 ", "", "VIP-2026-002"], by=None, now=NOW
    ) == (
        2,
        1,
    )
    assert import_codes(coupon=coupon, texts=["VIP-2026-002"], by=None, now=NOW) == (0, 1)
    coupon = launch_coupon(coupon=offers.approved(coupon), by=None, now=NOW)
    assert coupon.stock == 2
    member = api.member()
    claimed = claim(coupon=coupon, member=member, by=None, now=NOW)
    assert offers.code_of(claimed.grant_id) == "VIP-2026-001"
    assert use("vip-2026-001", member).new


@pytest.mark.chaos
@pytest.mark.django_db(transaction=True)
def test_rivals_redeem_one_code_for_one_order() -> None:
    coupon, member, code = held()

    def attempt(number: int) -> str:
        try:
            return "new" if use(code, member, f"A{number}").new else "again"
        except ScrmError as refused:
            return refused.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(10) as pool:
        said = Counter(pool.map(attempt, range(30)))
    assert said == {"new": 1, "coupon_code_used": 29}
    assert figures(coupon) == (1, 1)
    assert CouponGrant.objects.get().redemptions.filter(released_at=None).count() == 1
