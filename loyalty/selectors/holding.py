"""What some records hold."""

from collections.abc import Collection

from loyalty.models import CouponGrant


def coupons_held(records: Collection[int]) -> int:
    """Coupons in these hands that are not used yet."""
    return CouponGrant.objects.filter(member__in=records, redeemed_at=None).count()
