"""Coupons: made, launched and ended; claimed; redeemed and given back."""

from loyalty.services.coupons.claiming import Claimed, claim
from loyalty.services.coupons.codes import generate_codes, import_codes, read_code
from loyalty.services.coupons.giving import give, require_open
from loyalty.services.coupons.keeping import (
    create_coupon,
    end_coupon,
    end_due_coupons,
    launch_coupon,
    pause_coupon,
    submit_coupon,
    terms_of,
    update_coupon,
)
from loyalty.services.coupons.redeeming import Redeemed, redeem, release

__all__ = [
    "Claimed",
    "Redeemed",
    "claim",
    "create_coupon",
    "end_coupon",
    "end_due_coupons",
    "generate_codes",
    "give",
    "import_codes",
    "launch_coupon",
    "pause_coupon",
    "read_code",
    "redeem",
    "release",
    "require_open",
    "submit_coupon",
    "terms_of",
    "update_coupon",
]
