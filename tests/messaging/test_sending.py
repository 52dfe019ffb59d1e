"""A send from its recipients to the last word: what goes, what waits, what is withheld, and why."""

from datetime import timedelta
from typing import Any

import pytest

from audit.models import AuditEntry
from compliance.models import ChannelRule, ContactEvent, ContactSettings
from members.models import Member
from messaging.channels.contract import Message, Result
from messaging.channels.sms.adapter import SmsConnection
from messaging.enums import Outcome
from messaging.errors import GatewayNotReady, SendExists, SendNotValid, SendStateWrong, TextNotApproved
from messaging.models import Delivery, Gateway, MessageTemplate, Send
from messaging.rules.keys import key_of
from messaging.services.freezing import recipients_of
from messaging.services.sends import Source, cancel, close, freeze, pause, resume, start
from messaging.services.templates import save_template
from messaging.services.tidying import due_sends
from tests.messaging import cast
from tests.messaging.cast import DAY, EVENING, HOUR, agreed, author, said
from tests.messaging.sinks import Sink

pytestmark = pytest.mark.django_db


def test_message_arrives_once_with_its_values_and_leaves_its_evidence(outside: Sink) -> None:
    her = agreed("13900000001", name="林晓")
    made = cast.running(cast.sms(outside.url, "key"), [her])
    assert cast.worked(made) == 1
    row = cast.only(made)
    assert (row.state, row.reason, row.attempts, row.external_id) == ("sent", "allowed", 1, f"X{row.pk}")
    assert (row.begun_at, row.ended_at, row.judged_at) == (EVENING, EVENING, EVENING)
    assert row.variables == {"name": "林晓"}
    assert row.event_id is not None
    (body,) = outside.bodies
    assert body == {
        "mobile": "13900000001",
        "content": "【悦肤】亲爱的林晓，新品到店。 拒收请回复R",
        "uid": str(row.pk),
        "key": str(key_of(row.pk)),
    }
    assert "13900000001" not in str(row.__dict__), "the ledger holds no address"
    contact = ContactEvent.objects.get()
    assert (contact.member_id, contact.channel, contact.counts, contact.reference) == (
        her.pk,
        "sms",
        True,
        f"delivery:{row.pk}",
    )
    made.refresh_from_db()
    assert (made.state, made.ended_at) == ("done", EVENING)
    assert cast.worked(made) == 0
    assert len(outside.calls) == 1


def test_gate_is_asked_at_the_time_of_sending_and_each_reason_is_kept(outside: Sink) -> None:
    who = {name: agreed(f"1390000000{place}") for place, name in enumerate(("good", "no", "young", "merged", "none"))}
    said(who["no"], "withdraw", EVENING - HOUR)
    Member.objects.filter(pk=who["young"].pk).update(birthday="2015-01-01")
    who["none"].identities.all().delete()
    made = cast.running(cast.sms(outside.url, "key"), list(who.values()))
    Member.objects.filter(pk=who["merged"].pk).update(merged_into=who["good"])
    cast.worked(made)
    reasons = dict(Delivery.objects.values_list("member", "reason"))
    assert reasons == {
        who["good"].pk: "allowed",
        who["no"].pk: "withdrawn",
        who["young"].pk: "minor",
        who["merged"].pk: "merged",
        who["none"].pk: "no_address",
    }
    assert cast.states(made).count("skipped") == 4
    assert ContactEvent.objects.count() == len(outside.bodies) == 1


def test_member_is_in_a_send_once_and_a_source_has_one_send_for_each_step(outside: Sink) -> None:
    through = cast.sms(outside.url)
    made = cast.send(through, source=Source(kind="a", id="1", step="s"))
    her, other = agreed("13900000001"), agreed("13900000002")
    assert cast.frozen(made, her) == 1
    assert cast.frozen(made, her, other) == 1
    made.refresh_from_db()
    assert (made.state, made.recipients) == ("frozen", 2)
    with pytest.raises(SendExists):
        cast.send(through, source=Source(kind="a", id="1", step="s"))
    assert cast.send(through, source=Source(kind="a", id="1", step="t"))


def test_values_that_the_sender_brings_and_one_that_is_missing(outside: Sink) -> None:
    text = cast.template("券码{code}", given=["code"])
    her, other = agreed("13900000001"), agreed("13900000002")
    made = cast.send(cast.sms(outside.url), text)
    freeze(send=made, recipients=cast.bringing((her, "A{name}1"), (other, "")), by=author(), now=EVENING)
    start(send=made, by=author(), now=EVENING)
    cast.worked(made)
    assert [body["content"] for body in outside.bodies] == ["【悦肤】券码A{name}1 拒收请回复R"]
    assert dict(Delivery.objects.values_list("member", "reason")) == {her.pk: "allowed", other.pk: "missing_variable"}


