"""Figures of offers are the sums of their rows, draws come out again; each planted fault is said."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.utils.translation import override

from core.registries import Verified, verifications
from loyalty.models import Coupon, CouponCode, CouponGrant, CouponRedemption, Draw, DrawEntry, Prize
from loyalty.selectors import verifying
from loyalty.services.coupons import claim, generate_codes, launch_coupon, redeem, release
from loyalty.services.draws import enter, run_draw
from tests import api
from tests.loyalty import offers
from tests.loyalty.offers import DAY, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _offered() -> None:
    """Claimed, used, given back; codes made beforehand; a draw run, one open."""
    coupon, printed = offers.live(), offers.approved(offers.draft(name="纸券", code_source="generated"))
    generate_codes(coupon=printed, count=3, by=None, now=NOW)
    printed = launch_coupon(coupon=printed, by=None, now=NOW)
    members = [api.member() for _number in range(3)]
    order: dict[str, Any] = {"member": None, "amount": Decimal(200), "store": None, "now": NOW, "by": None}
    for number, member in enumerate(members):
        grant = claim(coupon=coupon, member=member, by=None, now=NOW).grant_id
        if number:
            redeem(code=offers.code_of(grant), order_no=f"A{number}", **order)
    release(code=offers.code_of(grant), order_no="A2", now=NOW, by=None)
    claim(coupon=printed, member=members[0], by=None, now=NOW)
    prize = offers.prize("修护精华")
    run, _open = (offers.published(name=name, prizes=((prize.pk, 2),)) for name in ("周年抽奖", "年终抽奖"))
    enter(draw=run, member=members[0], by=None, now=NOW)
    run_draw(draw=run, by=None, now=NOW + 8 * DAY)


def found() -> dict[str, Verified]:
    with override("en"):
        return {each.code: each.find() for each in verifications if each.code.startswith("loyalty.")}


def test_what_was_done_adds_up() -> None:
    assert found() == {
        "loyalty.coupons": Verified(looked_at=2),
        "loyalty.prizes": Verified(looked_at=1),
        "loyalty.draws": Verified(looked_at=1),
    }
    assert Coupon.objects.order_by("pk").values_list("granted", "redeemed", "stock")[0] == (3, 1, 50)
    assert Prize.objects.get().reserved == 3


FAULTS: dict[str, tuple[Callable[[], object], str, str]] = {
    "granted": (
        lambda: Coupon.objects.filter(name="周年满减券").update(granted=5),
        "loyalty.coupons",
        "“周年满减券” counts as claimed 5; there are 3.",
    ),
    "redeemed": (
        lambda: Coupon.objects.filter(name="周年满减券").update(redeemed=3),
        "loyalty.coupons",
        "“周年满减券” counts as redeemed 3; there are 1.",
    ),
    "used": (
        lambda: CouponRedemption.objects.filter(released_at=None).update(released_at=NOW),
        "loyalty.coupons",
        "“周年满减券”: marked as redeemed 1; orders used 0.",
    ),
    "codes": (
        lambda: CouponCode.objects.filter(taken_at=None).latest("pk").delete(),
        "loyalty.coupons",
        "“纸券” counts as codes 3; there are 2.",
    ),
    "taken": (
        lambda: CouponGrant.objects.exclude(code=None).update(code=None),
        "loyalty.coupons",
        "“纸券”: codes taken 1; members hold 0.",
    ),
    "reserved": (
        lambda: Prize.objects.update(reserved=2),
        "loyalty.prizes",
        "“修护精华” counts as promised or won 2; there are 3.",
    ),
    "draws": (
        lambda: DrawEntry.objects.create(
            draw=Draw.objects.get(name="周年抽奖"), participant=1, ordinal=1, reason="x", entered_at=NOW
        ),
        "loyalty.draws",
        "The draw “周年抽奖” does not come out again.",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_planted_fault_is_said(name: str) -> None:
    plant, code, sentence = FAULTS[name]
    plant()
    assert {each: said.faults for each, said in found().items() if said.faults} == {code: (sentence,)}


def test_only_the_first_faults_are_said() -> None:
    for number in range(verifying.MOST_FAULTS + 2):
        offers.draft(name=f"券{number}")
    Coupon.objects.filter(name__startswith="券").update(granted=1)
    assert len(found()["loyalty.coupons"].faults) == verifying.MOST_FAULTS
