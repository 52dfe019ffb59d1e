"""What the object store holds, held against the database: whoever rewrote table and file has not rewritten the store.

The latest seal is enough, for it chains to all before it; and behind it nothing may lie. A store that does not answer,
or lets us write only, is not compared: its delivery says what is wrong with it.
"""

import logging
from collections.abc import Iterator

from audit.enums import Fault, Place
from audit.models import AuditAnchor, AuditSeal
from audit.services.places import OK, ObjectStore, second_places
from core.errors import OutsideFailed

NOT_THERE = 404
log = logging.getLogger(__name__)


def faults_of_the_store(latest: AuditSeal | None) -> Iterator[tuple[Fault, int]]:
    """Each fault with the number of its seal; `latest` is the latest one in the database."""
    for place in second_places():
        if isinstance(place, ObjectStore) and latest is not None:
            try:
                yield from _compared(place, latest)
            except (OSError, OutsideFailed) as error:
                log.warning("The object store of the seals was not compared: %s", type(error).__name__)


def _compared(store: ObjectStore, latest: AuditSeal) -> Iterator[tuple[Fault, int]]:
    there, number = store.read(latest.log, latest.number), latest.number
    if there.status in OK and there.body != latest.line:
        yield Fault.STORE_MISMATCH, number
    if there.status == NOT_THERE and number <= _delivered():
        yield Fault.STORE_MISSING, number
    cut_off = store.read(latest.log, number + 1).status in OK
    if cut_off and not AuditSeal.objects.filter(number=number + 1).exists():
        yield Fault.SEAL_MISSING, number + 1


def _delivered() -> int:
    return AuditAnchor.objects.filter(place=Place.STORE).values_list("number", flat=True).first() or 0
