"""What may be done with a message whose call came to no answer: it follows from what its gateway promises.

The table of `../shared/reference/reliability.md`, section 2: repeated under the same key while the gateway remembers
keys, asked for where the gateway answers, else in doubt until a person says what became of it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from messaging.enums import DeliveryState, Idempotency, Outcome

#: Waits after an answer of "not now", or an unclear one that may be repeated; after the last of them it has failed.
WAITS = (
    timedelta(seconds=20),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=4),
)
#: A gateway is asked about a message some time after it was offered, and then more and more seldom.
ASKING = (timedelta(seconds=30), timedelta(minutes=5), timedelta(hours=1), timedelta(hours=6))
#: A message that a gateway does not know so long after it was offered never reached it.
SETTLED = timedelta(minutes=10)
#: Between the last moment of a key's window and the clock of the gateway.
MARGIN = timedelta(seconds=30)


@dataclass(frozen=True, kw_only=True)
class Promise:
    """`window`: how long the gateway remembers a key."""

    kind: Idempotency
    window: timedelta = timedelta(0)


class Recovery(Enum):
    """What becomes of a message that may have left."""

    AGAIN = "again"
    ASK = "ask"
    DOUBT = "doubt"


def recovery_of(promise: Promise, *, begun_at: datetime, now: datetime) -> Recovery:
    """`begun_at` is the first time that it may have left."""
    if promise.kind == Idempotency.KEY and may_repeat(promise, begun_at=begun_at, now=now):
        return Recovery.AGAIN
    return Recovery.ASK if promise.kind == Idempotency.QUERYABLE else Recovery.DOUBT


def may_repeat(promise: Promise, *, begun_at: datetime, now: datetime) -> bool:
    """Whether the gateway will know the key still, should the call take as long as a call may."""
    return promise.kind == Idempotency.KEY and now < begun_at + promise.window - MARGIN


def wait_after(attempts: int) -> timedelta | None:
    """Until the next try, after so many; None: no more."""
    return WAITS[attempts - 1] if attempts <= len(WAITS) else None


def ask_again_after(begun_at: datetime, now: datetime) -> datetime | None:
    """When to ask next about a message that began then; None: it was asked often enough, people decide."""
    later = [begun_at + after for after in ASKING if begun_at + after > now]
    return later[0] if later else None


def never_arrived(begun_at: datetime, now: datetime) -> bool:
    """Whether "not known here" means that it did not arrive, and not that it is on its way."""
    return now >= begun_at + SETTLED


@dataclass(frozen=True, kw_only=True)
class Ending:
    """Where a message stands after a call. `clean`: it certainly did not go, at this try or any before."""

    state: DeliveryState
    due_at: datetime | None = None
    clean: bool = False


def after_call(
    promise: Promise, outcome: Outcome, *, attempts: int, begun_at: datetime, in_doubt: bool, now: datetime
) -> Ending:
    """`begun_at` is the first time that it may have left; `in_doubt`: at a try before this one."""
    if outcome == Outcome.SENT:
        return Ending(state=DeliveryState.SENT)
    if outcome == Outcome.UNKNOWN:
        return _unclear(promise, attempts=attempts, begun_at=begun_at, now=now)
    wait = wait_after(attempts) if outcome == Outcome.LATER else None
    if wait is not None:
        return Ending(state=DeliveryState.PENDING, due_at=now + wait, clean=not in_doubt)
    if in_doubt:  # refused now, but an earlier try may have arrived
        return in_doubt_from(promise, begun_at=begun_at, now=now)
    return Ending(state=DeliveryState.FAILED, clean=True)


def _unclear(promise: Promise, *, attempts: int, begun_at: datetime, now: datetime) -> Ending:
    wait = wait_after(attempts)
    if wait is not None and recovery_of(promise, begun_at=begun_at, now=now) == Recovery.AGAIN:
        return Ending(state=DeliveryState.PENDING, due_at=now + wait)
    return in_doubt_from(promise, begun_at=begun_at, now=now)


def in_doubt_from(promise: Promise, *, begun_at: datetime, now: datetime) -> Ending:
    """Nobody knows: asked about where the gateway answers, else left to people."""
    asks = promise.kind == Idempotency.QUERYABLE
    return Ending(state=DeliveryState.UNKNOWN, due_at=ask_again_after(begun_at, now) if asks else None)


def after_lease(promise: Promise, *, state: DeliveryState, begun_at: datetime | None, now: datetime) -> Ending:
    """A worker that had the message has not been heard of. What was only claimed never left."""
    if state == DeliveryState.CLAIMED or begun_at is None:
        return Ending(state=DeliveryState.PENDING, due_at=now)
    if recovery_of(promise, begun_at=begun_at, now=now) == Recovery.AGAIN:
        return Ending(state=DeliveryState.PENDING, due_at=now)
    return in_doubt_from(promise, begun_at=begun_at, now=now)
