"""Gateways, templates, and what becomes of a member's messages when she is forgotten."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from audit.models import AuditEntry
from compliance.models import Review
from compliance.services.reviews import expire_reviews
from messaging.errors import GatewayNotValid, TemplateNotValid, TextNotApproved
from messaging.models import Delivery, Gateway, MessageTemplate
from messaging.privacy import erase_messages, export_messages
from messaging.selectors.setups import setup_of
from messaging.services.gateways import GatewayPlan, save_gateway
from messaging.services.sends import resume
from messaging.services.templates import save_template
from tests.messaging import cast
from tests.messaging.cast import EVENING, agreed, author
from tests.messaging.sinks import Sink

pytestmark = pytest.mark.django_db
URL = "https://sms.example"


def plan(**values: Any) -> GatewayPlan:
    given: dict[str, Any] = {
        "code": "sms-a",
        "name": "短信",
        "adapter": "sms_http",
        "channel": "sms",
        "sender": "悦肤",
        "refusal": "拒收请回复R",
        "settings": {"url": URL},
        "secret": "s1",
    }
    return GatewayPlan(**{**given, **values})


def test_secret_is_sealed_and_stays_unless_another_is_given() -> None:
    made = save_gateway(plan=plan(), by=author(), now=EVENING)
    assert setup_of(made).secret == "s1"
    assert b"s1" not in bytes(Gateway.objects.get().secret or b"")
    save_gateway(gateway=made, plan=plan(name="短信2", secret=""), by=author(), now=EVENING)
    assert (setup_of(Gateway.objects.get()).secret, Gateway.objects.get().name) == ("s1", "短信2")
    save_gateway(gateway=made, plan=plan(secret="s2"), by=author(), now=EVENING)
    assert setup_of(Gateway.objects.get()).secret == "s2"
    assert not [entry for entry in AuditEntry.objects.all() if "s1" in str(entry.changes) or "s2" in str(entry.changes)]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"adapter": "pigeon"}, "adapter"),
        ({"channel": "email"}, "channel"),
        ({"sender": " "}, "sender"),
        ({"sender": "【悦肤】"}, "sender"),
        ({"per_second": 0}, "per_second"),
        ({"settings": {}}, "url"),
        ({"secret": ""}, "secret"),
        ({"refusal": ""}, "refusal"),
    ],
)
def test_gateway_that_cannot_work_is_refused_by_field(values: dict[str, Any], field: str) -> None:
    with pytest.raises(GatewayNotValid) as refused:
        save_gateway(plan=plan(**values), by=author(), now=EVENING)
    assert list(refused.value.fields) == [field]
    assert not Gateway.objects.exists()


def test_code_belongs_to_one_gateway() -> None:
    save_gateway(plan=plan(), by=author(), now=EVENING)
    with pytest.raises(GatewayNotValid) as refused:
        save_gateway(plan=plan(), by=author(), now=EVENING)
    assert list(refused.value.fields) == ["code"]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": "长" * 501}, "text"),
        ({"text": "{nickname}"}, "text"),
        ({"text": "{name"}, "text"),
        ({"name": " "}, "name"),
        ({"channel": "email"}, "subject"),
        ({"given": ["Code"]}, "given"),
    ],
)
def test_template_that_nobody_could_fill_is_refused(values: dict[str, Any], field: str) -> None:
    given: dict[str, Any] = {"name": "新品", "channel": "sms", "text": "你好", "by": author(), "now": EVENING}
    with pytest.raises(TemplateNotValid) as refused:
        save_template(**{**given, **values})
    assert list(refused.value.fields) == [field]
    assert not MessageTemplate.objects.exists()


def test_template_is_approved_until_its_words_change() -> None:
    made = cast.template()
    assert made.text_approved
    changed = save_template(template=made, name="新品", channel="sms", text="另一段话", by=author(), now=EVENING)
    assert not changed.text_approved
    assert Review.objects.get(kind="message_template").state == "scanned"


def test_send_stops_when_its_words_are_no_longer_approved_and_not_when_the_template_changes(outside: Sink) -> None:
    agreed("13900000001")
    text = cast.template()
    made = cast.running(cast.sms(outside.url), text=text)
    save_template(template=text, name="新品", channel="sms", text="另一段话", by=author(), now=EVENING)
    made.refresh_from_db()
    assert made.state == "running"
    cast.approved(text)
    ends = Review.objects.get(kind="message_template").valid_until
    assert ends
    with translation.override("en"):
        assert expire_reviews(now=ends) == 1
    made.refresh_from_db()
    assert (made.state, cast.worked(made), outside.calls) == ("paused", 0, [])
    act = AuditEntry.objects.get(action="messaging.pause_send")
    with pytest.raises(TextNotApproved):
        resume(send=made, by=author(), now=EVENING)
    assert (act.actor_id, act.reason) == (None, "The text is not approved any more.")


def test_forgotten_member_leaves_a_number_and_gets_nothing_more(outside: Sink) -> None:
    her, other = agreed("13900000001", name="林晓"), agreed("13900000002", name="王明")
    made, waiting = cast.running(cast.sms(outside.url)), cast.running(cast.sms(outside.url))
    cast.worked(made)
    assert [row["values"] for row in export_messages(her.pk)["messages"]] == [{"name": "林晓"}, {}]
    assert erase_messages(her.pk) == 2
    assert erase_messages(her.pk) == 0
    assert export_messages(her.pk) == {"messages": []}
    rows = Delivery.objects.filter(member=None).order_by("pk")
    assert [(row.state, row.reason, row.address, row.variables, row.external_id) for row in rows] == [
        ("sent", "allowed", "", None, ""),
        ("skipped", "erased", "", None, ""),
    ]
    outside.calls.clear()
    cast.worked(waiting)
    assert [body["mobile"] for body in outside.bodies] == ["13900000002"]
    assert Delivery.objects.filter(member=other).count() == 2


def test_database_holds_to_what_must_be_true(outside: Sink) -> None:
    agreed("13900000001")
    made = cast.running(cast.sms(outside.url))
    row = cast.only(made)
    for wrong in (
        {"state": "sending"},
        {"state": "sent"},
        {"due_at": None},
        {"ended_at": EVENING},
        {"state": "unknown"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Delivery.objects.filter(pk=row.pk).update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.create(send=made, member_id=row.member_id, due_at=EVENING)
