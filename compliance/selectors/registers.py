"""Named reads of the registers; each holds some tens of rows."""

from datetime import datetime

from django.db.models import QuerySet

from compliance.enums.registers import EntryState
from compliance.models import Recipient, WatchedRule


def unproved_recipients() -> QuerySet[Recipient]:
    """Contracts that ended without a proof that the data were returned or deleted."""
    return Recipient.objects.filter(state=EntryState.ENDED, deletion_proof="")


def overdue_rules(*, now: datetime) -> tuple[int, list[WatchedRule]]:
    """(how many are watched, those that should have been looked at by now, the longest overdue first)."""
    rows = list(WatchedRule.objects.filter(is_watched=True).select_related("owner"))
    return len(rows), sorted((row for row in rows if row.due_at <= now), key=lambda row: row.due_at)
