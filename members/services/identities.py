"""What one member is known by: added and removed, with protected values sealed under the member's own key."""

from collections.abc import Sequence
from datetime import datetime
from typing import NotRequired, TypedDict

from django.db import transaction
from django.db.utils import IntegrityError

from accounts.models import User
from audit.services import Target, record_many
from core.rules.normalise import NotNormal
from core.services.sealing import subject_keys
from members.enums import PROTECTED_TYPES, IdentityType
from members.errors import IdentityNotValid, IdentityTaken
from members.models import Identity, Member
from members.rules.identities import normalise
from members.selectors import lookup_of, members_with
from members.selectors.persons import records_with

SEALED = Identity._meta.get_field("sealed")


class IdentityGiven(TypedDict):
    """An identity as somebody wrote it."""

    type: IdentityType | str
    value: str
    source: NotRequired[str]
    verified_at: NotRequired[datetime | None]


@transaction.atomic
def add_identity(
    *,
    member: Member,
    type: IdentityType | str,  # noqa: A002  # its name in the domain
    value: str,
    by: User | None,
    now: datetime,
    source: str = "",
    verified_at: datetime | None = None,
) -> Identity:
    """Add what the member is known by; one that she has already stays as it is, but may become verified.

    Raises IdentityNotValid for a value that is none of its type, IdentityTaken if another member has it.
    """
    given = IdentityGiven(type=type, value=value, source=source, verified_at=verified_at)
    return add_identities(member=member, identities=[given], by=by, now=now)[0]


def add_identities(
    *, member: Member, identities: Sequence[IdentityGiven], by: User | None, now: datetime
) -> list[Identity]:
    """Several at once, inside the caller's transaction; keys are fetched once."""
    values = [(kind := IdentityType(given["type"]), _normal(kind, given["value"])) for given in identities]
    lookups = [(kind, lookup_of(kind, value)) for kind, value in values]
    owners = members_with(lookups)
    if any(owner != member.owner_id for owner in owners.values()):
        raise IdentityTaken
    sealing = any(known not in owners and known[0] in PROTECTED_TYPES for known in lookups)
    keys = subject_keys("member", [member.pk]) if sealing else None
    fresh: dict[tuple[IdentityType, str], Identity] = {}
    for given, (kind, value), known in zip(identities, values, lookups, strict=True):
        if known in owners or known in fresh:
            continue
        fresh[known] = Identity(
            member=member,
            type=kind,
            lookup=known[1],
            sealed=keys.seal(SEALED, member.pk, value) if keys and kind in PROTECTED_TYPES else None,
            source=given.get("source", ""),
            verified_at=given.get("verified_at"),
            created_at=now,
        )
    _store(list(fresh.values()))
    _record("members.add_identity", list(fresh.values()), by=by, now=now)
    _verify(member, identities, [known for known in lookups if known in owners])
    stored = {
        (row.type, row.lookup): row for row in Identity.objects.filter(member__in=records_with([member.owner_id]))
    }
    return [stored[known] for known in lookups]


@transaction.atomic
def remove_identity(*, identity: Identity, by: User | None, now: datetime, reason: str = "") -> bool:
    """Take an identity away. False if somebody else did so before."""
    removed, _each = Identity.objects.filter(pk=identity.pk).delete()
    if removed:
        _record("members.remove_identity", [identity], by=by, now=now, reason=reason)
    return bool(removed)


def _normal(kind: IdentityType, value: str) -> str:
    try:
        return normalise(kind, value)
    except NotNormal:
        raise IdentityNotValid(fields={str(kind): [IdentityNotValid.message]}) from None


def _store(fresh: list[Identity]) -> None:
    """Another transaction may have been quicker with the same value: then it has it."""
    try:
        with transaction.atomic():
            Identity.objects.bulk_create(fresh)
    except IntegrityError as error:
        raise IdentityTaken from error


def _verify(member: Member, identities: Sequence[IdentityGiven], present: Sequence[tuple[IdentityType, str]]) -> None:
    moments = [given["verified_at"] for given in identities if given.get("verified_at")]
    if present and moments:
        Identity.objects.filter(
            member__in=records_with([member.owner_id]),
            lookup__in=[lookup for _kind, lookup in present],
            verified_at=None,
        ).update(verified_at=max(moment for moment in moments if moment))


def _record(action: str, identities: Sequence[Identity], *, by: User | None, now: datetime, reason: str = "") -> None:
    """Which kind came or went; never the value."""
    targets = [
        Target(object_type="members.member", object_id=row.member_id, changes={"type": [None, str(row.type)]})
        for row in identities
    ]
    record_many(by=by, action=action, targets=targets, reason=reason, at=now)
