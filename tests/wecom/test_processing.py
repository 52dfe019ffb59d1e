"""Working on callbacks: in order, once for each handler, tried again, given up, begun anew, forgotten."""

import logging
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from audit.models import AuditEntry
from core.services import sealing
from core.services.claims import claimed
from tests.brand import administrator
from tests.rivals import claimed_elsewhere, until, workers
from tests.wecom.deliveries import contact, deliver, states, welcome
from tests.wecom.elsewhere import same_database
from tests.wecom.platform import NOW, Clock, an_app
from wecom.errors import NothingToReplay, Retryable, Terminal, UnknownAfterDispatch
from wecom.events import Callback, CallbackHandler, callback_handlers
from wecom.models import CallbackEvent, CorpApp
from wecom.privacy import count_callbacks, purge_callbacks
from wecom.rules.attempts import MAX_ATTEMPTS, delay_after
from wecom.services.forgetting import forget
from wecom.services.processing import WORK, process_due
from wecom.services.replaying import replay
from wecom.tasks import process, process_urgent

pytestmark = pytest.mark.django_db
CONTACT = "change_external_contact"


class Heard:
    """A handler that keeps what it was told, and fails as it is told to."""

    def __init__(self) -> None:
        self.callbacks: list[Callback] = []
        self.faults: list[Exception | None] = []
        self.during: Any = None

    def __call__(self, callback: Callback, now: Any) -> None:
        del now
        self.callbacks.append(callback)
        if self.during is not None:
            self.during(callback)
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            raise fault

    @property
    def who(self) -> list[Any]:
        return [each.fields.get("ExternalUserID") for each in self.callbacks]

    @property
    def changes(self) -> list[str]:
        return [each.change for each in self.callbacks]


@pytest.fixture
def registered() -> Iterator[dict[str, CallbackHandler]]:
    """The registry as it is, and what the test adds taken out again."""
    before = dict(callback_handlers._entries)
    yield callback_handlers._entries
    callback_handlers._entries.clear()
    callback_handlers._entries.update(before)


@pytest.fixture
def heard(registered: object) -> Heard:
    made = Heard()
    callback_handlers.register(CallbackHandler(code="tests.heard", event=CONTACT, handle=made))
    return made


@pytest.fixture
def app() -> CorpApp:
    return an_app()


def test_handler_is_told_everything_once(app: CorpApp, heard: Heard, clock: Clock) -> None:
    stored = deliver(app, contact("wo1"))
    assert process_due(clock=clock) == 1
    (callback,) = heard.callbacks
    assert (callback.number, callback.corp_id, callback.app_id) == (stored.event_id, app.corp_id, app.pk)
    assert (callback.event, callback.change, callback.received_at) == (CONTACT, "add_external_contact", NOW)
    assert callback.fields["UserID"] == "zhangsan"
    assert process_due(clock=clock) == 0
    event = CallbackEvent.objects.get()
    assert (event.state, event.handled, event.attempts, event.finished_at) == ("done", ["tests.heard"], 1, clock.now)


def test_what_nobody_asked_for_is_kept_as_such(app: CorpApp, clock: Clock) -> None:
    deliver(app, contact())
    assert process_due(clock=clock) == 1
    assert states() == [("ignored", "")]


def test_handlers_run_in_their_order_and_for_their_variant(app: CorpApp, registered: object, clock: Clock) -> None:
    told: list[str] = []
    for code, order, change in (("b", 2, ""), ("a", 1, "add_external_contact"), ("c", 0, "del_external_contact")):
        handler = CallbackHandler(
            code=f"tests.{code}",
            event=CONTACT,
            change=change,
            order=order,
            handle=lambda _c, _n, code=code: told.append(code),
        )
        callback_handlers.register(handler)
    deliver(app, contact())
    process_due(clock=clock)
    assert told == ["a", "b"]


