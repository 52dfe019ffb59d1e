"""Dull makers of gateways, templates, sends and members who agreed, at one evening."""

import itertools
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from accounts.enums import Role
from accounts.models import User
from compliance.models import Review
from compliance.services.reviews import approve, submit
from core.services.sealing import seal_many
from members.enums import IdentityType
from members.models import Identity, Member
from members.selectors import lookup_function
from messaging.enums import DeliveryState
from messaging.models import Delivery, Gateway, MessageTemplate, Send
from messaging.services.freezing import Recipients, recipients_of
from messaging.services.gateways import GatewayPlan, save_gateway
from messaging.services.sends import Source, create_send, freeze, start
from messaging.services.templates import save_template
from messaging.services.working import Pace, work
from tests.compliance.people import EVENING, member, said

__all__ = ["EVENING", "member", "said"]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SECRET = "secret-of-the-gateway"
SEALED = Identity._meta.get_field("sealed")
_numbers = itertools.count(1)


def person(name: str, role: str = Role.MARKETER) -> User:
    return User.objects.filter(username=name).first() or User.objects.create_user(name, role=role)


def author() -> User:
    return person("author")


def legal() -> User:
    return person("legal", Role.LEGAL)


def gateway(url: str, adapter: str = "webhook", **values: Any) -> Gateway:
    """In use. A webhook promises a key for a day, an SMS gateway what its settings say."""
    settings = {"url": url, **values.pop("settings", {})}
    given: dict[str, Any] = {
        "code": f"gate{next(_numbers)}",
        "name": "通道",
        "adapter": adapter,
        "channel": "sms",
        "sender": "悦肤",
        "refusal": "拒收请回复R",
        "settings": settings,
        "secret": SECRET,
    }
    return save_gateway(plan=GatewayPlan(**{**given, **values}), by=author(), now=EVENING)


def sms(url: str, repeat: str = "none", **settings: Any) -> Gateway:
    shipped: dict[str, Any] = {"repeat": repeat, "query_url": f"{url}/query"}
    if repeat == "key":
        shipped["fields"] = {"mobile": "{phone}", "content": "{text}", "uid": "{reference}", "key": "{key}"}
    return gateway(url, "sms_http", settings={**shipped, **settings})


def template(text: str = "亲爱的{name|会员}，新品到店。", **values: Any) -> MessageTemplate:
    """Approved."""
    given: dict[str, Any] = {"name": "新品", "channel": "sms", "text": text, "by": author(), "now": EVENING}
    made = save_template(**{**given, **values})
    return approved(made, values.get("now", EVENING))


def approved(made: MessageTemplate, now: datetime = EVENING) -> MessageTemplate:
    review = Review.objects.get(kind="message_template", object_id=made.pk)
    submit(review=review, by=author(), now=now)
    review.refresh_from_db()
    approve(review=review, digest=review.digest, by=legal(), now=now)
    made.refresh_from_db()
    return made


def send(through: Gateway, text: MessageTemplate | None = None, **values: Any) -> Send:
    """A draft, for a day from this evening."""
    given: dict[str, Any] = {
        "source": Source(kind="activity", id=str(next(_numbers)), step="start"),
        "title": "新品通知",
        "gateway": through,
        "template": text or template(channel=through.channel),
        "not_before": EVENING,
        "not_after": EVENING + DAY,
        "by": author(),
        "now": EVENING,
    }
    return create_send(**{**given, **values})


def running(
    through: Gateway, who: list[Member] | None = None, text: MessageTemplate | None = None, **values: Any
) -> Send:
    """Frozen to these members, or to everybody, and started."""
    made = send(through, text, **values)
    chosen = Member.objects.all() if who is None else Member.objects.filter(pk__in=[each.pk for each in who])
    at = values.get("now", EVENING)
    freeze(send=made, recipients=recipients_of(chosen), by=author(), now=at)
    return start(send=made, by=author(), now=at)


def frozen(made: Send, *who: Member) -> int:
    chosen = Member.objects.filter(pk__in=[each.pk for each in who])
    return freeze(send=made, recipients=recipients_of(chosen), by=author(), now=EVENING)


def agreed(phone: str = "", **values: Any) -> Member:
    """Somebody who agreed to marketing on every channel."""
    her = member(phone=phone, **values)
    said(her, "grant")
    return her


def crowd(count: int, *, phones: bool = False) -> list[int]:
    """Many who agreed, by statements; with a number each if `phones`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO members_member (name, name_key, gender, channel) SELECT '会员' || n, '', '', 'crowd'"
            " FROM generate_series(1, %s) AS n RETURNING id",
            [count],
        )
        ids = [row[0] for row in cursor.fetchall()]
        cursor.execute(
            "INSERT INTO compliance_consentevent (member_id, purpose, channel, action, occurred_at, received_at,"
            " notice_hash, language, source, page, wording, preset, key)"
            " SELECT id, 'marketing', 'any', 'grant', %s, %s, '', '', 'import', '', '', false, gen_random_uuid()"
            " FROM members_member WHERE channel = 'crowd'",
            [EVENING - 300 * DAY, EVENING],
        )
    if phones:
        _number(ids)
    return ids


def _number(ids: list[int]) -> None:
    look = lookup_function(IdentityType.PHONE)
    pairs = [(number, f"139{place:08}") for place, number in enumerate(ids)]
    sealed = seal_many(SEALED, pairs)
    Identity.objects.bulk_create(
        [
            Identity(member_id=number, type="phone", lookup=look(phone), sealed=body)
            for (number, phone), body in zip(pairs, sealed, strict=True)
        ]
    )


def worked(made: Send, now: datetime = EVENING, pace: Pace | None = None) -> int:
    return work(send_id=made.pk, clock=lambda: now, pace=pace)


def states(made: Send) -> list[str]:
    return list(Delivery.objects.filter(send=made).order_by("member").values_list("state", flat=True))


def only(made: Send) -> Delivery:
    return Delivery.objects.get(send=made)


def in_doubt(made: Send) -> list[Delivery]:
    return list(Delivery.objects.filter(send=made, state=DeliveryState.UNKNOWN))


def bringing(*rows: tuple[Member, str]) -> Recipients:
    """Members with the value `code` that the sender brings."""
    values = ", ".join(["(%s, jsonb_build_object('code', %s::text))"] * len(rows))
    flat = [each for her, code in rows for each in (her.pk, code)]
    return Recipients(f"SELECT * FROM (VALUES {values}) AS given (member_id, variables)", flat, brings_values=True)
