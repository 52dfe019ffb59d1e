"""A worker at a send: claims rows, begins them, calls the gateway, writes down what it said, until nothing is due.

Any number of workers may be at the same send; each row is one worker's by its lease. A worker that dies leaves its
leases to the reaper (`messaging.services.reaping`).

How many messages are on their way at once follows from what the gateway promises. Without a promise it is one: then
one at most is in doubt after a death. With one, so many as the gateway takes in about a second, and while it takes them
the next ones are judged: what is judged is called for within about two seconds.
"""

import logging
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from messaging.channels.contract import Connection, Message, Result
from messaging.enums import Idempotency, Outcome
from messaging.models import Send
from messaging.rules.ledger_sql import CLAIM
from messaging.services.beginning import Begun, Clock, begin, give_back
from messaging.services.ending import Called, end
from messaging.services.limits import seconds_to_wait
from messaging.services.routes import Route, connected, route_of
from messaging.services.tidying import tidy

log = logging.getLogger(__name__)

CLAIMED = 200
LEASE = timedelta(seconds=120)
#: A call that has begun ends before the lease does: whoever finds the lease over finds no call under way.
LONGEST_CALL = timedelta(seconds=40)
ABOUT = 1.0  # seconds that a batch is to be on its way
WAIT = 2.0  # seconds for which a worker waits for a gateway that takes so many a second
SPELL = timedelta(seconds=45)


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How a worker works; tests shorten it."""

    claimed: int = CLAIMED
    lease: timedelta = LEASE
    call: timedelta = LONGEST_CALL
    spell: timedelta = SPELL


def work(*, send_id: int, clock: Clock = timezone.now, pace: Pace | None = None) -> int:
    """Answers how many messages were brought to an end. It stops after a spell, for another task to go on."""
    pace = pace or Pace()
    send = Send.objects.select_related("gateway").get(pk=send_id)
    ended = 0
    if send.state == "running" and send.gateway.is_active:
        ended = _work_off(route_of(send), clock, pace)
    tidy(send_id=send_id, now=clock())
    return ended


def _work_off(route: Route, clock: Clock, pace: Pace) -> int:
    enough = time.monotonic() + pace.spell.total_seconds()
    size = 1 if route.promise.kind == Idempotency.NONE else pace.claimed
    with connected(route) as outside, _callers(route.adapter.parallel) as call:
        worker = _Worker(route=route, outside=outside, call=call, clock=clock, pace=pace, size=size)
        while time.monotonic() < enough and not worker.is_full:
            lease, now = uuid.uuid4(), clock()
            if now > route.send.not_after:
                break
            ids = claim(send_id=route.send.pk, lease=lease, now=now, pace=pace)
            if not ids:
                break
            worker.work_off(ids, lease)
        worker.end_last()
    return worker.ended


def claim(*, send_id: int, lease: uuid.UUID, now: datetime, pace: Pace) -> list[int]:
    """Rows that are due, for this lease alone; none where the send does not run."""
    values: dict[str, Any] = {
        "send": send_id,
        "lease": lease,
        "now": now,
        "until": now + pace.lease,
        "most": pace.claimed,
    }
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, values)
        return sorted(row[0] for row in cursor.fetchall())


Results = Callable[[], list[Result]]
Call = Callable[[Callable[[Message], Result], Sequence[Message]], Results]


@dataclass(frozen=True, kw_only=True)
class _UnderWay:
    """Messages that are being called for; `results` waits for the last of them."""

    lease: uuid.UUID
    begun: Sequence[Begun]
    results: Results
    since: float


@dataclass(kw_only=True)
class _Worker:
    """`size` is how many begin together, and moves with how fast they went; `is_full`: the gateway takes no more now."""

    route: Route
    outside: Connection
    call: Call
    clock: Clock
    pace: Pace
    size: int
    is_full: bool = False
    ended: int = 0
    under_way: _UnderWay | None = None

    def work_off(self, ids: Sequence[int], lease: uuid.UUID) -> None:
        """What is under way at the end ends with the next rows, or with `end_last`."""
        over = time.monotonic() + (self.pace.lease - self.pace.call).total_seconds()
        rest = list(ids)
        while rest and time.monotonic() < over:
            some = rest[: self._allowed()]
            if not some:
                self.is_full = True
                break
            rest = rest[len(some) :]
            self._begin(some, lease)
            if self.route.promise.kind == Idempotency.NONE:
                self.end_last()
        if rest:
            give_back(ids=rest, lease=lease)

    def end_last(self) -> None:
        self._end(self.under_way)
        self.under_way = None

    def _allowed(self) -> int:
        """How many the gateway takes now, after a short wait if need be."""
        gateway = self.route.gateway
        size = min(self.size, gateway.per_second) if gateway.per_second else self.size
        while (wait := seconds_to_wait(gateway, size)) > 0:
            if wait > WAIT:
                return 0
            time.sleep(wait)
        return size

    def _begin(self, ids: Sequence[int], lease: uuid.UUID) -> None:
        """Judge these while those before are on their way; call for them when those have arrived, and end those."""
        latest = time.monotonic() + (self.pace.lease - self.pace.call).total_seconds()
        begun = begin(route=self.route, ids=ids, lease=lease, until=self.pace.lease, clock=self.clock)
        before = self.under_way
        if before is not None:
            before.results()

        def send(message: Message) -> Result:
            if time.monotonic() > latest:  # the lease may be over by the end of the call: not begun is certain
                return Result(outcome=Outcome.LATER, error="lease_over")
            return _sent(self.outside, message)

        since = time.monotonic()
        results = self.call(send, [each.message for each in begun])
        self.under_way = _UnderWay(lease=lease, begun=begun, results=results, since=since)
        self._end(before)

    def _end(self, under_way: _UnderWay | None) -> None:
        if under_way is None or not under_way.begun:
            return
        called: list[Called] = list(zip(under_way.begun, under_way.results(), strict=True))
        if self.route.promise.kind != Idempotency.NONE:
            self._adapt(len(called), time.monotonic() - under_way.since)
        self.ended += end(promise=self.route.promise, called=called, lease=under_way.lease, now=self.clock())

    def _adapt(self, done: int, seconds: float) -> None:
        right = int(done * ABOUT / max(seconds, 0.001))
        self.size = max(self.route.adapter.parallel, min(self.pace.claimed, right, self.size * 2))


def _sent(outside: Connection, message: Message) -> Result:
    """Adapters raise nothing. Should one do so all the same, its message may have left, and the others go on."""
    try:
        return outside.send(message)
    except Exception as surprise:
        log.exception("the adapter failed at message %s", message.reference)
        return Result(outcome=Outcome.UNKNOWN, error=f"adapter_{type(surprise).__name__}"[:80])


@contextmanager
def _callers(parallel: int) -> Iterator[Call]:
    """Calls one after the other, or several at once where the adapter says so; the database is this thread's alone."""
    if parallel == 1:
        yield _one_by_one
        return
    with ThreadPoolExecutor(parallel) as pool:

        def call(send: Callable[[Message], Result], messages: Sequence[Message]) -> Results:
            if len(messages) == 1:
                return _one_by_one(send, messages)
            under_way = [pool.submit(send, message) for message in messages]
            return lambda: [each.result() for each in under_way]

        yield call


def _one_by_one(send: Callable[[Message], Result], messages: Sequence[Message]) -> Results:
    found = [send(message) for message in messages]
    return lambda: found
