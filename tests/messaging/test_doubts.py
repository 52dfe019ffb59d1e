"""Messages in doubt: asked about where the gateway answers, settled by people where not, never repeated by themselves."""

from datetime import timedelta
from typing import Any

import pytest

from audit.models import AuditEntry
from compliance.models import ContactEvent
from messaging.errors import NotInDoubt, ReasonNeeded, SendStateWrong
from messaging.models import Delivery, Send
from messaging.rules.promises import ASKING
from messaging.services.asking import ask_about, ask_all
from messaging.services.sends import cancel
from messaging.services.settling import settle
from messaging.tasks import look
from tests.messaging import cast
from tests.messaging.cast import DAY, EVENING, HOUR, agreed, author
from tests.messaging.sinks import Sink

pytestmark = pytest.mark.django_db
FIRST = EVENING + ASKING[0]


def doubtful(outside: Sink, repeat: str = "none") -> Send:
    """One message to which the gateway gave no clear answer."""
    agreed("13900000001")
    made = cast.running(cast.sms(outside.url, repeat))
    outside.answer = lambda _body: (500, {})
    cast.worked(made)
    return made


@pytest.mark.parametrize(("told", "state"), [("sent", "sent"), ("failed", "failed")])
def test_gateway_that_answers_is_asked_and_its_word_counts(outside: Sink, told: str, state: str) -> None:
    made = doubtful(outside, "query")
    assert cast.only(made).due_at == FIRST
    outside.answer = lambda _body: (200, {"state": told})
    assert ask_all(now=EVENING) == 0
    assert ask_all(now=FIRST) == 1
    row = cast.only(made)
    assert (row.state, row.due_at, ContactEvent.objects.count()) == (state, None, int(told == "sent"))
    assert ask_all(now=FIRST + DAY) == 0


def test_unclear_word_is_asked_for_again_later_and_in_the_end_people_decide(outside: Sink) -> None:
    made = doubtful(outside, "query")
    outside.answer = lambda _body: (200, {"state": "queued"})
    for after in ASKING[1:]:
        assert ask_all(now=cast.only(made).due_at) == 0  # type: ignore[arg-type]
        assert cast.only(made).due_at == EVENING + after
    ask_all(now=EVENING + ASKING[-1])
    assert (cast.only(made).state, cast.only(made).due_at) == ("unknown", None)


def test_not_known_there_means_never_arrived_only_after_a_while(outside: Sink) -> None:
    made = doubtful(outside, "query")
    outside.answer = lambda _body: (200, {"state": "unknown"})
    ask_all(now=FIRST)
    assert cast.only(made).state == "unknown"
    ask_all(now=EVENING + HOUR)
    assert (cast.only(made).state, cast.only(made).error) == ("failed", "never_arrived")
    assert not ContactEvent.objects.exists()


def test_somebody_asks_now(outside: Sink) -> None:
    made = doubtful(outside, "query")
    outside.answer = lambda _body: (200, {"state": "sent"})
    assert ask_about(delivery=cast.only(made), by=author(), now=EVENING)
    assert cast.only(made).state == "sent"
    other = doubtful_other(outside)
    assert not ask_about(delivery=cast.only(other), by=author(), now=EVENING)
    assert cast.only(other).state == "unknown"


def doubtful_other(outside: Sink) -> Send:
    made = cast.running(cast.sms(outside.url))
    outside.answer = lambda _body: (500, {})
    cast.worked(made)
    return made


@pytest.mark.parametrize(
    ("word", "state", "contacts"), [("delivered", "sent", 1), ("not_delivered", "failed", 0), ("again", "pending", 0)]
)
def test_person_says_what_became_of_it_and_how_she_knows(outside: Sink, word: str, state: str, contacts: int) -> None:
    made = doubtful(outside)
    row, delivered, again = cast.only(made), word == "delivered", word == "again"
    with pytest.raises(ReasonNeeded):
        settle(delivery_ids=[row.pk], delivered=delivered, again=again, reason=" ", by=author(), now=EVENING)
    reason = "通道后台已查"
    assert settle(delivery_ids=[row.pk], delivered=delivered, again=again, reason=reason, by=author(), now=EVENING) == 1
    assert (cast.only(made).state, ContactEvent.objects.count()) == (state, contacts)
    act = AuditEntry.objects.get(action="messaging.settle_doubt")
    assert (act.object_id, act.reason, act.changes) == (str(row.pk), reason, {"state": ["unknown", word]})
    if not again:
        with pytest.raises(NotInDoubt):
            settle(delivery_ids=[row.pk], delivered=True, again=False, reason=reason, by=author(), now=EVENING)


def test_sent_again_on_a_persons_word_is_sent_once_more(outside: Sink) -> None:
    made = doubtful(outside)
    assert Send.objects.get().state == "done"
    ids = [cast.only(made).pk]
    settle(delivery_ids=ids, delivered=False, again=True, reason="未收到", by=author(), now=EVENING)
    outside.answer = lambda _body: (200, {"code": "0"})
    cast.worked(made)
    assert (cast.only(made).state, Send.objects.get().state, ContactEvent.objects.count()) == ("sent", "done", 1)


def test_not_again_after_the_time_of_the_send_or_its_end(outside: Sink) -> None:
    made = doubtful(outside)
    given: dict[str, Any] = {
        "delivery_ids": [cast.only(made).pk],
        "delivered": False,
        "again": True,
        "reason": "x",
        "by": author(),
    }
    with pytest.raises(SendStateWrong):
        settle(**given, now=EVENING + DAY)
    Send.objects.update(state="running", ended_at=None)
    cancel(send=made, by=author(), now=EVENING, reason="停")
    with pytest.raises(SendStateWrong):
        settle(**given, now=EVENING)


def test_cancelled_send_leaves_a_repeat_in_doubt(outside: Sink) -> None:
    agreed("13900000001")
    made = cast.running(cast.sms(outside.url, "key"))
    outside.answer = lambda _body: (500, {})
    cast.worked(made)
    cancel(send=made, by=author(), now=EVENING, reason="停")
    cast.worked(made)
    assert (cast.only(made).state, cast.only(made).reason) == ("unknown", "cancelled")


def test_look_reaps_asks_and_wakes(outside: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[tuple[Any, ...]] = []
    monkeypatch.setattr("messaging.tasks.wake", lambda *given, **_values: woken.append(given))
    agreed("13900000001")
    made = cast.running(cast.sms(outside.url))
    lease_over = EVENING - timedelta(days=9_000)
    Delivery.objects.update(state="claimed", lease="6f1d5f0e-4a53-5d0c-9d0a-0f2b7a9a4c11", lease_until=lease_over)
    assert look() == 1
    assert woken == [("messaging.work", made.pk)]
    assert cast.states(made) == ["pending"]
