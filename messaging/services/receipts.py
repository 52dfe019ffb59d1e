"""What gateways tell later: that a message arrived, or did not."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from messaging.enums import DeliveryState, Receipt
from messaging.models import Delivery, Gateway

LARGEST = 2**63 - 1


@dataclass(frozen=True, kw_only=True)
class ReceiptIn:
    """Known by our `reference` or by the gateway's own number."""

    reference: str = ""
    external_id: str = ""
    delivered: bool
    error: str = ""


@transaction.atomic
def take_receipt(*, gateway: Gateway, receipt: ReceiptIn, now: datetime) -> bool:
    """Whether the message is one of this gateway's. The first word counts; it also ends a doubt."""
    row = _found(gateway, receipt)
    if row is None:
        return False
    row = Delivery.objects.select_for_update().get(pk=row.pk)
    if row.receipt or row.state not in {DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.UNKNOWN}:
        return True
    row.receipt, row.receipt_at = (Receipt.DELIVERED if receipt.delivered else Receipt.FAILED), now
    row.error = row.error if receipt.delivered else receipt.error[:80]
    if row.state == DeliveryState.UNKNOWN:
        row.state, row.due_at, row.lease, row.ended_at = DeliveryState.SENT, None, None, now
    row.save(update_fields=["receipt", "receipt_at", "error", "state", "due_at", "lease", "ended_at"])
    return True


def _found(gateway: Gateway, receipt: ReceiptIn) -> Delivery | None:
    rows = Delivery.objects.filter(send__gateway=gateway)
    if receipt.reference.isdecimal() and int(receipt.reference) <= LARGEST:
        return rows.filter(pk=int(receipt.reference)).first()
    if receipt.external_id:
        return rows.filter(external_id=receipt.external_id[:80]).order_by("-pk").first()
    return None
