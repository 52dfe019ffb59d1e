"""Addresses of messaging for `pages_of_the_admin`, and its POSTs for `test_acts_of_the_pages`."""

from collections.abc import Iterator
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.models import Member
from messaging.models import Delivery, MessageTemplate, Send
from messaging.services.beginning import refusal_path
from messaging.services.templates import save_template
from tests.messaging import cast
from tests.scrm.acts_of_the_pages import Act, Cast, Maker, about, to
from tests.scrm.probes_of_messages import sent_to

Row = tuple[Any, ...]


def doubtful(member: Member) -> Delivery:
    """A message of hers of which nobody knows what became."""
    row = Delivery.objects.filter(member=member).first() or sent_to(member, "N1")
    Delivery.objects.filter(pk=row.pk).update(state="unknown")
    return row


def a_send() -> Send:
    return Send.objects.filter(template__isnull=False, state="frozen").first() or frozen()


def frozen() -> Send:
    """With its text approved, by a gateway that nobody calls."""
    made = cast.send(cast.sms("https://sms.example"), not_after=timezone.now() + cast.DAY)
    cast.frozen(made)
    made.refresh_from_db()
    return made


def looked_at() -> Iterator[Row]:
    send = a_send()
    yield "messaging:sends", "messaging.view_send"
    yield "messaging:send", "messaging.view_send", send.pk
    yield "messaging:templates", "messaging.view_messagetemplate"
    yield "messaging:template_add", "messaging.add_messagetemplate"
    yield "messaging:template", "messaging.view_messagetemplate", send.template_id
    yield "messaging:template_edit", "messaging.change_messagetemplate", send.template_id
    yield "messaging:gateways", "messaging.view_gateway"
    yield "messaging:gateway_add", "messaging.add_gateway"
    yield "messaging:gateway_edit", "messaging.change_gateway", send.gateway_id
    yield "messaging:doubts", "messaging.reconcile_delivery"


def posted_to(member: Member) -> Iterator[Row]:
    send = a_send()
    yield "messaging:send_move", "messaging.change_send", send.pk
    yield "messaging:template_submit", "messaging.change_messagetemplate", send.template_id
    yield "messaging:say", "messaging.reconcile_delivery"
    yield "messaging:ask", "messaging.reconcile_delivery", doubtful(member).pk


def written() -> MessageTemplate:
    """Not yet before the reviewer."""
    given = {"name": "新品", "channel": "sms", "text": "新品到店。", "by": cast.author(), "now": timezone.now()}
    return save_template(**given)


def said(who: Cast) -> Act:
    row = doubtful(who.member)
    return Act(reverse("messaging:say"), {"delivery": [str(row.pk)], "word": "delivered", "reason": "通道后台已查"})


def asked(who: Cast) -> Act:
    return Act(reverse("messaging:ask", args=(doubtful(who.member).pk,)))


def refused(who: Cast) -> Act:
    return Act(refusal_path(who.member.pk, "email"), {}, Client(), by_nobody=True)


GATEWAY = {
    "code": "aliyun",
    "name": "短信通道",
    "adapter": "sms_http",
    "channel": "sms",
    "sender": "悦肤",
    "refusal": "拒收请回复R",
    "settings": '{"url": "https://sms.example"}',
    "secret": "geheim",
    "per_second": "20",
    "daily_limit": "",
    "is_active": "on",
}
TEMPLATE = {"name": "到店礼", "channel": "sms", "subject": "", "text": "亲爱的{name|会员}，到店有礼。", "given": ""}
MESSAGE_ACTS: dict[str, Maker] = {
    "messaging:say": said,
    "messaging:ask": asked,
    "messaging:send_move": about(
        "messaging:send_move", lambda _cast: frozen().pk, {"verb": "cancel", "reason": "改期"}
    ),
    "messaging:gateway_add": to("messaging:gateway_add", GATEWAY),
    "messaging:gateway_edit": about(
        "messaging:gateway_edit", lambda _cast: a_send().gateway_id, {**GATEWAY, "name": "备用通道"}
    ),
    "messaging:template_add": to("messaging:template_add", TEMPLATE),
    "messaging:template_edit": about("messaging:template_edit", lambda _cast: written().pk, TEMPLATE),
    "messaging:template_submit": about("messaging:template_submit", lambda _cast: written().pk),
    "refusals:refuse": refused,
}
