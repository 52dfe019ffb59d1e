"""A small cast for moderation, titles and value plans: groups, who is in them, what they say."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from accounts.enums import Role
from accounts.models import Region, Store, User
from community.enums.groups import ParticipantRole
from community.models import Group, GroupParticipant, GroupType, Violation
from community.rules.message_sql import MESSAGE_COLUMNS
from community.services.groups import GroupIn, open_group
from community.services.participants import ParticipantIn, join
from community.services.reporting import report_violation
from community.services.storing import MessagesStored, store_messages
from compliance.rules.folding import folded

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SPACE = UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
_numbers = itertools.count(1)


def staff(role: str = Role.MARKETER, *, stores: Sequence[Store] = ()) -> User:
    number = next(_numbers)
    user = User.objects.create(username=f"staff-{number}", role=role, is_staff=True, display_name=f"员工{number}")
    user.stores.set(stores)
    return user


def store() -> Store:
    region, _new = Region.objects.get_or_create(code="east", defaults={"name": "华东"})
    number = next(_numbers)
    return Store.objects.create(region=region, code=f"C{number}", name=f"门店{number}")


def group(*, type_code: str = "interest", owner: User | None = None, opened: date | None = None, **more: Any) -> Group:
    number = next(_numbers)
    given = GroupIn(
        name=more.pop("name", f"护肤{number}群"),
        type_id=GroupType.objects.get(code=type_code).pk,
        owner_id=(owner or staff()).pk,
        opened_on=opened or date(2025, 9, 1),
        **more,
    )
    return open_group(given=given, by=None, now=NOW)


def participant(of: Group, nickname: str = "小雨", **more: Any) -> GroupParticipant:
    joined = more.pop("joined_at", NOW - 60 * DAY)
    given = ParticipantIn(
        nickname=nickname,
        speaker_key=more.pop("key", f"k{next(_numbers)}"),
        joined_at=joined,
        role=more.pop("role", ParticipantRole.ORDINARY),
        **more,
    )
    return join(group=of, given=given, by=None, now=max(NOW, joined))


@dataclass(frozen=True)
class Line:
    """One message: by whom, what, when."""

    by: GroupParticipant
    text: str
    at: datetime = NOW
    kind: str = "text"


def say(*lines: Line, now: datetime = NOW) -> MessagesStored:
    """Store messages as an import does."""
    rows = []
    for place, line in enumerate(lines):
        plain = folded(line.text)
        values = {
            "line": place,
            "group_id": line.by.group_id,
            "sent_at": line.at,
            "digest": uuid5(SPACE, plain) if plain else None,
            "length": len(line.text),
            "links": 0,
            "kind": line.kind,
            "speaker_key": line.by.speaker_key,
            "nickname": line.by.nickname,
            "message_no": f"m{next(_numbers)}",
            "reply_key": "",
            "mentions": None,
            "text": line.text,
        }
        rows.append([values[name] for name in MESSAGE_COLUMNS])
    return store_messages(now=now, rows=rows)


def found() -> list[Violation]:
    return list(Violation.objects.select_related("participant").order_by("occurred_at", "pk"))


def reported(of: GroupParticipant | None = None, *, at: datetime = NOW, **more: Any) -> Violation:
    """One that waits."""
    somebody = of or participant(group())
    text = more.pop("text", "在群里吵架")
    return report_violation(participant=somebody, text=text, occurred_at=at, by=None, now=more.pop("now", at), **more)
