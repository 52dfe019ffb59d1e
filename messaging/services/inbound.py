"""What members write back: a refusal is a refusal at once, everything is an interaction, no text is kept.

Conversations with their texts are the service desk's; until there is one, that a member wrote is what is known of it.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from compliance.enums.consent import SuppressionReason
from compliance.rules.keywords import asks_to_stop
from compliance.services.suppression import suppress, take_reply
from core.rules.normalise import NotNormal
from members.enums import IdentityType
from members.rules.identities import normalise
from members.selectors import lookup_of, members_with
from messaging.channels.registered import adapter_of
from messaging.models import Gateway
from timeline.enums import InteractionKind
from timeline.services import InteractionIn, record_interactions

SOURCE = "messaging"


@dataclass(frozen=True, kw_only=True)
class InboundIn:
    """`key` is the gateway's own number of the message: offered twice, it is the same."""

    sender: str
    text: str
    key: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class InboundTaken:
    """`known`: the sender is a member; `refused`: she asked to be left alone."""

    known: bool
    refused: bool


@transaction.atomic
def take_inbound(*, gateway: Gateway, inbound: InboundIn, now: datetime) -> InboundTaken:
    """Safe to repeat. Somebody who is no member and refuses goes on the list all the same."""
    kind = adapter_of(gateway.adapter).identity
    value = _normal(kind, inbound.sender)
    if kind is None or value is None:
        return InboundTaken(known=False, refused=False)
    known = (kind, lookup_of(kind, value))
    member_id = members_with([known]).get(known)
    if member_id is not None:
        refused = take_reply(member_id=member_id, channel=gateway.channel, text=inbound.text, now=now)
        _note(gateway, member_id, inbound, now)
        return InboundTaken(known=True, refused=refused)
    refused = asks_to_stop(inbound.text)
    if refused:
        _leave_alone(kind, value, gateway, now)
    return InboundTaken(known=False, refused=refused)


def _normal(kind: IdentityType | None, text: str) -> str | None:
    if kind is None:
        return None
    try:
        return normalise(kind, text)
    except NotNormal:
        return None


def _note(gateway: Gateway, member_id: int, inbound: InboundIn, now: datetime) -> None:
    row = InteractionIn(
        line_no=1,
        member_id=member_id,
        source=SOURCE,
        key=f"{gateway.code}:{inbound.key}"[:120],
        occurred_at=min(inbound.at, now),
        kind=InteractionKind.MESSAGE,
        channel=gateway.channel,
    )
    record_interactions(now=now, rows=[row])


def _leave_alone(kind: IdentityType, value: str, gateway: Gateway, now: datetime) -> None:
    suppress(
        kind=kind,
        value=value,
        reason=SuppressionReason.OPT_OUT,
        by=None,
        now=now,
        channel=gateway.channel,
        source=f"reply:{gateway.code}",
    )
