"""What gateways send us, whatever they call it: replies of members, and receipts for messages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

#: Ours → theirs, unless a gateway's settings say otherwise.
INBOUND = {"sender": "mobile", "text": "content", "key": "id", "at": "time"}
RECEIPTS = {"reference": "uid", "external_id": "id", "state": "state"}
DELIVERED = ("delivered", "DELIVRD")
MOST = 1_000
LONGEST = 500
LARGEST = 4_102_444_800  # seconds; the year 2100


@dataclass(frozen=True, kw_only=True)
class Reply:
    sender: str
    text: str
    key: str
    at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Told:
    reference: str
    external_id: str
    state: str


def items_of(said: Any) -> list[Mapping[str, Any]]:
    """One object or a list of them; what is none is left out."""
    found = said if isinstance(said, list) else [said]
    return [each for each in found[:MOST] if isinstance(each, Mapping)]


def replies_of(said: Any, names: Mapping[str, str]) -> list[Reply]:
    """Replies that say who and what; one without a number of its own has none of the sender's."""
    found = []
    for item in items_of(said):
        sender, text = _text(item, names, "sender"), _text(item, names, "text")
        if sender:
            found.append(
                Reply(sender=sender, text=text, key=_text(item, names, "key"), at=moment_of(_text(item, names, "at")))
            )
    return found


def receipts_of(said: Any, names: Mapping[str, str]) -> list[Told]:
    return [
        Told(
            reference=_text(item, names, "reference"),
            external_id=_text(item, names, "external_id"),
            state=_text(item, names, "state"),
        )
        for item in items_of(said)
    ]


def moment_of(text: str) -> datetime | None:
    """Seconds or milliseconds since 1970, or ISO with its offset; None for anything else."""
    if text.isascii() and text.isdigit():
        seconds = int(text[:16])
        seconds = seconds // 1_000 if seconds > LARGEST else seconds
        return datetime.fromtimestamp(min(seconds, LARGEST), tz=UTC)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def names_of(settings: Mapping[str, Any], what: str, shipped: Mapping[str, str]) -> Mapping[str, str]:
    given = settings.get(what)
    return {**shipped, **given} if isinstance(given, Mapping) else shipped


def delivered_of(settings: Mapping[str, Any]) -> Sequence[str]:
    given = settings.get("receipt_delivered")
    return given if isinstance(given, list | tuple) else DELIVERED


def _text(item: Mapping[str, Any], names: Mapping[str, str], name: str) -> str:
    value = item.get(names.get(name, ""))
    return "" if value is None or isinstance(value, Mapping | list) else str(value).replace("\x00", "")[:LONGEST]
