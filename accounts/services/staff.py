"""Staff: taken on, given a role and a scope, let go."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from accounts.enums import Role
from accounts.errors import LastAdministrator, OwnRoleFixed, StaffNotSaved
from accounts.models import Region, Store, User
from audit.rules import Changes, changes_between
from audit.services import record

ATTRIBUTES = ("display_name", "role", "region", "is_active")
PERSONAL = frozenset({"display_name"})
DECIDING = frozenset({"role", "region", "is_active", "stores"})


@transaction.atomic
def create_staff(
    *,
    username: str,
    role: Role,
    by: User | None,
    now: datetime,
    display_name: str = "",
    password: str | None = None,
    region: Region | None = None,
    stores: Collection[Store] = (),
) -> User:
    """A person who signs in, or a program (Role.API_CLIENT, without a password and without the admin).

    Raises StaffNotSaved. Without a password nobody can sign in until one is set.
    """
    person = User(username=username, role=role, display_name=display_name, region=region, date_joined=now)
    person.is_staff = role != Role.API_CLIENT
    person.set_password(None if role == Role.API_CLIENT else password)
    _check(person)
    person.save(force_insert=True)
    person.stores.set(stores)
    record(by=by, action="accounts.create_staff", obj=person, changes=_changes({}, person), at=now)
    return person


@transaction.atomic
def change_staff(
    *,
    person: User,
    by: User | None,
    now: datetime,
    stores: Collection[Store] | None = None,
    reason: str = "",
    **attributes: Any,
) -> User:
    """Change ATTRIBUTES and stores; answers the person as stored.

    Raises OwnRoleFixed for one's own rights, LastAdministrator, StaffNotSaved.
    """
    locked, administrators = _locked(person)
    before = _shown(locked)
    _apply(locked, attributes)
    if stores is not None:
        locked.stores.set(stores)
    changes = _changes(before, locked)
    if by is not None and by.pk == locked.pk and changes.keys() & DECIDING:
        raise OwnRoleFixed
    if administrators == {locked.pk} and not _is_administrator(locked):
        raise LastAdministrator
    if changes:
        locked.session_epoch += bool(changes.keys() & DECIDING)
        locked.save(update_fields=[*attributes, "is_staff", "session_epoch"])
        record(by=by, action="accounts.change_staff", obj=locked, changes=changes, reason=reason, at=now)
    return locked


def _apply(person: User, attributes: Mapping[str, Any]) -> None:
    unknown = attributes.keys() - set(ATTRIBUTES)
    if unknown:
        raise TypeError(f"staff have no {sorted(unknown)}")
    for name, value in attributes.items():
        setattr(person, name, value)
    person.is_staff = person.role != Role.API_CLIENT
    _check(person)


def _check(person: User) -> None:
    try:
        person.clean_fields(exclude=["password"])
        person.validate_unique()
    except ValidationError as error:
        raise StaffNotSaved(fields=error.message_dict) from error


def _locked(person: User) -> tuple[User, set[int]]:
    """The person as stored, and the numbers of all who administrate now.

    All of them are locked by one statement in one order: two administrators who let each other go at the same moment
    wait for each other, and the second finds what the first has left.
    """
    able = Q(role=Role.ADMINISTRATOR) | Q(is_superuser=True)
    concerned = User.objects.filter(Q(pk=person.pk) | able & Q(is_active=True)).order_by("pk")
    found = {user.pk: user for user in concerned.select_for_update(of=("self",), no_key=True)}
    return found[person.pk], {user.pk for user in found.values() if _is_administrator(user)}


def _is_administrator(person: User) -> bool:
    return person.is_active and (person.role == Role.ADMINISTRATOR or person.is_superuser)


def _changes(before: Mapping[str, Any], person: User) -> Changes:
    return changes_between(before, _shown(person), personal=PERSONAL)


def _shown(person: User) -> dict[str, Any]:
    """What the record says of a person: codes; of PERSONAL only that it changed."""
    return {
        "role": str(person.role),
        "region": person.region.code if person.region else None,
        "is_active": person.is_active,
        "stores": sorted(person.stores.values_list("code", flat=True)) if person.pk else [],
        "display_name": person.display_name,
    }
