"""Coupons follow the purchases of the timeline; what members do with offers becomes facts of it."""

from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from loyalty.services.acts import write_claims, write_entries
from loyalty.services.crediting import credit_orders, nothing_was_given
from timeline.models import Consumer, consumers


class CouponCodes(Consumer):
    """Codes on orders are used up, codes of orders given back are free again. An order that comes again changes nothing."""

    code = "loyalty.coupon_codes"
    table = "timeline_purchase"
    order = 200

    def begin(self, cursor: CursorWrapper) -> bool:
        """Where no code was ever given, old orders name none of ours."""
        del cursor
        return nothing_was_given()

    def handle(self, cursor: CursorWrapper, batch: str) -> None:
        del cursor
        credit_orders(batch=batch, now=timezone.now())


class CouponClaims(Consumer):
    """Coupons that members claimed become interactions."""

    code = "loyalty.coupon_claims"
    table = "loyalty_coupongrant"
    order = 30

    def handle(self, cursor: CursorWrapper, batch: str) -> None:
        write_claims(cursor, batch=batch, now=timezone.now())


class DrawEntries(Consumer):
    """Chances in draws become interactions."""

    code = "loyalty.draw_entries"
    table = "loyalty_drawentry"
    order = 31

    def handle(self, cursor: CursorWrapper, batch: str) -> None:
        write_entries(cursor, batch=batch, now=timezone.now())


consumers.register_all((CouponCodes(), CouponClaims(), DrawEntries()))
