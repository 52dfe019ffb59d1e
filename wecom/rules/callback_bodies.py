"""What a callback says: its envelope and its message, each as XML or as JSON.

Apps of a corp are told in XML `<ToUserName/><FromUserName/><CreateTime/><MsgType/><Event/>`, services for many corps in
`<SuiteId/><AuthCorpId/><InfoType/><TimeStamp/>`, robots in JSON (document/path/90930, 90968, 92130).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

DEEPEST = 10
LONGEST_NAME = 64
#: Whom or what a callback is about, the nearest first: who else is named in it comes second.
SUBJECTS = ("ExternalUserID", "ChatId", "OpenKfId", "Id", "UserID", "LinkId", "FromUserName")
NOBODY = {"", "sys"}


class Unreadable(ValueError):
    """Neither of the forms."""


class Bomb(ValueError):
    """XML that defines something for itself: entities, a document type. The platform's never does."""


@dataclass(frozen=True, kw_only=True)
class Message:
    """`about` is what the callback is about, as "ExternalUserID:wo…"; empty if it names nothing."""

    event: str
    change: str
    about: str
    is_welcome: bool
    happened_at: datetime | None
    fields: Mapping[str, Any]


def read_envelope(body: bytes) -> str:
    """The ciphertext. Raises Unreadable or Bomb."""
    fields = _read(body)
    found = fields.get("Encrypt", fields.get("encrypt"))
    if not isinstance(found, str) or not found:
        raise Unreadable
    return found


def read_message(body: bytes) -> Message:
    """Raises Unreadable or Bomb."""
    fields = _read(body)
    known = {name.lower(): value for name, value in fields.items()}
    return Message(
        event=_event(known),
        change=_name(known.get("changetype")),
        about=_about(known),
        is_welcome=bool(known.get("welcomecode")),
        happened_at=_moment(known.get("createtime") or known.get("timestamp")),
        fields=fields,
    )


def about(kind: str, number: str) -> str:
    return f"{kind}:{number}"


def _read(body: bytes) -> dict[str, Any]:
    fields = _json(body) if body.lstrip()[:1] == b"{" else _xml(body)
    if not isinstance(fields, dict):
        raise Unreadable
    return fields


def _json(body: bytes) -> Any:
    try:
        return _plain(json.loads(body), 0)
    except (ValueError, RecursionError) as error:
        raise Unreadable from error


def _plain(value: Any, depth: int) -> Any:
    """Every single value as text, as XML has it."""
    if depth > DEEPEST:
        raise Unreadable
    if isinstance(value, dict):
        return {name: _plain(item, depth + 1) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item, depth + 1) for item in value]
    return "" if value is None else str(value)


def _xml(body: bytes) -> Any:
    try:
        return _parts(fromstring(body, forbid_dtd=True), 0)
    except DefusedXmlException as error:
        raise Bomb from error
    except (ParseError, ValueError, LookupError) as error:  # a broken document, or an encoding that nobody knows
        raise Unreadable from error


def _parts(element: Element, depth: int) -> str | dict[str, Any]:
    """An element with parts as a mapping; what repeats in it as a list."""
    if depth > DEEPEST:
        raise Unreadable
    if not len(element):
        return (element.text or "").strip()
    found: dict[str, Any] = {}
    for part in element:
        value = _parts(part, depth + 1)
        if part.tag in found:
            before = found[part.tag]
            found[part.tag] = [*(before if isinstance(before, list) else [before]), value]
        else:
            found[part.tag] = value
    return found


def _event(known: Mapping[str, Any]) -> str:
    """The event, or the kind of a message that somebody wrote."""
    event = known.get("event") or known.get("infotype")
    if isinstance(event, dict):  # of a robot
        event = event.get("eventtype")
    return _name(event) or f"message.{_name(known.get('msgtype'))}"[:LONGEST_NAME]


def _name(value: Any) -> str:
    return value.replace("\x00", "")[:LONGEST_NAME] if isinstance(value, str) else ""


def _about(known: Mapping[str, Any]) -> str:
    for kind in SUBJECTS:
        number = known.get(kind.lower())
        if isinstance(number, str) and number not in NOBODY:
            return about(kind, number)
    return ""


def _moment(value: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(value), tz=UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
