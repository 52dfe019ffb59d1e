"""Bringing seals to second places: in order, at least once, again until they have arrived."""

from datetime import datetime

from django.db.models import F

from audit.models import AuditAnchor, AuditSeal
from audit.services.places import SecondPlace, second_places
from core.errors import OutsideFailed
from core.services.claims import claimed

AT_ONCE = 200
WORK = "audit.deliver_seals"


def deliver_seals(*, now: datetime) -> dict[str, int]:
    """Bring every place what it lacks; answers how many seals each took. A place that fails is tried next time.

    One deliverer at a time, a second one brings nothing. The claim is the session's, not a transaction's: an open one
    would hold back the sealing for as long as a distant place takes to answer.
    """
    with claimed(WORK) as alone:
        return {place.code: _deliver(place, now) if alone else 0 for place in second_places()}


def _deliver(place: SecondPlace, now: datetime) -> int:
    anchor, _made = AuditAnchor.objects.get_or_create(place=place.code)
    taken = 0
    while place.due(anchor, now):
        seals = list(AuditSeal.objects.filter(number__gt=anchor.number).order_by("number")[:AT_ONCE])
        if not seals:
            break
        try:
            number = place.take(seals)
        except (OSError, OutsideFailed) as error:
            _note_failure(anchor, error, now)
            break
        _note_arrival(anchor, number, now)
        anchor.number, anchor.delivered_at = number, now
        taken += len(seals)
    return taken


def _note_arrival(anchor: AuditAnchor, number: int, now: datetime) -> None:
    AuditAnchor.objects.filter(place=anchor.place, number__lt=number).update(
        number=number, delivered_at=now, attempts=0, failed_at=None, error=""
    )


def _note_failure(anchor: AuditAnchor, error: Exception, now: datetime) -> None:
    AuditAnchor.objects.filter(place=anchor.place).update(
        attempts=F("attempts") + 1, failed_at=now, error=f"{type(error).__name__}: {error}"[:200]
    )