# --- what waits is not lost ---


def test_quiet_hours_are_waited_for(outside: Sink) -> None:
    agreed("13900000001")
    made = cast.running(cast.sms(outside.url), not_after=EVENING + 2 * DAY)
    night = EVENING + 3 * HOUR
    cast.worked(made, night)
    row = cast.only(made)
    assert (row.state, row.reason, row.due_at) == ("pending", "quiet_hours", EVENING + 11 * HOUR)
    made.refresh_from_db()
    assert (made.wake_at, due_sends(now=night)) == (row.due_at, [])
    assert due_sends(now=EVENING + 11 * HOUR) == [made.pk]
    cast.worked(made, EVENING + 11 * HOUR)
    assert cast.only(made).state == "sent"


def test_cap_is_waited_for_if_the_send_lasts_that_long(outside: Sink) -> None:
    ChannelRule.objects.filter(channel="sms").update(most=1, days=7)
    agreed("13900000001")
    through = cast.sms(outside.url)
    cast.worked(cast.running(through))
    short = cast.running(through)
    long = cast.running(through, not_after=EVENING + 30 * DAY)
    cast.worked(short, EVENING + HOUR)
    cast.worked(long, EVENING + HOUR)
    assert (cast.only(short).state, cast.only(short).reason) == ("skipped", "channel_limit")
    waiting = cast.only(long)
    assert (waiting.state, waiting.due_at) == ("pending", EVENING + 7 * DAY)
    cast.worked(long, EVENING + 7 * DAY)
    assert cast.only(long).state == "sent"


def test_unused_channel_is_waited_for_by_nobody(outside: Sink) -> None:
    ChannelRule.objects.filter(channel="sms").update(is_used=False)
    agreed("13900000001")
    made = cast.running(cast.sms(outside.url), not_after=EVENING + 300 * DAY)
    cast.worked(made)
    assert (cast.states(made), outside.calls) == (["skipped"], [])


def test_not_now_of_the_gateway_is_tried_again_and_is_no_contact_meanwhile(outside: Sink) -> None:
    ContactSettings.objects.update(cap_messages=1)
    agreed("13900000001")
    made = cast.running(cast.sms(outside.url))
    outside.answer = lambda _body: (503, {})
    cast.worked(made)
    row = cast.only(made)
    assert (row.state, row.error, row.attempts, row.begun_at) == ("pending", "http_503", 1, None)
    assert not ContactEvent.objects.exists()
    outside.answer = lambda _body: (200, {"code": "0"})
    cast.worked(made, row.due_at)
    assert (cast.only(made).state, cast.only(made).attempts, ContactEvent.objects.count()) == ("sent", 2, 1)


def test_refused_for_good_has_failed_and_is_no_contact(outside: Sink) -> None:
    agreed("13900000001")
    made = cast.running(cast.sms(outside.url))
    outside.answer = lambda _body: (200, {"code": "17"})
    cast.worked(made)
    row = cast.only(made)
    assert (row.state, row.error, ContactEvent.objects.count()) == ("failed", "code_17", 0)
    made.refresh_from_db()
    assert made.state == "done"


def test_unclear_answer_without_a_promise_is_in_doubt_and_stays_a_contact(outside: Sink) -> None:
    agreed("13900000001")
    made = cast.running(cast.sms(outside.url))
    outside.answer = lambda _body: (500, {})
    cast.worked(made)
    row = cast.only(made)
    assert (row.state, row.error, row.due_at) == ("unknown", "http_500", None)
    assert (ContactEvent.objects.count(), len(outside.calls)) == (1, 1)
    cast.worked(made, EVENING + HOUR)
    assert len(outside.calls) == 1, "nobody repeats it"


def test_unclear_answer_with_a_key_is_repeated_under_it_as_one_contact(outside: Sink) -> None:
    ContactSettings.objects.update(cap_messages=1)
    agreed("13900000001")
    made = cast.running(cast.sms(outside.url, "key"))
    outside.answer = lambda _body: (500, {})
    cast.worked(made)
    row = cast.only(made)
    assert (row.state, row.begun_at) == ("pending", EVENING)
    outside.answer = lambda _body: (200, {"code": "0"})
    cast.worked(made, row.due_at)
    assert (cast.only(made).state, cast.only(made).begun_at) == ("sent", EVENING)
    assert list(outside.arrivals("key").values()) == [2]
    assert ContactEvent.objects.count() == 1


