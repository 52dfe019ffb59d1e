"""Groups: opened, changed, closed, handed over."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Store, User
from audit.rules import changes_between
from audit.services import record
from community.enums.groups import GroupState, LeftHow
from community.errors.groups import GroupIsClosed, GroupNotValid
from community.models import Group, GroupType, Stay
from community.services.flow import count_flow_of

TEXTS = {"name": 80, "source": 40, "external_id": 128, "note": 300}
COLUMNS = (*TEXTS, "type_id", "store_id", "owner_id", "opened_on", "capacity")
LARGEST = 100_000
EARLIEST = date(2010, 1, 1)


@dataclass(frozen=True, kw_only=True)
class GroupIn:
    """What a group is made of. `owner_id` is the member of staff who answers for it."""

    name: str
    type_id: int
    owner_id: int | None
    opened_on: date
    store_id: int | None = None
    capacity: int = 200
    source: str = ""
    external_id: str = ""
    note: str = ""


def group_in(group: Group) -> GroupIn:
    return GroupIn(**{name: getattr(group, name) for name in COLUMNS})


@transaction.atomic
def open_group(*, given: GroupIn, by: User | None, now: datetime) -> Group:
    """Raises GroupNotValid with every field at fault."""
    given = _checked(given, None, by=by, now=now)
    group = Group(by=by, created_at=now, changed_at=now, **asdict(given))
    group.save(force_insert=True)
    changes = changes_between(dict.fromkeys(COLUMNS), _plain(given))
    record(by=by, action="community.open_group", obj=group, changes=changes, at=now)
    return group


@transaction.atomic
def change_group(*, group: Group, given: GroupIn, by: User | None, now: datetime) -> Group:
    """Raises GroupNotValid, or GroupIsClosed. Who answers for it changes by `hand_over` only."""
    group = open_one(group)
    before = group_in(group)
    given = _checked(given, group, by=by, now=now)
    if given.owner_id != group.owner_id:
        raise GroupNotValid(fields={"owner": [_("Hand the group over instead: it asks for a reason.")]})
    changes = changes_between(_plain(before), _plain(given))
    if changes:
        for name in COLUMNS:
            setattr(group, name, getattr(given, name))
        group.changed_at = now
        group.save()
        record(by=by, action="community.change_group", obj=group, changes=changes, at=now)
    return group


@transaction.atomic
def hand_over(*, group: Group, to: User, reason: str, by: User | None, now: datetime) -> Group:
    """Somebody else answers for it from now on. Raises GroupNotValid, GroupIsClosed."""
    group = open_one(group)
    faults: dict[str, list[str]] = {}
    if not to.is_active or not to.is_staff:
        faults["owner"] = [_("There is no such member of staff.")]
    elif to.pk == group.owner_id:
        faults["owner"] = [_("She answers for the group already.")]
    if not reason.strip():
        faults["reason"] = [_("Say why.")]
    if faults:
        raise GroupNotValid(fields=faults)
    changes = {"owner_id": [group.owner_id, to.pk]}
    group.owner, group.changed_at = to, now
    group.save(update_fields=["owner", "changed_at"])
    record(by=by, action="community.hand_over", obj=group, reason=reason, changes=changes, at=now)
    return group


@transaction.atomic
def close_group(*, group: Group, reason: str, by: User | None, now: datetime) -> Group:
    """Everybody who is in it has left as of now; what was said and counted stays. Raises GroupIsClosed, GroupNotValid."""
    group = open_one(group)
    if not reason.strip():
        raise GroupNotValid(fields={"reason": [_("Say why.")]})
    left = Stay.objects.filter(group=group, left_at=None, joined_at__lte=now).update(
        left_at=now, left_how=LeftHow.CLOSED
    )
    group.state, group.closed_on, group.changed_at = GroupState.CLOSED, timezone.localdate(now), now
    group.save(update_fields=["state", "closed_on", "changed_at"])
    count_flow_of(group)
    changes: dict[str, list[Any]] = {"state": [GroupState.ACTIVE, GroupState.CLOSED], "participants": [left, 0]}
    record(by=by, action="community.close_group", obj=group, reason=reason, changes=changes, at=now)
    return group


def open_one(group: Group) -> Group:
    """The group, locked. Raises GroupIsClosed."""
    group = Group.objects.select_for_update(no_key=True).get(pk=group.pk)
    if group.state == GroupState.CLOSED:
        raise GroupIsClosed
    return group


def _checked(given: GroupIn, group: Group | None, *, by: User | None, now: datetime) -> GroupIn:
    """The values as they are kept. Raises GroupNotValid."""
    texts = {name: getattr(given, name).replace("\x00", "").strip() for name in TEXTS}
    given = GroupIn(**{**asdict(given), **texts})
    faults = {**_long(given), **_unknown(given), **_impossible(given, now), **_taken(given, group, by)}
    if faults:
        raise GroupNotValid(fields=faults)
    return given


def _long(given: GroupIn) -> dict[str, list[str]]:
    return {
        name: [_("At most %(most)d characters.") % {"most": most}]
        for name, most in TEXTS.items()
        if len(getattr(given, name)) > most
    }


def _unknown(given: GroupIn) -> dict[str, list[str]]:
    """A name or an owner that is missing; rows that there are not."""
    faults: dict[str, list[str]] = {}
    if not given.name:
        faults["name"] = [_("This has to be filled in.")]
    if given.owner_id is None:
        faults["owner"] = [_("A group needs somebody who answers for it. Choose a member of staff.")]
    elif not User.objects.filter(pk=given.owner_id, is_active=True, is_staff=True).exists():
        faults["owner"] = [_("There is no such member of staff.")]
    if not GroupType.objects.filter(pk=given.type_id, is_active=True).exists():
        faults["type"] = [_("Choose one of the list.")]
    if given.store_id is not None and not Store.objects.filter(pk=given.store_id).exists():
        faults["store"] = [_("There is no such store.")]
    return faults


def _impossible(given: GroupIn, now: datetime) -> dict[str, list[str]]:
    faults: dict[str, list[str]] = {}
    if not 1 <= given.capacity <= LARGEST:
        faults["capacity"] = [_("A whole number from 1 to 100,000 is expected.")]
    if not EARLIEST <= given.opened_on <= timezone.localdate(now):
        faults["opened_on"] = [_("A day from 2010 to today is expected.")]
    if given.external_id and not given.source:
        faults["source"] = [_("Say which source the number comes from.")]
    return faults


def _taken(given: GroupIn, group: Group | None, by: User | None) -> dict[str, list[str]]:
    """Which group has the number is said to whoever may see that group."""
    if not given.external_id:
        return {}
    others = Group.objects.filter(source=given.source, external_id=given.external_id)
    other = others.exclude(pk=group.pk).first() if group else others.first()
    if other is None:
        return {}
    if by is not None and not Group.objects.visible_to(by).filter(pk=other.pk).exists():
        return {"external_id": [_("This number belongs to another group already.")]}
    return {"external_id": [_("This number belongs to the group “%(name)s” already.") % {"name": other.name}]}


def _plain(given: GroupIn) -> dict[str, Any]:
    return {name: None if value is None else str(value) for name, value in asdict(given).items()}
