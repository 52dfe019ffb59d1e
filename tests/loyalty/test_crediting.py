"""Orders of the timeline use codes up, refunds give them back, each once."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection

from loyalty.models import Coupon, CouponCode, CouponGrant, CouponRedemption, UncreditedCode
from loyalty.privacy import erase_offers, export_offers
from loyalty.selectors.codes import code_of_place
from loyalty.services.coupons import claim, generate_codes, launch_coupon
from loyalty.services.crediting import credit_orders, nothing_was_given
from loyalty.services.draws import enter
from members.models import Member
from tests import api
from tests.loyalty import offers
from tests.loyalty.offers import NOW
from tests.timeline.facts import buy
from timeline.services import make_months

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _months() -> None:
    make_months(today=NOW.date())


def follow() -> tuple[int, int, int]:
    """Everything stored so far, as a consumer sees it."""
    done = credit_orders(batch="timeline_purchase", now=NOW)
    return done.used, done.given_back, done.uncredited


def held() -> tuple[Coupon, Member, str]:
    coupon, member = offers.live(), api.member()
    return coupon, member, offers.code_of(claim(coupon=coupon, member=member, by=None, now=NOW).grant_id)


def test_order_with_a_code_uses_it_once_however_often_it_comes() -> None:
    assert nothing_was_given()
    coupon, member, code = held()
    assert not nothing_was_given()
    buy(member.pk, "A1", line_at=NOW, unit_price=200, coupon_code=code.lower())
    assert follow() == (1, 0, 0)
    assert follow() == (0, 0, 0)
    use = CouponRedemption.objects.get()
    assert (use.order_no, use.member, use.amount, use.redeemed_at) == ("A1", member, Decimal(200), NOW)
    coupon.refresh_from_db()
    assert coupon.redeemed == 1


def test_unknown_and_used_codes_are_counted_not_lost() -> None:
    _coupon, member, code = held()
    buy(member.pk, "A1", line_at=NOW, coupon_code=code)
    buy(member.pk, "A2", line_at=NOW + timedelta(hours=1), coupon_code=code)
    buy(member.pk, "A3", line_at=NOW, coupon_code="ELSEWHERE-9")
    buy(member.pk, "A4", line_at=NOW)
    assert follow() == (1, 0, 2)
    assert follow() == (0, 0, 0)
    assert sorted(UncreditedCode.objects.values_list("fault", flat=True)) == ["unknown", "used"]
    assert CouponRedemption.objects.get().order_no == "A1"


def test_order_given_back_whole_frees_the_code_once() -> None:
    coupon, member, code = held()
    buy(member.pk, "A1", line_at=NOW, quantity=2, unit_price=100, coupon_code=code)
    follow()
    buy(member.pk, "A1", line_at=NOW + timedelta(days=1), quantity=-1, unit_price=100)
    assert follow() == (0, 0, 0)
    buy(member.pk, "A1", line_at=NOW + timedelta(days=2), quantity=-1, unit_price=100)
    assert follow() == (0, 1, 0)
    assert [follow() for _time in range(3)] == [(0, 0, 0)] * 3
    coupon.refresh_from_db()
    assert (coupon.granted, coupon.redeemed) == (1, 0)
    buy(member.pk, "A2", line_at=NOW + timedelta(days=3), coupon_code=code)
    assert follow() == (1, 0, 0)


def test_printed_code_at_the_till_becomes_hers() -> None:
    coupon = offers.draft(code_source="generated")
    generate_codes(coupon=coupon, count=1, by=None, now=NOW)
    coupon = launch_coupon(coupon=offers.approved(coupon), by=None, now=NOW)
    member = api.member()
    buy(member.pk, "A1", line_at=NOW, coupon_code=code_of_place(f"code:{CouponCode.objects.get().pk}"))
    assert follow() == (1, 0, 0)
    grant = CouponGrant.objects.get()
    assert (grant.member, grant.source_kind, grant.redeemed_at) == (member, "code", NOW)
    coupon.refresh_from_db()
    assert (coupon.granted, coupon.redeemed) == (1, 1)


def test_person_is_given_her_data_and_forgotten_without_breaking_counts() -> None:
    coupon, member, code = held()
    buy(member.pk, "A1", line_at=NOW, coupon_code=code)
    buy(member.pk, "A2", line_at=NOW, coupon_code="ELSEWHERE-9")
    follow()
    enter(draw=offers.published(), member=member, by=None, now=NOW)
    given = export_offers(member.pk)
    assert [len(given[name]) for name in ("coupons", "coupon_uses", "draw_entries")] == [1, 1, 1]
    assert given["coupon_uses"][0]["order"] == "A1"
    assert erase_offers(member.pk) == 4
    assert erase_offers(member.pk) == 0
    with connection.cursor() as cursor:
        for table in ("coupongrant", "couponredemption", "drawentry", "uncreditedcode"):
            cursor.execute(f"SELECT count(*) FROM loyalty_{table} WHERE member_id IS NOT NULL")
            assert cursor.fetchone() == (0,)
    coupon.refresh_from_db()
    assert (coupon.granted, coupon.redeemed, CouponGrant.objects.count()) == (1, 1, 1)
