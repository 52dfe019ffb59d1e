"""From the texts of a row to a row of the staging relation, or to the reason why not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from uuid import UUID

from community.enums.messages import ChatReason
from community.rules.chat_fields import (
    LEAST_FOLDED,
    LONGEST_TEXT,
    SYSTEM,
    folded,
    kind_of,
    links_in,
    mentions_in,
)
from community.rules.message_sql import MESSAGE_COLUMNS
from core.files import BadCell, Fault, parse_datetime
from core.files.cells import SPACE
from core.keys import indexer

PURPOSE = "group-text"
EARLIEST = datetime(2010, 1, 1, tzinfo=UTC)
AHEAD = timedelta(minutes=10)
KEY_LENGTH, NAME_LENGTH = 128, 100
#: Texts of chats beyond this are no integer column; nobody writes one.
LONGEST_LENGTH = 1_000_000_000
SECONDS, MILLISECONDS = 10, 13
MOST_LINKS = 1_000
WITH_WORDS = ("text", "link")


class Skipped(Exception):
    """A notice of the chat program itself: nobody's words."""


class Rejected(Exception):
    """The row cannot be taken; `reason` is a code of `ChatReason` or `Fault`, `column` the field at fault."""

    def __init__(self, reason: str, column: str = "") -> None:
        self.reason = str(reason)
        self.column = column
        super().__init__(reason)


@dataclass(frozen=True)
class Surroundings:
    """What rows are read against. `groups` maps a name or number to a group; `closed` to the day on which it closed."""

    zone: tzinfo
    latest: datetime
    group_id: int | None = None
    groups: Mapping[str, int] = field(default_factory=dict)
    closed: Mapping[int, date] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Said:
    """One message as it came. `speaker` and `reply` are keys or names of the source."""

    line: int
    group_id: int
    sent_at: datetime
    kind: str
    speaker: str
    nickname: str = ""
    text: str = ""
    reply: str = ""
    number: str = ""


class MessageReader:
    """Values by field → a row with the columns of `MESSAGE_COLUMNS`. Raises Skipped or Rejected."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._index = indexer(PURPOSE)

    def read(self, line: int, values: Mapping[str, str]) -> tuple[Any, ...]:
        text = values.get("text", "")
        kind = kind_of(values.get("kind", ""), text)
        nickname = values.get("nickname", "").strip(SPACE)[:NAME_LENGTH]
        speaker = values.get("speaker_key", "").strip(SPACE) or nickname
        if kind == SYSTEM:
            raise Skipped
        if not speaker:
            raise Rejected(ChatReason.NO_SPEAKER, "speaker_key")
        if len(speaker) > KEY_LENGTH:
            raise Rejected(Fault.TOO_LONG, "speaker_key")
        sent_at = moment_of(values.get("sent_at", ""), self._around, "sent_at")
        group_id = group_of(values.get("group", ""), self._around, sent_at)
        return self.row(
            Said(
                line=line,
                group_id=group_id,
                sent_at=sent_at,
                kind=kind,
                speaker=speaker,
                nickname=nickname,
                text=text,
                reply=values.get("reply_key", "").strip(SPACE)[:KEY_LENGTH],
                number=values.get("message_no", "").strip(SPACE),
            )
        )

    def row(self, said: Said) -> tuple[Any, ...]:
        """The staged row; what is beyond 10,000 characters of a text is counted, and not looked at."""
        if len(said.number) > KEY_LENGTH:
            raise Rejected(Fault.TOO_LONG, "message_no")
        spoken = said.text if said.kind in WITH_WORDS else ""
        text = spoken[:LONGEST_TEXT]
        links = links_in(text)
        row = {
            "line": said.line,
            "group_id": said.group_id,
            "sent_at": said.sent_at,
            "digest": self._digest(text),
            "length": min(len(spoken), LONGEST_LENGTH),
            "links": min(max(links, int(said.kind == "link")), MOST_LINKS),
            "kind": said.kind,
            "speaker_key": said.speaker,
            "nickname": said.nickname,
            "message_no": said.number,
            "reply_key": said.reply,
            "mentions": mentions_in(text) or None,
            "text": text,
        }
        return tuple(row[name] for name in MESSAGE_COLUMNS)

    def _digest(self, text: str) -> UUID | None:
        plain = folded(text)
        return UUID(bytes=self._index(plain)) if len(plain) >= LEAST_FOLDED else None


def moment_of(text: str, around: Surroundings, column: str) -> datetime:
    """Also seconds or milliseconds since 1970, as chat programs write them. Raises Rejected."""
    plain = text.strip(SPACE)
    if not plain:
        raise Rejected(ChatReason.NO_MOMENT, column)
    try:
        moment = _epoch(plain) or parse_datetime(plain, around.zone)
    except BadCell as refused:
        raise Rejected(refused.fault.value, column) from None
    if moment > around.latest + AHEAD:
        raise Rejected(ChatReason.FUTURE_DATE, column)
    if moment < EARLIEST:
        raise Rejected(ChatReason.TOO_OLD, column)
    return moment


def group_of(text: str, around: Surroundings, at: datetime) -> int:
    """Raises Rejected."""
    name = text.strip(SPACE)
    group_id = around.group_id if around.group_id is not None else around.groups.get(name)
    if group_id is None:
        raise Rejected(ChatReason.UNKNOWN_GROUP, "group")
    closed = around.closed.get(group_id)
    if closed is not None and at.astimezone(around.zone).date() > closed:
        raise Rejected(ChatReason.GROUP_CLOSED, "sent_at")
    return group_id


def _epoch(text: str) -> datetime | None:
    if not (text.isascii() and text.isdigit() and len(text) in {SECONDS, MILLISECONDS}):
        return None
    return datetime.fromtimestamp(int(text) / (1 if len(text) == SECONDS else 1_000), tz=UTC)
