"""Working on callbacks: each by itself, what is about the same in the order it came, handed to whoever asked for it.

A worker claims what a callback is about, not the row: while it is at a customer's, nobody else is. A kill lets go at
once; the attempt it was at counts, so that a callback which kills its worker is given up in the end.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.db.models.expressions import Func, Value

from core.errors import OutsideFailed, ScrmError
from core.models import EncryptedTextField
from core.rules.faults import scrubbed
from core.services import sealing
from core.services.claims import claimed
from core.services.surprises import Surprises
from wecom.enums import CallbackState
from wecom.errors import Retryable, UnknownAfterDispatch
from wecom.events import Callback, CallbackHandler, callback_handlers
from wecom.models import CallbackEvent
from wecom.rules.attempts import MAX_ATTEMPTS, delay_after
from wecom.rules.callback_bodies import read_message
from wecom.selectors import heads_of_queues, next_of_queue

log = logging.getLogger(__name__)

WORK = "wecom.callback"
BATCH = 200
AT_ONCE = timedelta(minutes=1)  # a worker looks for other work after that


class _NoHope(Exception):
    """Trying again is of no use."""


def process_due(*, clock: Callable[[], datetime], urgent_only: bool = False) -> int:
    """Work on everything that is due, welcomes first, for a minute; answers how many callbacks were worked on.

    Raises the first surprise when all the others are done. What WeCom or a service refused is no surprise: it is
    written down on the callback and tried again.
    """
    turn = _Turn(clock=clock, until=clock() + AT_ONCE, urgent_only=urgent_only)
    done, before = 0, -1
    while done != before:  # until nothing is left, or others have all of it
        before = done
        for head in heads_of_queues(clock(), most=BATCH, urgent_only=urgent_only):
            done += turn.queue(head)
    turn.surprises.raise_first()
    return done


@dataclass(frozen=True, kw_only=True)
class _Turn:
    """What a worker does before it looks for other work."""

    clock: Callable[[], datetime]
    until: datetime
    urgent_only: bool
    surprises: Surprises = field(default_factory=Surprises)

    def queue(self, head: CallbackEvent) -> int:
        """Everything about the same, one after the other, until the first that has to wait. 0 where somebody is at it."""
        done = 0
        with claimed(WORK, _number(head)) as mine:
            while mine and (event := self._next(head)) is not None:
                with self.surprises.kept(f"callback {event.pk}"):
                    work_on(event, self.clock)
                done += 1
        return done

    def _next(self, head: CallbackEvent) -> CallbackEvent | None:
        now = self.clock()
        return next_of_queue(head, now, urgent_only=self.urgent_only) if now < self.until else None


def work_on(event: CallbackEvent, clock: Callable[[], datetime]) -> None:
    """One attempt. Whoever calls it has the claim."""
    _begin(event)
    try:
        _hand_out(event, clock)
    except _NoHope as error:
        _give_up(event, str(error), clock())
    except ScrmError as error:
        _after(error, event, clock())
    except Exception as error:
        _put_off(event, f"{type(error).__name__}: {scrubbed(str(error))}", clock(), None)
        raise
    else:
        _finish(event, CallbackState.DONE if event.handled else CallbackState.IGNORED, "", clock())


def _begin(event: CallbackEvent) -> None:
    """The attempt is written down before it is made: a worker that it kills cannot do so afterwards."""
    event.attempts += 1
    CallbackEvent.objects.filter(pk=event.pk).update(attempts=F("attempts") + 1)


def _hand_out(event: CallbackEvent, clock: Callable[[], datetime]) -> None:
    if event.attempts > MAX_ATTEMPTS:
        raise _NoHope(event.error or "the worker was killed each time")
    wanting = [handler for handler in callback_handlers if handler.wants(event.event, event.change)]
    missing = [handler for handler in wanting if handler.code not in event.handled]
    if not missing:
        return
    callback = _opened(event)
    for handler in missing if callback is not None else ():
        _hand_to(handler, event, callback, clock())


def _hand_to(handler: CallbackHandler, event: CallbackEvent, callback: Any, now: datetime) -> None:
    handler.handle(callback, now)
    event.handled = [*event.handled, handler.code]
    appended = Func(F("handled"), Value(handler.code), function="array_append")
    CallbackEvent.objects.filter(pk=event.pk).update(handled=appended)


def _opened(event: CallbackEvent) -> Callback | None:
    """None where its content was forgotten."""
    sealed = CallbackEvent._meta.get_field("body")
    assert isinstance(sealed, EncryptedTextField)  # noqa: S101  # says it to the type checker
    text = sealing.open_one(sealed, subject_id=event.app_id, sealed=event.body)
    if not isinstance(text, str):
        return None
    return Callback(
        number=event.pk,
        corp_id=event.app.corp_id,
        app_id=event.app_id,
        event=event.event,
        change=event.change,
        happened_at=event.happened_at,
        received_at=event.received_at,
        fields=read_message(text.encode()).fields,
    )


def _after(error: ScrmError, event: CallbackEvent, now: datetime) -> None:
    """What cannot do better is given up at once, and so is what may have been done."""
    said = f"{error.code}: {scrubbed(str(error))}"
    hopeless = isinstance(error, UnknownAfterDispatch) or (isinstance(error, OutsideFailed) and error.permanent)
    if hopeless:
        _give_up(event, said, now)
        return
    log.warning("callback %d: %s", event.pk, error.code)
    _put_off(event, said, now, error.retry_after if isinstance(error, Retryable) else None)


def _put_off(event: CallbackEvent, said: str, now: datetime, asked_for: float | None) -> None:
    if event.attempts >= MAX_ATTEMPTS:
        _give_up(event, said, now)
        return
    due_at = now + delay_after(event.attempts, asked_for)
    CallbackEvent.objects.filter(pk=event.pk).update(due_at=due_at, error=said[:300])


def _give_up(event: CallbackEvent, said: str, now: datetime) -> None:
    log.error("callback %d is given up after %d attempts", event.pk, event.attempts)
    _finish(event, CallbackState.DEAD, said, now)


def _finish(event: CallbackEvent, state: str, said: str, now: datetime) -> None:
    CallbackEvent.objects.filter(pk=event.pk).update(state=state, finished_at=now, error=said[:300])


def _number(event: CallbackEvent) -> int:
    """What is about nothing has a queue to itself."""
    if event.about is None:
        return -event.pk
    return int.from_bytes(bytes(event.about)[:8], "big")
