"""Writes of the content calendar's API, as (address, body) that succeeds, for `test_nothing_unlogged`."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from content.models import MaterialVersion, Slot
from content.services.slots import cancel_slot, schedule_slot, submit_slot
from members.models import Member
from tests.content import people as cast

Write = Callable[[Any, Member], tuple[str, Any]]
TEXT = {"title": "护肤指南", "text": "三步整理护肤步骤。"}


def slot(version: MaterialVersion | None = None) -> Slot:
    """A draft whose time is so near that it may be published."""
    now = timezone.now()
    return cast.slot(at=now + timedelta(minutes=30), given=version or cast.version(now=now), now=now)


def approved() -> Slot:
    made = slot(cast.approved(now=timezone.now()))
    return submit_slot(slot=made, by=cast.marketer(), now=timezone.now())


def scheduled() -> Slot:
    return schedule_slot(slot=approved(), by=None, now=timezone.now())


def cancelled() -> Slot:
    return cancel_slot(slot=slot(), by=None, now=timezone.now())


def tomorrow() -> str:
    return (timezone.now() + cast.DAY).isoformat()


def new_slot() -> dict[str, str]:
    return {"type": "article", "title": "攻略", "planned_at": tomorrow(), "owner": cast.marketer().username}


def step(name: str, made: Callable[[], Slot], body: dict[str, Any] | None = None) -> Write:
    return lambda _client, _member: (f"/api/v1/slots/{made().pk}/{name}/", body or {})


CONTENT_WRITES: dict[str, Write] = {
    "post material create": lambda _client, _member: ("/api/v1/materials/", {"kind": "text", **TEXT}),
    "post material add_version": lambda _client, _member: (
        f"/api/v1/materials/{cast.version(now=timezone.now()).material_id}/add-version/",
        {**TEXT, "text": "四步整理护肤步骤。"},
    ),
    "post slot create": lambda _client, _member: ("/api/v1/slots/", new_slot()),
    "post slot edit": step("edit", slot, {"title": "改名"}),
    "post slot move": lambda _client, _member: (f"/api/v1/slots/{slot().pk}/move/", {"planned_at": tomorrow()}),
    "post slot submit": step("submit", slot),
    "post slot schedule": step("schedule", approved),
    "post slot withdraw": step("withdraw", scheduled, {"reason": "改期"}),
    "post slot publish": step("publish", scheduled, {"link": "https://mp.example.com/1"}),
    "post slot cancel": step("cancel", slot, {"reason": "改期"}),
    "post slot restore": step("restore", cancelled),
}
#: Writes upon more than one object: the acts they leave, in their order.
OF_SEVERAL = {
    "post material create": ["content.material.create", "content.material.version", "compliance.check_text"],
    "post material add_version": ["content.material.version", "compliance.check_text"],
    "post slot submit": ["compliance.submit_text", "content.slot.submit"],
}
