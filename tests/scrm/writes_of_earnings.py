"""Writes of the API of tasks and UGC, as (address, body) that succeeds, for `test_nothing_unlogged`."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from community.services.handing_in import accept_task
from members.models import Member
from tests.scrm.pages_of_earnings import a_koc, a_task

Write = Callable[[Any, Member], tuple[str, Any]]


def taken(member: Member) -> tuple[str, Any]:
    koc, task = a_koc(member), a_task()
    return f"/api/v1/koc-tasks/{task.pk}/take/", {"member": {"id": koc.member_id}}


def handed_in(member: Member) -> tuple[str, Any]:
    seat = accept_task(task=a_task(), koc=a_koc(member), by=None, now=timezone.now())
    return f"/api/v1/koc-deliveries/{seat.pk}/hand-in/", {"text": "很好用。"}


def offered(member: Member) -> tuple[str, Any]:
    body = {"member": {"id": member.pk}, "key": "7", "kind": "text", "title": "日记", "text": "两周。"}
    return "/api/v1/ugc/", body


EARNINGS_WRITES: dict[str, Write] = {
    "post task take": lambda _client, member: taken(member),
    "post delivery hand_in": lambda _client, member: handed_in(member),
    "post ugc create": lambda _client, member: offered(member),
}
