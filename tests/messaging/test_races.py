"""Withdrawals in the middle of a send (T6): nothing begins on a consent that was taken back before.

`make chaos`: 1,000 of them, two beats beside the workers (T7).
"""

import os
import threading
from datetime import datetime
from queue import Queue
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from audit.models import AuditEntry
from compliance.enums.consent import ConsentSource
from compliance.models import ContactEvent, ContactSettings
from compliance.services.consent import withdraw_all
from compliance.services.suppression import suppress
from messaging import tasks
from messaging.models import Delivery, Gateway, Send
from messaging.services import beginning
from messaging.services.sends import pause
from messaging.services.working import Pace, work
from messaging.tasks import look
from tests.messaging import cast
from tests.messaging.cast import EVENING, agreed, author
from tests.messaging.sinks import Sink
from tests.rivals import until, waiting_for_locks, workers

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.chaos]
PACE = Pace(claimed=20)
OVER = 0
WITHDRAWALS = int(os.environ.get("SCRM_T6_WITHDRAWALS", "120"))
MEMBERS = WITHDRAWALS * 5 // 2
PATIENCE = 60 + WITHDRAWALS / 2


def withdraw(member_id: int) -> str:
    """The state of her message when the withdrawal has committed."""
    withdraw_all(member_id=member_id, source=ConsentSource.API, by=None, now=EVENING)
    return Delivery.objects.get(member=member_id).state


def test_no_message_begins_after_a_withdrawal_has_committed(outside: Sink) -> None:
    ids = cast.crowd(MEMBERS)
    made = cast.running(cast.gateway(outside.url))
    found: dict[int, str] = {}

    def withdraw_some(some: list[int]) -> None:
        for number in some:
            found[number] = withdraw(number)

    leaving = ids[-WITHDRAWALS:]
    with workers(5) as go:
        rivals = [go(withdraw_some, some=leaving[place::3]) for place in range(3)]
        until(lambda: bool(found))
        sending = [go(work, send_id=made.pk, clock=lambda: EVENING, pace=PACE) for _worker in range(2)]
        for each in (*rivals, *sending):
            each.result(PATIENCE)
    ended = dict(Delivery.objects.values_list("member", "state"))
    arrived = {int(member) for member in outside.arrivals("member")}
    before = {number for number, state in found.items() if state in {"pending", "claimed"}}
    assert before, "some were in time"
    assert before.isdisjoint(arrived)
    assert {ended[number] for number in before} == {"skipped"}
    assert arrived == {number for number, state in ended.items() if state == "sent"}
    assert len(ended) == MEMBERS


class Stopped:
    """A worker between the gate's word and "sending"."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.judged, self.go_on = threading.Event(), threading.Event()
        write = beginning._write_begun

        def stop(*args: Any, **values: Any) -> None:
            if not self.judged.is_set():  # whoever comes later goes on
                self.judged.set()
                assert self.go_on.wait(30)
            write(*args, **values)

        monkeypatch.setattr(beginning, "_write_begun", stop)


@pytest.mark.parametrize("act", ["withdraw", "suppress", "pause"])
def test_whoever_refuses_waits_for_the_message_that_is_being_judged(
    outside: Sink, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    her = agreed("13900000001")
    made = cast.running(cast.sms(outside.url))
    acts = {
        "withdraw": lambda: withdraw(her.pk),
        "suppress": lambda: suppress(kind="phone", value="13900000001", reason="opt_out", by=None, now=EVENING),
        "pause": lambda: pause(send=made, by=author(), now=EVENING),
    }
    stopped = Stopped(monkeypatch)
    with workers(2) as go:
        sending = go(work, send_id=made.pk, clock=lambda: EVENING)
        assert stopped.judged.wait(30)
        refusal = go(acts[act])
        until(lambda: waiting_for_locks() == 1)
        stopped.go_on.set()
        assert sending.result(30) == 1
        refusal.result(30)
    assert cast.only(made).state == "sent"


def test_without_taking_turns_a_message_begins_after_the_withdrawal(
    outside: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted violation: it is what the turns are for."""
    her = agreed("13900000001")
    made = cast.running(cast.sms(outside.url))
    monkeypatch.setattr(beginning, "hold_for_judging", lambda _members: None)
    stopped = Stopped(monkeypatch)
    with workers(2) as go:
        sending = go(work, send_id=made.pk, clock=lambda: EVENING)
        assert stopped.judged.wait(30)
        assert go(withdraw, member_id=her.pk).result(30) == "claimed"
        stopped.go_on.set()
        sending.result(30)
    assert cast.only(made).state == "sent"


