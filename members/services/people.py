"""Members made and changed one at a time, by staff and by programs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from audit.rules import changes_between
from audit.services import record
from members.errors import MemberNotSaved
from members.models import Member
from members.rules.names import name_key
from members.services.identities import IdentityGiven, add_identities

ATTRIBUTES = ("name", "gender", "birthday", "city", "registered_at", "home_store", "guide", "channel")
PERSONAL = frozenset({"name", "birthday"})


@transaction.atomic
def create_member(
    *, by: User | None, now: datetime, identities: Sequence[IdentityGiven] = (), **attributes: Any
) -> Member:
    """A new member with ATTRIBUTES and what she is known by.

    Raises MemberNotSaved, IdentityNotValid or IdentityTaken, and then nothing was stored.
    """
    member = Member(created_at=now)
    changes = _apply(member, attributes, now)
    member.save(force_insert=True)
    record(by=by, action="members.create", obj=member, changes=changes, at=now)
    if identities:
        add_identities(member=member, identities=identities, by=by, now=now)
    return member


@transaction.atomic
def update_member(*, member: Member, by: User | None, now: datetime, reason: str = "", **attributes: Any) -> Member:
    """Change the given ATTRIBUTES and no other; nothing is written, not even a record, where nothing differs.

    Answers the member as stored. Raises MemberNotSaved.
    """
    locked = Member.objects.select_for_update(of=("self",)).get(pk=member.pk)
    changes = _apply(locked, attributes, now)
    if changes:
        locked.save(update_fields=[*attributes, "name_key", "updated_at"])
        record(by=by, action="members.update", obj=locked, changes=changes, reason=reason, at=now)
    return locked


def _apply(member: Member, attributes: dict[str, Any], now: datetime) -> dict[str, list[Any]]:
    """Set what is given, check it, and answer what differs from before."""
    unknown = attributes.keys() - set(ATTRIBUTES)
    if unknown:
        raise TypeError(f"a member has no {sorted(unknown)}")
    before = {name: getattr(member, name) for name in attributes}
    for name, value in attributes.items():
        setattr(member, name, value)
    member.name = member.name.strip()
    member.name_key = name_key(member.name)
    member.updated_at = now
    try:
        member.clean_fields(exclude=set(_field_names()) - set(attributes))
    except ValidationError as error:
        raise MemberNotSaved(fields=error.message_dict) from error
    return changes_between(
        _plain(before), _plain({name: getattr(member, name) for name in attributes}), personal=PERSONAL
    )


def _field_names() -> list[str]:
    return [field.name for field in Member._meta.fields]


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: getattr(value, "pk", value) if name in {"city", "home_store", "guide"} else value
        for name, value in values.items()
    }
