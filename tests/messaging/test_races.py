"""Withdrawals in the middle of a send (T6): nothing begins on a consent that was taken back before."""

import threading
from typing import Any

import pytest
from django.db import connections

from compliance.enums.consent import ConsentSource
from compliance.services.consent import withdraw_all
from compliance.services.suppression import suppress
from messaging.models import Delivery
from messaging.services import beginning
from messaging.services.sends import pause
from messaging.services.working import work
from tests.messaging import cast
from tests.messaging.cast import EVENING, agreed, author
from tests.messaging.sinks import Sink
from tests.rivals import until, waiting_for_locks, workers

pytestmark = pytest.mark.django_db(transaction=True)
MEMBERS, WITHDRAWALS = 300, 120


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
    with workers(4) as go:
        rivals = [go(withdraw_some, some=leaving[place::3]) for place in range(3)]
        until(lambda: bool(found))
        sending = go(work, send_id=made.pk, clock=lambda: EVENING)
        for each in (*rivals, sending):
            each.result(60)
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


def test_two_workers_send_everything_once(outside: Sink) -> None:
    cast.crowd(150)
    made = cast.running(cast.gateway(outside.url))
    with workers(3) as go:
        both = [go(work, send_id=made.pk, clock=lambda: EVENING) for _worker in range(3)]
        assert sum(each.result(60) for each in both) == 150
    assert set(outside.arrivals("key").values()) == {1}
    assert len(outside.arrivals("key")) == 150
    connections.close_all()
