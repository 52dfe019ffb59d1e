"""Workers killed in the middle of a send (T1): the receiver is the judge. `make chaos`: 100,000 and 50 kills, and
PostgreSQL itself five times (T2), after which no worker needs a hand. Not in the suite, whose other processes use it too.

With a key: nothing lost, and whatever comes twice comes under the same key. Without one: nothing comes twice, and what did
not arrive is among the messages in doubt.
"""

import logging
import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from multiprocessing.process import BaseProcess
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError, connections
from django.utils import timezone

from compliance.models import ContactEvent, ContactSettings
from messaging.enums import DeliveryState
from messaging.models import Delivery, Gateway, Send
from messaging.rules.promises import Ending
from messaging.services import beginning, reaping, working
from messaging.services.reaping import reap
from messaging.services.tidying import due_sends
from messaging.services.working import Pace, work
from scrm.databases import embedded
from tests.messaging import cast
from tests.messaging.sinks import Sink

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.chaos]
log = logging.getLogger(__name__)
SENDS = int(os.environ.get("SCRM_T1_SENDS", "600"))
KILLS = int(os.environ.get("SCRM_T1_KILLS", "4"))
RESTARTS = int(os.environ.get("SCRM_T2_RESTARTS", "0"))
WORKERS = 4
BROKEN = (OperationalError, InterfaceError)
PACE = Pace(lease=timedelta(seconds=4), call=timedelta(seconds=2), spell=timedelta(seconds=5))
PATIENCE = 60 + SENDS / 50


def send_for_ever() -> None:
    while True:
        try:
            now = timezone.now()
            reap(now=now)
            for send_id in due_sends(now=now):
                work(send_id=send_id, pace=PACE)
        except BROKEN:  # as Celery does between two tasks
            connections.close_all()
        time.sleep(0.02)


def worker() -> BaseProcess:
    process = multiprocessing.get_context("fork").Process(target=send_for_ever)
    process.start()
    return process


@contextmanager
def killed(kills: int, sent: list[Send], outside: Sink) -> Iterator[None]:
    """Four workers, one of whom is killed again and again while messages arrive; then until the send is over."""
    chance = random.Random(1)
    connections.close_all()
    if RESTARTS:  # the suite's server keeps commits in memory for a moment; one that loses them can promise nothing
        os.environ["PGOPTIONS"] = "-c synchronous_commit=on"
    alive = [worker() for _each in range(WORKERS)]
    try:
        for number in range(1, kills + 1):
            _until(lambda number=number: len(outside.calls) >= number * SENDS * 3 // (4 * kills + 1))
            time.sleep(chance.random() * 0.05)
            place = chance.randrange(WORKERS)
            victim = alive[place]
            assert victim.pid
            os.kill(victim.pid, signal.SIGKILL)
            victim.join()
            alive[place] = worker()
            if RESTARTS and number % max(1, kills // RESTARTS) == 0:
                _break_down()
        _until(lambda: not Send.objects.filter(pk__in=[each.pk for each in sent], state="running").exists())
        yield
    finally:
        for each in alive:
            each.kill()
            each.join()
        os.environ.pop("PGOPTIONS", None)


def _break_down() -> None:
    """PostgreSQL at once, without a checkpoint; whoever connects next starts the embedded one again."""
    server = embedded()
    if server and server.pid:
        os.kill(server.pid, signal.SIGQUIT)


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not _asked(holds):
        assert time.monotonic() < end, "it did not come to an end"
        time.sleep(0.05)


def _asked(holds: Callable[[], bool]) -> bool:
    try:
        return holds()
    except BROKEN:
        connections.close_all()
        return False


def begun(through: Gateway) -> Send:
    ContactSettings.objects.update(quiet_from="00:00", quiet_to="00:00")
    now = timezone.now()
    return cast.running(
        through,
        text=cast.template(channel=through.channel, now=now),
        not_before=now,
        not_after=now + timedelta(days=1),
        now=now,
    )


def test_killed_workers_lose_nothing_and_repeat_only_under_the_same_key(outside: Sink) -> None:
    cast.crowd(SENDS)
    made = begun(cast.gateway(outside.url))
    with killed(KILLS, [made], outside):
        rows = {str(row.pk): row.key for row in Delivery.objects.all()}
        pairs = {(body["reference"], body["key"]) for body in outside.bodies}
        arrivals = outside.arrivals("key")
    assert dict(pairs) == rows, "each message arrived, under its key"
    assert len(pairs) == SENDS, "and under no other"
    assert set(cast.states(made)) == {"sent"}
    assert ContactEvent.objects.count() == SENDS, "a repeat is no second contact"
    log.info("%d sends, %d kills: %d repeats under the same key", SENDS, KILLS, arrivals.total() - SENDS)


def test_killed_workers_without_a_key_repeat_nothing_and_leave_a_doubt_each(outside: Sink) -> None:
    cast.crowd(SENDS, phones=True)
    made = begun(cast.sms(outside.url, "none"))
    with killed(KILLS, [made], outside):
        arrivals = outside.arrivals("uid")
        states = {str(pk): state for pk, state in Delivery.objects.values_list("pk", "state")}
    assert set(arrivals.values()) == {1}, "nothing came twice"
    missing = {number for number in states if number not in arrivals}
    doubts = {number for number, state in states.items() if state == "unknown"}
    assert missing <= doubts, "what did not arrive is listed"
    assert len(doubts) <= KILLS + RESTARTS * WORKERS
    assert {state for number, state in states.items() if number not in doubts} == {"sent"}
    log.info("%d sends, %d kills: %d in doubt, %d of them arrived", SENDS, KILLS, len(doubts), len(doubts - missing))


def test_ledger_that_repeats_blindly_is_found_out(outside: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted violation: whatever a dead worker had goes again, whatever its gateway promises."""
    cast.crowd(5, phones=True)
    made = begun(cast.sms(outside.url, "none"))
    monkeypatch.setattr(reaping, "after_lease", _gives_back)
    monkeypatch.setattr(beginning, "may_repeat", lambda *_given, **_values: True)
    with monkeypatch.context() as dying, pytest.raises(Died):
        dying.setattr(working, "end", _dies)
        work(send_id=made.pk, pace=PACE)
    later = timezone.now() + timedelta(minutes=5)
    assert reap(now=later) == 5
    work(send_id=made.pk, pace=PACE, clock=lambda: later)
    assert max(outside.arrivals("uid").values()) == 2


class Died(BaseException):
    """As a process does: nothing behind it runs."""


def _dies(**_values: Any) -> int:
    raise Died


def _gives_back(*_given: Any, now: datetime, **_values: Any) -> Ending:
    return Ending(state=DeliveryState.PENDING, due_at=now)
