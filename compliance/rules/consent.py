"""What counts as a consent, and which of two events holds."""

import re
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from compliance.enums.consent import GRANTS, PROVIDE, Channel, ConsentAction, Purpose

#: A clock of another system may be ahead by this much; the event is then taken for one of now.
SKEW = timedelta(minutes=5)
_RECIPIENT = re.compile(r"provide:[a-z0-9][a-z0-9_-]{0,39}")
WEIGHTS = {ConsentAction.WITHDRAW: 2, ConsentAction.REFUSE: 1, ConsentAction.GRANT: 0, ConsentAction.GUARDIAN_GRANT: 0}


@dataclass(frozen=True)
class Held:
    """What a state says: the event that holds for one purpose and channel."""

    action: str
    occurred_at: datetime
    weight: int
    notice_id: int | None
    event_id: int

    @property
    def is_grant(self) -> bool:
        return self.action in GRANTS


def is_purpose(text: str) -> bool:
    """One of the five, or `provide:<recipient>`."""
    return text in Purpose.values or _RECIPIENT.fullmatch(text) is not None


def recipient_of(purpose: str) -> str:
    """Whom the data would be provided to; empty for the other purposes."""
    return purpose.removeprefix(PROVIDE) if purpose.startswith(PROVIDE) else ""


def is_asked_by_channel(purpose: str) -> bool:
    """Only a message goes by a channel; every other purpose is a use of data and is asked for once."""
    return purpose == Purpose.MARKETING


def prevailing(general: Held | None, own: Held | None) -> Held | None:
    """Of what was said for all channels and for this one, the later; at the same moment the stricter, then this one's."""
    if own is None or general is None:
        return own or general
    return general if (general.occurred_at, general.weight) > (own.occurred_at, own.weight) else own


def latest(one: Held | None, other: Held) -> Held:
    """Of what two records of a person say for the same: the later; at the same moment the stricter, then the later row."""
    if one is None or (other.occurred_at, other.weight, other.event_id) > (one.occurred_at, one.weight, one.event_id):
        return other
    return one


def faults_of(
    *, purpose: str, channel: str, action: str, preset: bool, occurred_at: datetime, now: datetime
) -> set[str]:
    """The fields that keep this from being a consent event."""
    faults = set()
    if not is_purpose(purpose):
        faults.add("purpose")
    if channel not in Channel.values or (channel != Channel.ANY and not is_asked_by_channel(purpose)):
        faults.add("channel")
    if action not in ConsentAction.values:
        faults.add("action")
    if preset and action in GRANTS:
        faults.add("preset")
    if occurred_at > now + SKEW:
        faults.add("occurred_at")
    return faults


def event_key(*parts: object) -> uuid.UUID:
    """The same for the same event, however often it is offered. `services.importing` says the same in SQL."""
    text = "\x1f".join("" if part is None else str(part) for part in parts)
    return uuid.UUID(bytes=sha256(text.encode()).digest()[:16])
