"""What gateways tell us, and the link by which a member refuses."""

import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from compliance.models import ConsentState, Suppression
from core.models.requests import RateBucket
from messaging.models import Delivery, Gateway
from messaging.rules.signing import digest, sign
from messaging.services.beginning import refusal_path
from messaging.services.receipts import ReceiptIn, take_receipt
from tests.messaging import cast
from tests.messaging.cast import EVENING, agreed
from tests.messaging.sinks import Sink
from timeline.models import Interaction

pytestmark = pytest.mark.django_db
PHONE = "13900000001"


def call(client: Client, gateway: Gateway, what: str, said: Any, *, header: str = "X-Signature", **values: Any) -> Any:
    body = json.dumps(said).encode()
    signature = values.pop("signature", None) or digest(values.pop("secret", cast.SECRET), body)
    return client.post(
        f"/hooks/messages/{gateway.code}/{what}/", body, content_type="application/json", headers={header: signature}
    )


def reply(text: str, **values: Any) -> dict[str, Any]:
    return {"mobile": PHONE, "content": text, "id": "r1", **values}


def marketing(member_id: int) -> str | None:
    state = ConsentState.objects.filter(member=member_id, purpose="marketing").order_by("-occurred_at").first()
    return state.action if state else None


@pytest.mark.parametrize("text", ["TD", "T", "R", "退订", "拒收", "请不要再给我发短信了"])
def test_reply_that_refuses_is_a_withdrawal_at_once(client: Client, text: str) -> None:
    her, through = agreed(PHONE), cast.sms("https://sms.example")
    answer = call(client, through, "replies", reply(text))
    assert (answer.status_code, answer.json()) == (200, {"taken": 1, "refusals": 1})
    assert marketing(her.pk) == "withdraw"
    assert Suppression.objects.filter(lifted_at=None, channel="sms").count() == 1


def test_reply_is_an_interaction_once_and_its_text_is_kept_nowhere(client: Client) -> None:
    her, through = agreed(PHONE), cast.sms("https://sms.example")
    for _twice in range(2):
        assert call(client, through, "replies", [reply("T恤有货吗")]).json() == {"taken": 1, "refusals": 0}
    fact = Interaction.objects.get()
    assert (fact.member_id, fact.kind, fact.channel, fact.properties) == (her.pk, "message", "sms", None)
    assert marketing(her.pk) == "grant"


def test_refusal_of_a_number_that_belongs_to_nobody_is_kept(client: Client) -> None:
    through = cast.sms("https://sms.example")
    assert call(client, through, "replies", [reply("TD"), reply("你好"), reply("TD", mobile="x")]).json() == {
        "taken": 3,
        "refusals": 1,
    }
    assert Suppression.objects.count() == 1
    assert not Interaction.objects.exists()


def test_call_that_is_not_signed_is_refused_and_guessing_is_slowed_down(client: Client) -> None:
    her, through = agreed(PHONE), cast.sms("https://sms.example")
    assert call(client, through, "replies", reply("TD"), secret="guess").status_code == 403
    assert call(client, through, "replies", reply("TD"), signature="é").status_code == 403
    other = Gateway(code="nowhere")
    assert call(client, other, "replies", reply("TD")).status_code == 403
    answers = {call(client, through, "replies", reply("TD"), secret="guess").status_code for _each in range(30)}
    assert answers == {403, 429}
    assert marketing(her.pk) == "grant"
    RateBucket.objects.all().delete()


def test_our_own_signature_holds_for_five_minutes(client: Client) -> None:
    agreed(PHONE)
    through = cast.sms("https://sms.example")
    body = json.dumps(reply("你好")).encode()
    now = int(timezone.now().timestamp())
    good, old = sign(cast.SECRET, body, seconds=now), sign(cast.SECRET, body, seconds=now - 900)
    assert call(client, through, "replies", reply("你好"), header="X-Scrm-Signature", signature=good).status_code == 200
    assert call(client, through, "replies", reply("你好"), header="X-Scrm-Signature", signature=old).status_code == 403


def test_body_that_is_no_json_is_refused(client: Client) -> None:
    through = cast.sms("https://sms.example")
    path, body = f"/hooks/messages/{through.code}/replies/", b"{"
    assert client.post(path, body, "text/plain", headers={"X-Signature": digest(cast.SECRET, body)}).status_code == 400
    assert client.get(path).status_code == 405


def test_receipt_says_what_became_of_a_message_and_the_first_one_counts(client: Client, outside: Sink) -> None:
    agreed(PHONE)
    through = cast.sms(outside.url)
    made = cast.running(through)
    cast.worked(made)
    row = cast.only(made)
    answer = call(
        client, through, "receipts", [{"uid": str(row.pk), "state": "DELIVRD"}, {"id": row.external_id, "state": "x"}]
    )
    assert answer.json() == {"taken": 2, "known": 2}
    row.refresh_from_db()
    assert (row.state, row.receipt, row.error) == ("sent", "delivered", "")
    assert call(client, through, "receipts", {"uid": "9" * 30, "state": "x"}).json() == {"taken": 1, "known": 0}
    assert call(client, cast.sms(outside.url), "receipts", {"uid": str(row.pk)}).json() == {"taken": 1, "known": 0}


def test_receipt_ends_a_doubt(outside: Sink) -> None:
    agreed(PHONE)
    through = cast.sms(outside.url)
    made = cast.running(through)
    outside.answer = lambda _body: (500, {})
    cast.worked(made)
    row = cast.only(made)
    taken = ReceiptIn(reference=str(row.pk), delivered=False, error="told_UNDELIV")
    assert take_receipt(gateway=through, receipt=taken, now=EVENING)
    row.refresh_from_db()
    assert (row.state, row.receipt, row.error) == ("sent", "failed", "told_UNDELIV")
    assert not take_receipt(gateway=through, receipt=ReceiptIn(delivered=True), now=EVENING)
    assert Delivery.objects.count() == 1


# --- the link ---


def test_link_refuses_by_one_tap_and_looking_changes_nothing(client: Client) -> None:
    her = agreed(email="lin@example.com")
    path = refusal_path(her.pk, "email")
    assert client.get(path).status_code == 200
    assert marketing(her.pk) == "grant"
    for _twice in range(2):
        assert client.post(path).status_code == 200
    state = ConsentState.objects.get(member=her, channel="email")
    assert state.action in {"withdraw", "refuse"}


def test_mail_program_refuses_without_a_cookie() -> None:
    her = agreed(email="lin@example.com")
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(
        refusal_path(her.pk, "email"), "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 200
    assert ConsentState.objects.filter(member=her, channel="email").exists()


def test_forged_link_refuses_nothing(client: Client) -> None:
    her = agreed()
    path = refusal_path(her.pk, "email")
    assert client.post(path[:-3] + "x/").status_code == 404
    assert client.get(refusal_path(her.pk + 999, "email")).status_code == 404
    assert client.get(refusal_path(her.pk, "pigeon")).status_code == 404
    answers = {client.get(path).status_code for _each in range(60)}
    assert answers == {200, 429}
    RateBucket.objects.all().delete()
