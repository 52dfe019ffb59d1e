"""What some records hold."""

from collections.abc import Collection

from loyalty.enums import DrawState
from loyalty.models import CouponGrant, DrawEntry


def coupons_held(records: Collection[int]) -> int:
    """Coupons in these hands that are not used yet."""
    return CouponGrant.objects.filter(member__in=records, redeemed_at=None).count()


def open_chances(records: Collection[int]) -> int:
    """Their chances in draws that are not run yet."""
    return DrawEntry.objects.filter(member__in=records, draw__state=DrawState.PUBLISHED).count()
