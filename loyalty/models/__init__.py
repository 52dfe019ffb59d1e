"""Coupons, prizes, draws, and what a brand sets of them."""

from loyalty.models.coupons import Coupon, CouponCode, CouponGrant, CouponRedemption, UncreditedCode
from loyalty.models.draws import Draw, DrawEntry, DrawPrize, DrawWinner, Prize
from loyalty.models.settings import OfferSettings

__all__ = [
    "Coupon",
    "CouponCode",
    "CouponGrant",
    "CouponRedemption",
    "Draw",
    "DrawEntry",
    "DrawPrize",
    "DrawWinner",
    "OfferSettings",
    "Prize",
    "UncreditedCode",
]
