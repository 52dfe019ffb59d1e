"""Dull makers of groups and chats, at one evening."""

import csv
import io
import itertools
import json
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.enums import Role
from accounts.models import Region, Store, User
from community.enums.messages import ChatKind
from community.models import ChatImport, Group, GroupParticipant, GroupType
from community.services.chats import receive_chat
from community.services.groups import GroupIn, open_group
from community.services.importing import run_chat
from community.services.participants import ParticipantIn, join
from members.models import Member

#: 20:00 in Shanghai.
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
_numbers = itertools.count(1)


def person(name: str = "author", role: str = Role.MARKETER, *stores: Store) -> User:
    found = User.objects.filter(username=name).first()
    if found is None:
        found = User.objects.create_user(name, role=role, display_name=f"{name}同事", is_staff=True)
    if not found.is_staff:  # other casts know her too
        found.is_staff = True
        found.save(update_fields=["is_staff"])
    found.stores.add(*stores)
    return found


def store(code: str = "") -> Store:
    region, _new = Region.objects.get_or_create(code="east", defaults={"name": "华东"})
    number = next(_numbers)
    return Store.objects.create(region=region, code=code or f"G{number}", name=f"门店{number}")


def member(name: str = "", **values: Any) -> Member:
    return Member.objects.create(name=name or f"会员{next(_numbers)}", **values)


def kind(code: str = "welfare") -> GroupType:
    return GroupType.objects.get(code=code)


def group_values(**values: Any) -> GroupIn:
    given: dict[str, Any] = {
        "name": f"悦肤会{next(_numbers)}群",
        "type_id": kind().pk,
        "owner_id": values.pop("owner_id", None) or person().pk,
        "opened_on": date(2026, 1, 5),
    }
    return GroupIn(**{**given, **values})


def a_group(**values: Any) -> Group:
    return open_group(given=group_values(**values), by=person(), now=NOW)


def somebody(group: Group, nickname: str = "", **values: Any) -> GroupParticipant:
    given = {"nickname": nickname or f"花友{next(_numbers)}", "joined_at": NOW - 100 * DAY, **values}
    return join(group=group, given=ParticipantIn(**given), by=person(), now=NOW)


def said(*rows: tuple[str, str, str]) -> bytes:
    """(时间, 发送者, 内容) as a chat program exports them."""
    return table(("发送时间", "发送者", "内容"), rows)


def table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


def as_json(rows: Iterable[dict[str, Any]]) -> bytes:
    return json.dumps({"messages": list(rows)}, ensure_ascii=False).encode()


def received(
    data: bytes, group: Group | None, kind_of: str = ChatKind.MESSAGES, *, by: User | None = None
) -> ChatImport:
    return receive_chat(kind=kind_of, chunks=[data], file_name="chat.csv", group=group, by=by or person(), now=NOW)


def imported(
    data: bytes, group: Group | None, kind_of: str = ChatKind.MESSAGES, *, by: User | None = None
) -> ChatImport:
    return run_chat(job_id=received(data, group, kind_of, by=by).pk, now=NOW)


def brought(group: Group, at: datetime) -> None:
    """The chat as it was on the day before, imported at that moment: nothing later is known of it. Needs MEDIA_ROOT."""
    said_at = timezone.localtime(at - DAY).strftime("%Y-%m-%d 12:00")
    job = imported(said((said_at, "路过的人", f"第{next(_numbers)}条")), group)
    ChatImport.objects.filter(pk=job.pk).update(created_at=at)
