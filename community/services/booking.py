"""One booking at a time: what two computed from different facts must not be mixed."""

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from accounts.models import User
from community.enums.ledger import Book, Booking
from community.models import Delivery, Koc, LedgerTransaction
from community.rules.payout_sql import ONE

_ALONE = "SELECT pg_advisory_xact_lock(hashtextextended('community_ledger', 0))"


def alone(cursor: CursorWrapper) -> None:
    """From here to the end of the transaction nobody else books."""
    cursor.execute(_ALONE)


def book(
    *,
    kind: Booking,
    koc: Koc,
    sides: dict[Book, Decimal],
    key: str = "",
    delivery: Delivery | None = None,
    by: User | None,
    now: datetime,
) -> LedgerTransaction:
    """One transaction, by one statement; the database refuses it unless the sides sum to zero. Call it after `alone`."""
    given = {where.value: amount for where, amount in sides.items() if amount}
    values: dict[str, Any] = {
        "kind": kind.value,
        "koc": koc.pk,
        "key": key or f"{kind}:{uuid.uuid4().hex}",
        "delivery": delivery.pk if delivery else None,
        "by": by.pk if by else None,
        "now": now,
        "books": list(given),
        "amounts": list(given.values()),
    }
    with connection.cursor() as cursor:
        cursor.execute(ONE, values)
        (number,) = cursor.fetchone()
    return LedgerTransaction.objects.get(pk=number)


def is_booked(key: str) -> bool:
    return LedgerTransaction.objects.filter(key=key).exists()