@pytest.mark.parametrize("counting", ["alone", "together"])
def test_two_sends_find_room_for_one_message_under_the_cap_once(
    outside: Sink, monkeypatch: pytest.MonkeyPatch, counting: str
) -> None:
    """`together` is the planted violation: both find room before either is counted."""
    ContactSettings.objects.update(cap_messages=1)
    agreed()
    through = cast.gateway(outside.url)
    first, second = cast.running(through), cast.running(through)
    if counting == "together":
        monkeypatch.setattr(beginning, "hold_for_caps", lambda *, alone: alone)
    stopped = Stopped(monkeypatch)
    with workers(2) as go:
        one = go(work, send_id=first.pk, clock=lambda: EVENING)
        assert stopped.judged.wait(30)
        other = go(work, send_id=second.pk, clock=lambda: EVENING)
        if counting == "alone":
            until(lambda: waiting_for_locks() == 1)
        else:
            assert other.result(30) == 1
        stopped.go_on.set()
        assert one.result(30) == 1
        other.result(30)
    assert ContactEvent.objects.count() == len(outside.bodies) == (1 if counting == "alone" else 2)
    if counting == "alone":
        assert cast.only(second).reason == "frequency_cap"


def test_two_beats_and_three_workers_send_everything_once(outside: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks at the same time wake the same work twice (T7): it is the rows that are had once."""
    cast.crowd(MEMBERS)
    now = timezone.now()
    made = begun_now(cast.gateway(outside.url), now)
    woken: Queue[int] = Queue()
    monkeypatch.setattr(tasks, "wake", lambda _task, send_id, **_values: woken.put(send_id))

    def beat() -> None:
        while Send.objects.filter(pk=made.pk, state="running").exists():
            look()

    def take() -> None:
        while (send_id := woken.get(timeout=30)) != OVER:
            work(send_id=send_id, pace=PACE)

    with workers(5) as go:
        beats = [go(beat) for _beat in range(2)]
        hands = [go(take) for _worker in range(3)]
        for each in beats:
            each.result(PATIENCE)
        for _each in hands:
            woken.put(OVER)
        for each in hands:
            each.result(PATIENCE)
    assert set(outside.arrivals("key").values()) == {1}
    assert len(outside.arrivals("key")) == MEMBERS
    assert set(cast.states(made)) == {"sent"}
    assert AuditEntry.objects.filter(action="messaging.finish_send").count() == 1


def begun_now(through: Gateway, now: datetime) -> Send:
    """Of this hour, for the beat has no other clock; quiet hours and all."""
    ContactSettings.objects.update(quiet_from="00:00", quiet_to="00:00")
    text = cast.template(channel=through.channel, now=now)
    return cast.running(through, text=text, not_before=now, not_after=now + cast.DAY, now=now)


def test_two_workers_send_everything_once(outside: Sink) -> None:
    cast.crowd(150)
    made = cast.running(cast.gateway(outside.url))
    with workers(3) as go:
        both = [go(work, send_id=made.pk, clock=lambda: EVENING) for _worker in range(3)]
        assert sum(each.result(60) for each in both) == 150
    assert set(outside.arrivals("key").values()) == {1}
    assert len(outside.arrivals("key")) == 150
    connections.close_all()
