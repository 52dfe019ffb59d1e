"""Addresses of offers: (name, permission, *arguments), for `pages_of_the_admin`."""

from collections.abc import Iterator
from typing import Any

from loyalty.models import Coupon, CouponGrant, Draw
from loyalty.services.coupons import claim
from members.models import Member
from tests.loyalty import offers

Row = tuple[Any, ...]


def looked_at() -> Iterator[Row]:
    """Pages that a GET shows."""
    coupon, draw = _coupon().pk, _draw().pk
    yield from (
        ("loyalty:coupons", "loyalty.view_coupon"),
        ("loyalty:coupon_add", "loyalty.add_coupon"),
        ("loyalty:coupon", "loyalty.view_coupon", coupon),
        ("loyalty:coupon_edit", "loyalty.change_coupon", coupon),
        ("loyalty:prizes", "loyalty.view_prize"),
        ("loyalty:draws", "loyalty.view_draw"),
        ("loyalty:draw_add", "loyalty.add_draw"),
        ("loyalty:draw", "loyalty.view_draw", draw),
        ("loyalty:draw_edit", "loyalty.change_draw", draw),
    )


def posted_to(member: Member) -> Iterator[Row]:
    """Addresses that take a POST only."""
    coupon, draw = _coupon(), _draw().pk
    grant = CouponGrant.objects.first() or _grant(member)
    yield from (
        ("loyalty:coupon_move", "loyalty.change_coupon", coupon.pk),
        ("loyalty:coupon_codes", "loyalty.change_coupon", coupon.pk),
        ("loyalty:code", "loyalty.read_code", grant.pk),
        ("loyalty:prize_save", "loyalty.add_prize"),
        ("loyalty:prize_settings", "loyalty.change_offersettings"),
        ("loyalty:draw_move", "loyalty.change_draw", draw),
    )


def _coupon() -> Coupon:
    return Coupon.objects.first() or offers.live()


def _draw() -> Draw:
    return Draw.objects.first() or offers.published()


def _grant(member: Member) -> CouponGrant:
    return CouponGrant.objects.get(pk=claim(coupon=offers.live(), member=member, by=None, now=offers.NOW).grant_id)
