"""What remains when a worker has found nothing due: rows whose time is over, the next look, the end of the send."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Exists, Min, OuterRef

from audit.services import record
from messaging.enums import LEASED, OPEN, DeliveryState, SendState, Withheld
from messaging.models import Delivery, Send
from messaging.rules.ledger_sql import CLOSE

PART = 5_000
#: Rows that other workers have are looked at again after so long.
SOON = timedelta(seconds=30)


def tidy(*, send_id: int, now: datetime) -> None:
    """Safe to repeat, and by several at once."""
    send = Send.objects.get(pk=send_id)
    if send.state == SendState.CANCELLED:
        _close(send, Withheld.CANCELLED, now=now)
    elif send.state == SendState.RUNNING and now > send.not_after:
        _close(send, Withheld.EXPIRED, now=now)
    if send.state == SendState.RUNNING and not _finish(send, now=now):
        _plan(send, now=now)


def _close(send: Send, reason: Withheld, *, now: datetime) -> None:
    _until_none(lambda: _close_part(send, reason, now=now))


def _until_none(act: Callable[[], int]) -> None:
    while act():
        pass


def _close_part(send: Send, reason: Withheld, *, now: datetime) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(CLOSE, {"send": send.pk, "reason": reason.value, "now": now, "most": PART})
        return int(cursor.rowcount)


@transaction.atomic
def _finish(send: Send, *, now: datetime) -> bool:
    """The send is over with its last open row, or with its time."""
    left = Delivery.objects.filter(send=OuterRef("pk"), state__in=OPEN)
    over = Send.objects.filter(pk=send.pk, state=SendState.RUNNING).exclude(Exists(left))
    if now <= send.not_after:
        over = over.filter(is_open_ended=False)
    if not over.update(state=SendState.DONE, ended_at=now, wake_at=None):
        return False
    record(by=None, action="messaging.finish_send", obj=send, changes={"state": ["running", "done"]}, at=now)
    return True


def _plan(send: Send, *, now: datetime) -> None:
    """Nothing is due before the first row that waits; what others have at hand may come back sooner."""
    rows = Delivery.objects.filter(send=send)
    due = rows.filter(state=DeliveryState.PENDING).aggregate(at=Min("due_at"))["at"]
    if rows.filter(state__in=LEASED).exists():
        due = min(due or now + SOON, now + SOON)
    Send.objects.filter(pk=send.pk, state=SendState.RUNNING).update(wake_at=min(due or send.not_after, send.not_after))


def due_sends(*, now: datetime) -> list[int]:
    """Sends that a worker should look at: those under way whose hour has come, and ended ones with rows still open."""
    running = Send.objects.filter(state=SendState.RUNNING).exclude(wake_at__gt=now)
    waiting = Delivery.objects.filter(send=OuterRef("pk"), state=DeliveryState.PENDING)
    ended = Send.objects.filter(state=SendState.CANCELLED).filter(Exists(waiting))
    return sorted({*running.values_list("pk", flat=True), *ended.values_list("pk", flat=True)})
