"""Rows of workers that have not been heard of: given back, asked about, or in doubt, as their gateway's promise has it."""

from datetime import datetime

from django.db import connection, transaction

from messaging.enums import DeliveryState, SendState
from messaging.models import Send
from messaging.rules.ledger_sql import OVERDUE, RECOVER
from messaging.rules.promises import Promise, after_lease
from messaging.selectors.setups import promise_of

PART = 1_000


def reap(*, now: datetime) -> int:
    """Answers how many rows were taken back. Several reapers at once take different rows."""
    taken = 0
    while some := _reap_part(now=now):
        # In a transaction of its own: whoever begins holds the send and waits for rows, never the other way round.
        Send.objects.filter(pk__in=set(some), state=SendState.RUNNING).update(wake_at=None)
        taken += len(some)
    return taken


@transaction.atomic
def _reap_part(*, now: datetime) -> list[int]:
    """The sends of the rows."""
    with connection.cursor() as cursor:
        cursor.execute(OVERDUE, {"now": now, "most": PART})
        rows = cursor.fetchall()
        if not rows:
            return []
        promises = _promises({send_id for _id, _state, send_id, _begun_at in rows})
        endings = [
            after_lease(promises[send_id], state=DeliveryState(state), begun_at=begun_at, now=now)
            for _id, state, send_id, begun_at in rows
        ]
        cursor.execute(
            RECOVER,
            {
                "ids": [row[0] for row in rows],
                "states": [ending.state.value for ending in endings],
                "due": [ending.due_at for ending in endings],
                "now": now,
            },
        )
    return [row[2] for row in rows]


def _promises(send_ids: set[int]) -> dict[int, Promise]:
    sends = Send.objects.filter(pk__in=send_ids).select_related("gateway")
    return {send.pk: promise_of(send.gateway) for send in sends}
