"""Writes of the API of groups, as (address, body) that succeeds, for `test_nothing_unlogged`."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from members.models import Member
from tests.community import chats

Write = Callable[[Any, Member], tuple[str, Any]]


def _opened() -> dict[str, Any]:
    return {"name": "福利群", "type": "welfare", "owner": chats.person().username, "opened_on": "2026-01-05"}


def _message() -> dict[str, Any]:
    at = timezone.now() - timedelta(minutes=5)
    return {"group": chats.a_group().pk, "speaker": "wx1", "sent_at": at.isoformat(), "text": "早"}


def _people() -> tuple[str, Any]:
    items = [{"key": "wx0", "nickname": "群主", "role": "owner"}]
    return f"/api/v1/groups/{chats.a_group().pk}/participants/batch/", {"items": items}


GROUP_WRITES: dict[str, Write] = {
    "post group create": lambda _client, _member: ("/api/v1/groups/", _opened()),
    "patch group partial_update": lambda _client, _member: (
        f"/api/v1/groups/{chats.a_group().pk}/",
        {"capacity": 500},
    ),
    "post group batch": lambda _client, _member: _people(),
    "post groupmessage batch": lambda _client, _member: ("/api/v1/group-messages/batch/", {"items": [_message()]}),
}
