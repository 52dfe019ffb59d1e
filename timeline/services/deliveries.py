"""Facts as programs deliver them: recorded, and the delivery written into the audit in the same transaction."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from accounts.models import User
from audit.services import record
from timeline.services.interactions import FactsRecorded, InteractionIn, TouchIn, record_interactions, record_touches
from timeline.services.purchases import PurchaseLineIn, PurchasesRecorded, record_purchases


@transaction.atomic
def deliver_purchases(*, rows: Sequence[PurchaseLineIn], by: User, now: datetime) -> PurchasesRecorded:
    """Record order lines that `by` sent. The caller has made sure that `by` may write for these members."""
    counts = record_purchases(rows=rows, now=now)
    _note("timeline.deliver_purchases", by, now, counts)
    return counts


@transaction.atomic
def deliver_interactions(*, rows: Sequence[InteractionIn], by: User, now: datetime) -> FactsRecorded:
    """Record interactions that `by` sent, under the same condition."""
    counts = record_interactions(rows=rows, now=now)
    _note("timeline.deliver_interactions", by, now, counts)
    return counts


@transaction.atomic
def deliver_touches(*, rows: Sequence[TouchIn], by: User, now: datetime) -> FactsRecorded:
    """Record touches that `by` sent, under the same condition."""
    counts = record_touches(rows=rows, now=now)
    _note("timeline.deliver_touches", by, now, counts)
    return counts


def _note(action: str, by: User, now: datetime, counts: PurchasesRecorded | FactsRecorded) -> None:
    changes = {name: [None, number] for name, number in asdict(counts).items()}
    record(by=by, action=action, changes=changes, at=now)
