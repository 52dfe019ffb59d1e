"""A repeated request does its work once: the answer is stored in the transaction of the work it answers for."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, Unprocessable
from core.keys import derived_sealer
from core.models import IdempotencyRecord

KEEP: Final = timedelta(hours=24)
PURPOSE = "stored-answers"


class RivalInFlight(Conflict):
    """The same request is being worked on at this moment."""

    code = "rival_in_flight"
    message = _("The same request is being worked on right now.")
    hint = _("Ask again with the same key in a moment.")


class KeyUsedOtherwise(Unprocessable):
    """The key stands for another request."""

    code = "idempotency_key_reused"
    message = _("This idempotency key was used for another request.")
    hint = _("Use a new key for a new request.")


@dataclass(frozen=True)
class StoredAnswer:
    status: int
    body: bytes


def once(
    *, actor: str, key: str, fingerprint: bytes, now: datetime, work: Callable[[], StoredAnswer]
) -> tuple[StoredAnswer, bool]:
    """The answer to this request, and whether it is a replay.

    `work` runs at most once per (actor, key) within a day, inside a transaction that commits its writes and the answer
    together; where it raises, neither is kept and the key is free again. Raises KeyUsedOtherwise for another
    fingerprint, RivalInFlight while the first is being worked on.
    """
    with transaction.atomic():
        _lock(actor, key)
        stored = IdempotencyRecord.objects.filter(actor=actor, key=key, expires_at__gt=now).first()
        if stored is not None:
            return _replayed(stored, fingerprint), True
        answer = work()
        values = {
            "fingerprint": fingerprint,
            "status": answer.status,
            "answer": derived_sealer(PURPOSE).seal(answer.body, _place(actor, key)),
            "created_at": now,
            "expires_at": now + KEEP,
        }
        IdempotencyRecord.objects.update_or_create(actor=actor, key=key, defaults=values)
        return answer, False


def purge_answers(*, now: datetime) -> int:
    """Delete answers whose day is over."""
    return IdempotencyRecord.objects.filter(expires_at__lte=now).delete()[0]


def _lock(actor: str, key: str) -> None:
    """Held to the end of the transaction, and let go by the server itself if the process dies."""
    digest = hashlib.sha256(f"idempotency|{actor}|{key}".encode()).digest()
    number = int.from_bytes(digest[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        if not cursor.fetchone()[0]:
            raise RivalInFlight


def _replayed(stored: IdempotencyRecord, fingerprint: bytes) -> StoredAnswer:
    if bytes(stored.fingerprint) != fingerprint:
        raise KeyUsedOtherwise
    body = derived_sealer(PURPOSE).open(bytes(stored.answer), _place(stored.actor, stored.key))
    return StoredAnswer(stored.status, body)


def _place(actor: str, key: str) -> bytes:
    return f"core.IdempotencyRecord.answer|{actor}|{key}".encode()
