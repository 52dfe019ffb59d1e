"""Coupons follow the purchases of the timeline."""

from django.db.backends.utils import CursorWrapper
from django.utils import timezone

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


consumers.register(CouponCodes())
