"""The word of the gateway, written down: sent, refused, to be tried again, or in doubt."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from compliance.services.gate import take_back_contacts
from messaging.channels.contract import Result
from messaging.rules.ledger_sql import END
from messaging.rules.promises import Promise, after_call
from messaging.services.beginning import Begun, contacts_since, reference_of

Called = tuple[Begun, Result]


@transaction.atomic
def end(*, promise: Promise, called: Sequence[Called], lease: uuid.UUID, now: datetime) -> int:
    """Answers for how many rows it was this worker's to say. What certainly did not go is no contact."""
    if not called:
        return 0
    endings = [
        after_call(
            promise,
            result.outcome,
            attempts=begun.attempts,
            begun_at=begun.begun_at,
            in_doubt=begun.in_doubt,
            now=now,
        )
        for begun, result in called
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            END,
            {
                "ids": [begun.message.reference for begun, _result in called],
                "states": [ending.state.value for ending in endings],
                "due": [ending.due_at for ending in endings],
                "outside": [result.external_id for _begun, result in called],
                "errors": [result.error for _begun, result in called],
                "clean": [ending.clean for ending in endings],
                "lease": lease,
                "now": now,
            },
        )
        written = {row[0] for row in cursor.fetchall()}
    clean = [
        begun
        for (begun, _result), ending in zip(called, endings, strict=True)
        if ending.clean and begun.message.reference in written
    ]
    if clean:
        take_back_contacts(
            contacts=[(begun.message.member_id, reference_of(begun.message.reference)) for begun in clean],
            since=contacts_since(min(begun.begun_at for begun in clean)),
        )
    return len(written)