def test_repeat_that_the_gate_refuses_is_in_doubt_and_not_unsent(outside: Sink) -> None:
    her = agreed("13900000001")
    made = cast.running(cast.sms(outside.url, "key"))
    outside.answer = lambda _body: (500, {})
    cast.worked(made)
    said(her, "withdraw", EVENING + timedelta(seconds=5))
    cast.worked(made, EVENING + HOUR)
    row = cast.only(made)
    assert (row.state, row.reason, len(outside.calls)) == ("unknown", "withdrawn", 1)
    assert ContactEvent.objects.count() == 1


def test_repeat_after_the_window_of_the_key_is_in_doubt(outside: Sink) -> None:
    agreed("13900000001")
    made = cast.running(cast.sms(outside.url, "key", key_hours=1))
    outside.answer = lambda _body: (500, {})
    cast.worked(made)
    cast.worked(made, EVENING + HOUR)
    assert (cast.states(made), len(outside.calls)) == (["unknown"], 1)


def test_adapter_that_breaks_leaves_a_doubt_and_the_others_go(
    outside: Sink, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    hers = [agreed(f"1390000000{number}") for number in range(3)]
    made = cast.running(cast.sms(outside.url))
    answer = SmsConnection.send

    def break_once(through: SmsConnection, message: Message) -> Result:
        if message.member_id == hers[1].pk:
            raise RuntimeError("planted")
        return answer(through, message)

    monkeypatch.setattr(SmsConnection, "send", break_once)
    assert cast.worked(made) == 3
    assert cast.states(made) == ["sent", "unknown", "sent"]
    assert Delivery.objects.get(state="unknown").error == "adapter_RuntimeError"
    assert "planted" in caplog.text


# --- limits ---


def test_limit_of_the_day_lets_the_rest_wait_for_the_next(outside: Sink) -> None:
    for number in range(3):
        agreed(f"1390000000{number}")
    through = cast.gateway(outside.url, daily_limit=2)
    made = cast.running(through, not_after=EVENING + 3 * DAY)
    cast.worked(made)
    assert sorted(cast.states(made)) == ["pending", "sent", "sent"]
    (late,) = Delivery.objects.filter(state="pending")
    assert (late.reason, late.due_at) == ("daily_limit", EVENING + 11 * HOUR)
    cast.worked(made, late.due_at)
    assert cast.states(made) == ["sent"] * 3


def test_messages_a_second_are_what_the_gateway_takes(outside: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr("messaging.services.working.seconds_to_wait", lambda _gateway, count: asked.append(count) or 0)
    for number in range(5):
        agreed(f"1390000000{number}")
    made = cast.running(cast.gateway(outside.url, per_second=2))
    assert cast.worked(made) == 5
    assert asked == [2, 2, 2]


def test_messages_that_have_to_wait_for_long_are_given_back(outside: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("messaging.services.working.seconds_to_wait", lambda _gateway, _count: 60)
    agreed("13900000001")
    made = cast.running(cast.gateway(outside.url, per_second=1))
    assert cast.worked(made) == 0
    assert (cast.states(made), outside.calls) == (["pending"], [])


# --- verbs ---


def test_states_move_by_their_verbs_alone(outside: Sink) -> None:
    agreed("13900000001")
    made = cast.send(cast.sms(outside.url))
    for verb in (pause, resume, close, start):
        with pytest.raises(SendStateWrong):
            verb(send=made, by=author(), now=EVENING)
    everybody = recipients_of(Member.objects.all())
    freeze(send=made, recipients=everybody, by=author(), now=EVENING)
    start(send=made, by=author(), now=EVENING)
    with pytest.raises(SendStateWrong):
        freeze(send=made, recipients=everybody, by=author(), now=EVENING)
    pause(send=made, by=author(), now=EVENING)
    assert cast.worked(made) == 0
    resume(send=made, by=author(), now=EVENING)
    with pytest.raises(SendNotValid):
        cancel(send=made, by=author(), now=EVENING, reason=" ")
    cancel(send=made, by=author(), now=EVENING, reason="改期")
    assert due_sends(now=EVENING) == [made.pk]
    cast.worked(made)
    row = cast.only(made)
    assert (row.state, row.reason, outside.calls, due_sends(now=EVENING)) == ("skipped", "cancelled", [], [])
    for verb in (pause, resume, close, start):
        with pytest.raises(SendStateWrong):
            verb(send=made, by=author(), now=EVENING)
    acts = AuditEntry.objects.filter(object_type="messaging.send").order_by("pk").values_list("action", flat=True)
    assert [act.partition(".")[2] for act in acts] == [
        *("create_send", "freeze_send", "start_send", "pause_send", "resume_send", "cancel_send"),
    ]


def test_paused_while_a_worker_has_rows_nothing_more_begins(outside: Sink) -> None:
    for number in range(3):
        agreed(f"1390000000{number}")
    made = cast.running(cast.sms(outside.url))

    def pause_and_answer(_body: dict[str, Any]) -> tuple[int, Any]:
        Send.objects.filter(pk=made.pk).update(state="paused")
        return 200, {"code": "0"}

    with pytest.MonkeyPatch.context() as planted:
        planted.setattr("messaging.channels.sms.adapter.SmsConnection.send", _in_this_thread(pause_and_answer))
        cast.worked(made)
    assert sorted(cast.states(made)) == ["pending", "pending", "sent"]
    assert not Delivery.objects.exclude(state="sent").exclude(lease=None).exists()


def _in_this_thread(answer: Any) -> Any:
    def send(_self: Any, _message: Any) -> Result:
        answer({})
        return Result(outcome=Outcome.SENT)

    return send


def test_what_could_not_go_in_time_is_not_sent_and_the_send_ends(outside: Sink) -> None:
    agreed("13900000001")
    made = cast.running(cast.sms(outside.url))
    cast.worked(made, EVENING + DAY + HOUR)
    made.refresh_from_db()
    assert (cast.only(made).reason, made.state, outside.calls) == ("expired", "done", [])


def test_open_ended_send_takes_recipients_while_it_runs_and_ends_when_closed(outside: Sink) -> None:
    made = cast.running(cast.sms(outside.url), [agreed("13900000001")], is_open_ended=True)
    cast.worked(made)
    assert Send.objects.get().state == "running"
    assert cast.frozen(made, agreed("13900000002")) == 1
    cast.worked(made)
    close(send=made, by=author(), now=EVENING)
    cast.worked(made)
    assert (cast.states(made), Send.objects.get().state) == (["sent", "sent"], "done")


def test_send_does_not_begin_before_its_hour(outside: Sink) -> None:
    agreed("13900000001")
    made = cast.running(cast.sms(outside.url), not_before=EVENING + HOUR)
    assert cast.worked(made) == 0
    assert cast.worked(made, EVENING + HOUR) == 1


# --- what may not go at all ---


def test_text_goes_as_it_was_approved_or_not_at_all(outside: Sink) -> None:
    text, through = cast.template(), cast.sms(outside.url)
    agreed("13900000001")
    draft = cast.send(through, text)
    save_template(template=text, name="新品", channel="sms", text="另一段话", by=author(), now=EVENING)
    with pytest.raises(TextNotApproved):
        freeze(send=draft, recipients=recipients_of(Member.objects.all()), by=author(), now=EVENING)
    cast.approved(MessageTemplate.objects.get())
    freeze(send=draft, recipients=recipients_of(Member.objects.all()), by=author(), now=EVENING)
    save_template(template=text, name="新品", channel="sms", text="第三段话", by=author(), now=EVENING)
    with pytest.raises(TextNotApproved):
        start(send=draft, by=author(), now=EVENING)


def test_gateway_that_is_switched_off_starts_and_sends_nothing(outside: Sink) -> None:
    agreed("13900000001")
    through = cast.sms(outside.url)
    made = cast.running(through)
    Gateway.objects.update(is_active=False)
    assert cast.worked(made) == 0
    draft = cast.send(through)
    cast.frozen(draft)
    with pytest.raises(GatewayNotReady):
        start(send=draft, by=author(), now=EVENING)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"not_after": EVENING}, "not_after"),
        ({"purpose": "fun"}, "purpose"),
        ({"not_before": EVENING - 3 * DAY, "not_after": EVENING - DAY}, "not_after"),
    ],
)
def test_send_that_cannot_be_is_refused_by_field(outside: Sink, values: dict[str, Any], field: str) -> None:
    with pytest.raises(SendNotValid) as refused:
        cast.send(cast.sms(outside.url), **values)
    assert list(refused.value.fields) == [field]


def test_template_of_another_channel_is_refused(outside: Sink) -> None:
    with pytest.raises(SendNotValid) as refused:
        cast.send(cast.sms(outside.url), cast.template(channel="email", subject="新品"))
    assert list(refused.value.fields) == ["template"]


def test_late_start_is_refused(outside: Sink) -> None:
    made = cast.send(cast.sms(outside.url))
    cast.frozen(made)
    with pytest.raises(SendNotValid):
        start(send=made, by=author(), now=EVENING + 2 * DAY)
