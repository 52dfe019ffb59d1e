"""What a program tries upon a group of another store, for `test_api_scope`."""

from collections.abc import Iterable, Iterator
from typing import Any

from accounts.models import Store
from community.models import Group
from members.models import Member
from tests.community import chats

Probe = tuple[str, str, Any, bool]


def group_of(store: Store, name: str) -> Group:
    found = Group.objects.filter(name=name).first()
    return found or chats.a_group(name=name, store_id=store.pk)


def probes_of_groups(victim: Member, references: Iterable[Any], theirs: Store, ours: Store) -> Iterator[Probe]:
    group, own = group_of(theirs, f"{theirs.code} group"[:80]), group_of(ours, "ours")
    if not group.participants.exists():
        chats.somebody(group, victim.name, member_id=victim.pk)
    base = f"/api/v1/groups/{group.pk}/"
    for part in ("", "figures/", "days/", "participants/", "messages/"):
        yield "get", base + part, None, True
    yield "get", "/api/v1/groups/", None, False
    yield "patch", base, {"capacity": 9}, True
    yield "post", f"{base}participants/batch/", {"items": [{"key": "wx0", "role": "owner"}]}, True
    said = {"group": group.pk, "speaker": "wx0", "sent_at": "2026-11-20T10:00:00+08:00", "text": "x"}
    yield "post", "/api/v1/group-messages/batch/", {"items": [said]}, True
    opened = {"name": "x", "type": "welfare", "owner": "author", "opened_on": "2026-01-05"}
    for store in (theirs.code, None):
        yield "post", "/api/v1/groups/", {**opened, "store": store}, True
        yield "patch", f"/api/v1/groups/{own.pk}/", {"store": store}, True
    for who in references:
        item = {"key": "wx1", "role": "owner", "member": who}
        yield "post", f"/api/v1/groups/{own.pk}/participants/batch/", {"items": [item]}, True
