"""How the master key stands: by the ring, and by what was done to it."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Q

from audit.models import AuditEntry
from core.keys import in_use_since, key_ring, key_ring_path
from core.services.rotation import BEGUN, FINISHED


@dataclass(frozen=True, kw_only=True)
class KeysState:
    """`unfinished`: some data keys may still be wrapped by an older version. `older`: such versions are in the ring."""

    version: int
    since: datetime | None
    older: bool
    unfinished: bool


def keys_state() -> KeysState:
    """Two rows of the record of acts tell whether a rotation ended: counting data keys would read all of them."""
    ring = key_ring()
    latest = AuditEntry.objects.filter(action__in=(BEGUN, FINISHED)).aggregate(
        begun=Max("pk", filter=Q(action=BEGUN), default=0), finished=Max("pk", filter=Q(action=FINISHED), default=0)
    )
    return KeysState(
        version=ring.wrapper.version,
        since=in_use_since(key_ring_path()),
        older=len(ring.wrappers) > 1,
        unfinished=latest["begun"] > latest["finished"],
    )