def test_what_failed_is_tried_again_later(app: CorpApp, heard: Heard, clock: Clock) -> None:
    heard.faults = [Retryable(), None]
    deliver(app, contact())
    assert process_due(clock=clock) == 1
    event = CallbackEvent.objects.get()
    assert (event.state, event.due_at, event.attempts) == ("waiting", NOW + timedelta(seconds=5), 1)
    assert event.error.startswith("wecom_retryable: ")
    clock.now += timedelta(seconds=4)
    assert process_due(clock=clock) == 0
    clock.now += timedelta(seconds=1)
    assert process_due(clock=clock) == 1
    assert states() == [("done", "")]


def test_who_has_handled_it_is_not_called_again(app: CorpApp, heard: Heard, clock: Clock) -> None:
    second = Heard()
    second.faults = [Retryable()]
    callback_handlers.register(CallbackHandler(code="tests.second", event=CONTACT, handle=second, order=200))
    deliver(app, contact())
    process_due(clock=clock)
    clock.now += timedelta(seconds=5)
    process_due(clock=clock)
    assert (len(heard.callbacks), len(second.callbacks)) == (1, 2)
    assert CallbackEvent.objects.get().handled == ["tests.heard", "tests.second"]


def test_pauses_double_and_follow_what_the_platform_asks_for() -> None:
    pauses = [delay_after(attempts).total_seconds() for attempts in (1, 2, 3, 10, 11, 12, 1000)]
    assert pauses == [5, 10, 20, 2560, 3600, 3600, 3600]
    assert delay_after(1, 7200).total_seconds() == 7200
    assert delay_after(3, 1).total_seconds() == 20


def test_it_is_given_up_in_the_end(app: CorpApp, heard: Heard, clock: Clock) -> None:
    heard.faults = [Retryable()] * 20
    deliver(app, contact())
    for _attempt in range(MAX_ATTEMPTS + 3):
        process_due(clock=clock)
        clock.now += timedelta(hours=2)
    assert len(heard.callbacks) == MAX_ATTEMPTS
    ((state, error),) = states()
    assert state == "dead"
    assert error.startswith("wecom_retryable")


@pytest.mark.parametrize("fault", [Terminal(), UnknownAfterDispatch()])
def test_what_cannot_do_better_is_given_up_at_once(app: CorpApp, heard: Heard, clock: Clock, fault: Exception) -> None:
    heard.faults = [fault]
    deliver(app, contact())
    process_due(clock=clock)
    assert [state for state, _error in states()] == ["dead"]


