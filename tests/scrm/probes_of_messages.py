"""What a program tries upon messages to members of another store, for `test_api_scope`."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.utils import timezone

from members.models import Member
from messaging.models import Delivery, Gateway, Send

Probe = tuple[str, str, Any, bool]


def sent_to(member: Member, external_id: str) -> Delivery:
    """A message that went to her, made without any call."""
    now = timezone.now()
    gateway, _made = Gateway.objects.get_or_create(
        code="probe",
        defaults={
            "name": "通道",
            "adapter": "webhook",
            "channel": "sms",
            "sender": "悦肤",
            "created_at": now,
            "changed_at": now,
        },
    )
    send = Send.objects.create(
        source_kind="probe",
        source_id=str(member.pk),
        title="新品",
        channel="sms",
        gateway=gateway,
        text="你好",
        state="done",
        not_before=now,
        not_after=now + timedelta(days=1),
        created_at=now,
        frozen_at=now,
        started_at=now,
        ended_at=now,
    )
    return Delivery.objects.create(
        send=send, member=member, state="sent", begun_at=now, ended_at=now, external_id=external_id
    )


def probes_of_messages(victim: Member, *, sign: str) -> Iterator[Probe]:
    """The gateway's number of the victim's message is the sign."""
    row = Delivery.objects.filter(member=victim).first() or sent_to(victim, sign)
    for query in ("", f"?member={victim.pk}", f"?send={row.send_id}", "?state=sent"):
        yield "get", f"/api/v1/deliveries/{query}", None, False
    yield "get", f"/api/v1/deliveries/{row.pk}/", None, True