def test_surprise_holds_nobody_up_and_is_seen(
    app: CorpApp, heard: Heard, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    heard.faults = [ValueError("no such number 13911112222"), None]
    deliver(app, contact("wo1"))
    deliver(app, contact("wo2"))
    with caplog.at_level(logging.ERROR), pytest.raises(ValueError, match="no such number"):
        process_due(clock=clock)
    assert heard.who == ["wo1", "wo2"]
    (first, _error), second = states()[0], states()[1]
    assert (first, second) == ("waiting", ("done", ""))
    assert "13911112222" not in CallbackEvent.objects.earliest("pk").error


def test_killer_of_workers_is_given_up(app: CorpApp, heard: Heard, clock: Clock) -> None:
    """Each kill leaves an attempt behind, and no more."""
    deliver(app, contact())
    CallbackEvent.objects.update(attempts=MAX_ATTEMPTS)
    process_due(clock=clock)
    assert heard.callbacks == []
    assert [state for state, _error in states()] == ["dead"]


# --- order ---


def test_what_is_about_the_same_goes_in_its_order(app: CorpApp, heard: Heard, clock: Clock) -> None:
    """Added, deleted, added again: whoever is not ready yet keeps what comes after her waiting, and nobody else."""
    heard.faults = [Retryable()]
    for change, at in (("add_external_contact", 1), ("del_external_contact", 2), ("add_external_contact", 3)):
        deliver(app, contact("wo1", change, at=at))
    deliver(app, contact("wo2"))
    process_due(clock=clock)
    assert heard.who == ["wo1", "wo2"]
    clock.now += timedelta(seconds=5)
    process_due(clock=clock)
    assert heard.changes[2:] == ["add_external_contact", "del_external_contact", "add_external_contact"]
    assert [each.fields["CreateTime"] for each in heard.callbacks[2:]] == ["1", "2", "3"]


def test_welcome_overtakes(app: CorpApp, heard: Heard, clock: Clock) -> None:
    for who in ("wo2", "wo3"):
        deliver(app, contact(who))
    deliver(app, contact("wo1", "del_external_contact"))
    deliver(app, welcome("wo1"))
    assert process_due(clock=clock, urgent_only=True) == 1
    assert heard.who == ["wo1"]
    process_due(clock=clock)
    assert heard.who == ["wo1", "wo2", "wo3", "wo1"]


def test_queue_of_one_group_is_emptied_in_one_go(app: CorpApp, heard: Heard, clock: Clock) -> None:
    for at in range(30):
        deliver(app, contact("wo1", "edit_external_contact", at=at))
    assert process_due(clock=clock) == 30
    assert [each.fields["CreateTime"] for each in heard.callbacks] == [str(at) for at in range(30)]


@pytest.mark.django_db(transaction=True)
def test_one_worker_at_a_time_is_at_a_customers(app: CorpApp, heard: Heard, clock: Clock) -> None:
    """A second worker takes the others, and comes to nobody's second callback before the first is done."""
    deliver(app, contact("wo1", at=1))
    deliver(app, contact("wo1", "del_external_contact", at=2))
    deliver(app, contact("wo2"))
    found: list[int] = []

    def at_the_customers(callback: Callback) -> None:
        if callback.fields.get("CreateTime") == "1":
            with workers(1) as start:
                found.append(start(lambda: process_due(clock=clock)).result())

    heard.during = at_the_customers
    assert process_due(clock=clock) == 2
    assert found == [1]
    assert [(each.fields["ExternalUserID"], each.change) for each in heard.callbacks] == [
        ("wo1", "add_external_contact"),
        ("wo2", "add_external_contact"),
        ("wo1", "del_external_contact"),
    ]


@pytest.mark.django_db(transaction=True)
def test_many_workers_do_everything_once(app: CorpApp, heard: Heard) -> None:
    clock = Clock()
    for number in range(60):
        deliver(app, contact(f"wo{number % 12}", at=number))
    with workers(4) as start:
        done = [start(lambda: process_due(clock=clock)) for _worker in range(4)]
        assert sum(each.result() for each in done) == 60
    times: dict[Any, list[int]] = {}
    for each in heard.callbacks:
        times.setdefault(each.fields["ExternalUserID"], []).append(int(str(each.fields["CreateTime"])))
    assert len(heard.callbacks) == 60
    assert all(found == sorted(found) for found in times.values())


@pytest.mark.django_db(transaction=True)
def test_claim_of_a_killed_worker_is_let_go(app: CorpApp, heard: Heard, clock: Clock) -> None:
    event = CallbackEvent.objects.get(pk=deliver(app, contact()).event_id)
    number = int.from_bytes(bytes(event.about or b"")[:8], "big")
    with claimed_elsewhere(WORK, number):
        assert process_due(clock=clock) == 0
    assert process_due(clock=clock) == 1


@pytest.mark.django_db(transaction=True)
def test_handler_runs_outside_of_a_transaction(app: CorpApp, heard: Heard, clock: Clock) -> None:
    open_ones: list[bool] = []
    heard.during = lambda _callback: open_ones.append(connection.in_atomic_block)
    deliver(app, contact())
    process_due(clock=clock)
    assert open_ones == [False]


@pytest.mark.django_db(transaction=True)
def test_statement_that_fails_in_a_handler_fails_its_callback_only(app: CorpApp, heard: Heard, clock: Clock) -> None:
    def break_it(callback: Callback) -> None:
        if callback.fields["ExternalUserID"] == "wo1":
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT 1 / 0")

    heard.during = break_it
    deliver(app, contact("wo1"))
    deliver(app, contact("wo2"))
    with pytest.raises(Exception, match="division by zero"):
        process_due(clock=clock)
    assert [state for state, _error in states()] == ["waiting", "done"]


DIE = """
import os, signal, sys
import django; django.setup()
from django.utils import timezone
from wecom.events import CallbackHandler, callback_handlers
from wecom.services.processing import process_due
def die(callback, now):
    os.kill(os.getpid(), signal.SIGKILL)
callback_handlers.register(CallbackHandler(code="tests.die", event="change_external_contact", handle=die))
process_due(clock=timezone.now)
"""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_killed_worker_loses_nothing_and_its_attempt_counts(app: CorpApp, heard: Heard) -> None:
    deliver(app, contact())
    command = [sys.executable, "-c", DIE]
    killed = subprocess.run(command, env=same_database(), cwd=settings.BASE_DIR, check=False, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    event = CallbackEvent.objects.get()
    assert (event.state, event.attempts, event.handled) == ("waiting", 1, [])
    until(lambda: process_due(clock=timezone.now) == 1)
    assert states() == [("done", "")]
    assert len(heard.callbacks) == 1


@pytest.mark.django_db(transaction=True)
def test_deliveries_repeated_in_any_order_have_one_effect_each(app: CorpApp, heard: Heard) -> None:
    """Every callback three times, shuffled, taken by two at once while two work on them."""
    clock = Clock()
    bodies_of = [contact(f"wo{number % 40}", at=number) for number in range(200)]
    deliveries = [(body, str(turn)) for turn in range(3) for body in bodies_of]
    random.Random(6).shuffle(deliveries)

    def take(place: int) -> None:
        for body, nonce in deliveries[place::2]:
            deliver(app, body, nonce=nonce)

    with workers(4) as start:
        taking = [start(take, place=place) for place in range(2)]
        working = [start(lambda: process_due(clock=clock)) for _worker in range(2)]
        for each in (*taking, *working):
            each.result()
    process_due(clock=clock)
    assert len(heard.callbacks) == 200
    assert {str(each.fields["CreateTime"]) for each in heard.callbacks} == {str(number) for number in range(200)}
    assert set(states()) == {("done", "")}
    assert sum(CallbackEvent.objects.values_list("repeats", flat=True)) == 400


def test_worker_looks_elsewhere_after_a_minute(app: CorpApp, heard: Heard, clock: Clock) -> None:
    def slow(_callback: Callback) -> None:
        clock.now += timedelta(seconds=40)

    heard.during = slow
    for who in range(5):
        deliver(app, contact(f"wo{who}"))
    assert [process_due(clock=clock) for _turn in range(4)] == [2, 2, 1, 0]


def test_tasks_do_the_same(app: CorpApp, heard: Heard) -> None:
    deliver(app, contact("wo1"))
    deliver(app, welcome("wo2"))
    assert process_urgent() == 1
    assert process() == 1
    assert heard.who == ["wo2", "wo1"]


# --- again ---


def test_what_was_given_up_is_begun_anew(app: CorpApp, heard: Heard, clock: Clock) -> None:
    second = Heard()
    second.faults = [Terminal()]
    callback_handlers.register(CallbackHandler(code="tests.second", event=CONTACT, handle=second, order=200))
    stored = deliver(app, contact())
    process_due(clock=clock)
    by = administrator()
    assert replay(event_ids=[stored.event_id], by=by, now=clock.now, reason="Secret 已更正") == 1
    assert CallbackEvent.objects.get().attempts == 0
    process_due(clock=clock)
    assert states() == [("done", "")]
    assert (len(heard.callbacks), len(second.callbacks)) == (1, 2)
    entry = AuditEntry.objects.get(action="wecom.replay_callbacks")
    assert (entry.actor_id, entry.object_id, entry.reason) == (by.pk, str(stored.event_id), "Secret 已更正")


def test_what_is_done_is_handled_by_all_once_more(app: CorpApp, heard: Heard, clock: Clock) -> None:
    stored = deliver(app, contact())
    process_due(clock=clock)
    replay(event_ids=[stored.event_id], by=None, now=clock.now)
    process_due(clock=clock)
    assert len(heard.callbacks) == 2


def test_what_waits_or_is_forgotten_cannot_be_begun_anew(app: CorpApp, clock: Clock) -> None:
    waiting = deliver(app, contact("wo1")).event_id
    with pytest.raises(NothingToReplay):
        replay(event_ids=[waiting], by=None, now=NOW)
    forget(external_userids=["wo1"], by=None, now=NOW)
    with pytest.raises(NothingToReplay):
        replay(event_ids=[waiting, 999], by=None, now=NOW)


# --- forgetting ---


def bodies() -> list[str | None]:
    field = CallbackEvent._meta.get_field("body")
    rows = list(CallbackEvent.objects.order_by("pk"))
    return [None if text is None else str(text) for text in sealing.open_rows(field, rows)]  # type: ignore[arg-type]


def chat(*members: str) -> bytes:
    listed = "".join(f"<Item>{member}</Item>" for member in members)
    return f"<xml><Event>change_external_chat</Event><ChatId>wr1</ChatId><MemChangeList>{listed}</MemChangeList></xml>".encode()


def test_person_is_forgotten_wherever_she_is_named(app: CorpApp, heard: Heard, clock: Clock) -> None:
    deliver(app, contact("wo1"))
    process_due(clock=clock)
    deliver(app, contact("wo1", "del_external_contact"))
    deliver(app, chat("wo1", "wo2"))
    deliver(app, chat("wo3"))
    deliver(app, contact("wo2"))
    assert forget(external_userids=["wo1"], by=None, now=clock.now) == 3
    assert [body is None for body in bodies()] == [True, True, True, False, False]
    assert [state for state, _error in states()] == ["done", "ignored", "ignored", "waiting", "waiting"]
    assert forget(external_userids=["wo1"], by=None, now=clock.now) == 0
    assert forget(external_userids=[], by=None, now=clock.now) == 0
    process_due(clock=clock)
    assert heard.who == ["wo1", "wo2"]
    assert "wo1" not in str(list(AuditEntry.objects.values()))


def test_what_is_forgotten_comes_no_second_time(app: CorpApp, heard: Heard, clock: Clock) -> None:
    """Its digest stays, so that the platform asking again does not bring her back."""
    deliver(app, contact("wo1"))
    forget(external_userids=["wo1"], by=None, now=clock.now)
    assert deliver(app, contact("wo1"), nonce="9").fresh is False
    assert bodies() == [None]


def test_old_callbacks_go_unless_they_wait(app: CorpApp, heard: Heard, clock: Clock) -> None:
    deliver(app, contact("wo1"))
    process_due(clock=clock)
    deliver(app, contact("wo2"))
    later = NOW + timedelta(days=31)
    deliver(app, contact("wo3"), now=later)
    before = later - timedelta(days=30)
    assert count_callbacks(before, []) == 1
    assert purge_callbacks(before, [], 100) == 1
    assert CallbackEvent.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_claim_is_of_the_customer_in_every_lane(app: CorpApp, heard: Heard, clock: Clock) -> None:
    """A welcome overtakes the callbacks that wait, not the one that a worker is at."""
    urgent: list[int] = []

    def welcome_meanwhile(_callback: Callback) -> None:
        if not urgent:
            urgent.append(-1)
            deliver(app, welcome("wo1"))
            with workers(1) as start:
                urgent[0] = start(lambda: process_due(clock=clock, urgent_only=True)).result()

    heard.during = welcome_meanwhile
    deliver(app, contact("wo1", "edit_external_contact"))
    assert process_due(clock=clock) == 2
    assert urgent == [0]
    until(lambda: len(heard.callbacks) == 2)
    with claimed(WORK) as mine:
        assert mine
