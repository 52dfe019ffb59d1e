"""Who is in a group: comes, goes, turns out to be a member."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from community.enums.groups import JoinedHow, LeftHow, ParticipantRole
from community.errors.groups import GroupFull, NotInGroup, ParticipantNotValid
from community.models import Group, GroupParticipant, MessageText, Stay
from community.services.flow import count_flow_of
from community.services.groups import open_one
from community.services.telling import tell_timeline, untell_timeline
from members.models import Member
from members.selectors.persons import of_person

TEXTS = {"speaker_key": 128, "nickname": 100}
#: Clocks of chats and ours differ a little.
AHEAD = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True)
class ParticipantIn:
    """Somebody who comes into a group. `speaker_key` is what the source calls her, if anybody knows."""

    nickname: str = ""
    speaker_key: str = ""
    member_id: int | None = None
    staff_id: int | None = None
    role: str = ParticipantRole.ORDINARY
    joined_at: datetime
    joined_how: str = JoinedHow.UNKNOWN
    inviter_id: int | None = None


@transaction.atomic
def join(*, group: Group, given: ParticipantIn, by: User | None, now: datetime) -> GroupParticipant:
    """Somebody comes in, or comes back. Raises ParticipantNotValid, GroupFull, GroupIsClosed."""
    group = open_one(group)
    given = _checked(group, given, now=now)
    participant = _known(group, given)
    if participant is None:
        participant = GroupParticipant.objects.create(
            group=group,
            speaker_key=given.speaker_key or None,
            nickname=given.nickname,
            staff_id=given.staff_id,
            role=given.role,
            created_at=now,
        )
    elif participant.stays.filter(left_at=None).exists():
        raise ParticipantNotValid(fields={"nickname": [_("She is in the group already.")]})
    if Stay.objects.filter(group=group, left_at=None).count() >= group.capacity:
        raise GroupFull
    _require_same_person(participant, given.member_id)
    _require_after_her_last(participant, given.joined_at)
    Stay.objects.create(
        participant=participant,
        group=group,
        joined_at=given.joined_at,
        joined_how=given.joined_how,
        inviter_id=given.inviter_id,
    )
    if given.member_id is not None and participant.member_id is None:
        _link(participant, given.member_id, now=now)
    tell_timeline([participant.pk], now=now)
    count_flow_of(group)
    record(by=by, action="community.join", obj=participant, changes={"group": [None, group.pk]}, at=now)
    return participant


@transaction.atomic
def leave(
    *, participant: GroupParticipant, at: datetime, how: str, by: User | None, now: datetime, reason: str = ""
) -> Stay:
    """She goes, or is made to. Raises NotInGroup, ParticipantNotValid."""
    group = Group.objects.select_for_update(no_key=True).get(pk=participant.group_id)
    stay = Stay.objects.filter(participant=participant, left_at=None).first()
    if stay is None:
        raise NotInGroup
    faults: dict[str, list[str]] = {}
    if how not in LeftHow.values:
        faults["how"] = [_("Choose one of the list.")]
    if at > now + AHEAD or at < stay.joined_at:
        faults["at"] = [_("This lies before she joined, or in the future.")]
    if how == LeftHow.REMOVED and not reason.strip():
        faults["reason"] = [_("Say why.")]
    if faults:
        raise ParticipantNotValid(fields=faults)
    stay.left_at, stay.left_how = at, how
    stay.save(update_fields=["left_at", "left_how"])
    count_flow_of(group)
    changes: dict[str, list[Any]] = {"group": [group.pk, None], "how": [None, how]}
    record(by=by, action="community.leave", obj=participant, reason=reason, changes=changes, at=now)
    return stay


@transaction.atomic
def link_member(*, participant: GroupParticipant, member: Member, by: User | None, now: datetime) -> GroupParticipant:
    """She turns out to be this member: the days on which she spoke stand in the member's timeline from now on.

    Raises ParticipantNotValid where she is known as somebody else, is one of the staff, or the member is in this group.
    """
    participant = _locked(participant)
    owner = member.owner_id
    if participant.member is not None and participant.member.owner_id == owner:
        return participant
    if participant.member_id is not None or participant.staff_id is not None:
        raise ParticipantNotValid(fields={"member": [_("She is known as somebody else. Undo that first.")]})
    _require_single(participant.group_id, owner)
    _link(participant, owner, now=now)
    changes = {"member_id": [None, owner]}
    record(by=by, action="community.link_member", obj=participant, changes=changes, at=now)
    return participant


@transaction.atomic
def unlink_member(*, participant: GroupParticipant, reason: str, by: User | None, now: datetime) -> GroupParticipant:
    """It was a mistake: texts sealed as the member's go, and what the link told her timeline is taken back.

    Raises ParticipantNotValid.
    """
    participant = _locked(participant)
    if participant.member_id is None:
        raise ParticipantNotValid(fields={"member": [_("She is not known as a member.")]})
    if not reason.strip():
        raise ParticipantNotValid(fields={"reason": [_("Say why.")]})
    texts, _each = texts_of(participant).delete()
    twins = _twins(participant)
    facts = untell_timeline(participant, twins=twins)
    changes: dict[str, list[Any]] = {"member_id": [participant.member_id, None], "texts": [texts, 0]}
    changes["facts"] = [facts, 0]
    record(by=by, action="community.unlink_member", obj=participant, reason=reason, changes=changes, at=now)
    participant.member_id = participant.linked_at = None  # not before: the reason is kept without her name
    participant.save(update_fields=["member", "linked_at"])
    if facts:
        tell_timeline(twins, now=now)
    return participant


@transaction.atomic
def change_role(*, participant: GroupParticipant, role: str, by: User | None, now: datetime) -> GroupParticipant:
    """What she is in the chat. A chat has one owner: whoever was it is a keeper from now on."""
    if role not in ParticipantRole.values:
        raise ParticipantNotValid(fields={"role": [_("Choose one of the list.")]})
    group = open_one(participant.group)
    participant = GroupParticipant.objects.get(pk=participant.pk)
    if participant.role == role:
        return participant
    if role == ParticipantRole.OWNER:
        group.participants.filter(role=ParticipantRole.OWNER).update(role=ParticipantRole.KEEPER)
    changes = {"role": [participant.role, role]}
    participant.role = role
    participant.save(update_fields=["role"])
    record(by=by, action="community.change_role", obj=participant, changes=changes, at=now)
    return participant


def texts_of(participant: GroupParticipant) -> QuerySet[MessageText]:
    """What is kept of her words, as the member's who she is taken for; a member is in a group once."""
    if participant.member is None:
        return MessageText.objects.none()
    records = (participant.member.pk, participant.member.owner_id)
    return MessageText.objects.filter(group=participant.group_id, member__in=records)


def _twins(participant: GroupParticipant) -> list[int]:
    """Others of this group who are the same member, by a merge: what they did is hers as before."""
    if participant.member is None:
        return []
    others = GroupParticipant.objects.filter(of_person(participant.member.owner_id), group=participant.group_id)
    return list(others.exclude(pk=participant.pk).values_list("pk", flat=True))


def _locked(participant: GroupParticipant) -> GroupParticipant:
    """Under the lock of her group, as imports and whoever links somebody else there take it."""
    Group.objects.select_for_update(no_key=True).get(pk=participant.group_id)
    found = GroupParticipant.objects.select_for_update(no_key=True, of=("self",)).select_related("member")
    return found.get(pk=participant.pk)


def _link(participant: GroupParticipant, member_id: int, *, now: datetime) -> None:
    participant.member_id, participant.linked_at = member_id, now
    participant.save(update_fields=["member", "linked_at"])
    tell_timeline([participant.pk], now=now)


def _known(group: Group, given: ParticipantIn) -> GroupParticipant | None:
    """Somebody who was here before: by the key of the source, or as the same member or member of staff."""
    if given.speaker_key:
        return group.participants.filter(speaker_key=given.speaker_key).first()
    if given.member_id is not None:
        here = Exists(Stay.objects.filter(participant=OuterRef("pk"), left_at=None))
        return group.participants.filter(of_person(given.member_id)).order_by(here.desc(), "pk").first()
    return group.participants.filter(staff=given.staff_id).first() if given.staff_id is not None else None


def _require_single(group_id: int, member_id: int) -> None:
    if GroupParticipant.objects.filter(of_person(member_id), group=group_id).exists():
        raise ParticipantNotValid(fields={"member": [_("This member is in the group under another name already.")]})


def _require_same_person(participant: GroupParticipant, member_id: int | None) -> None:
    if member_id is None or (participant.member is not None and participant.member.owner_id == member_id):
        return
    if participant.member is not None:
        raise ParticipantNotValid(fields={"member": [_("She is known as somebody else. Undo that first.")]})
    _require_single(participant.group_id, member_id)


def _require_after_her_last(participant: GroupParticipant, joined_at: datetime) -> None:
    last = participant.stays.order_by("-left_at").first()
    if last is not None and last.left_at is not None and joined_at < last.left_at:
        raise ParticipantNotValid(fields={"joined_at": [_("She was still in the group then.")]})


def _checked(group: Group, given: ParticipantIn, *, now: datetime) -> ParticipantIn:
    texts = {name: getattr(given, name).replace("\x00", "").strip() for name in TEXTS}
    given = ParticipantIn(**{**given.__dict__, **texts})
    faults = {**_faults(given, now), **_contradictions(group, given)}
    if faults:
        raise ParticipantNotValid(fields=faults)
    return given


def _faults(given: ParticipantIn, now: datetime) -> dict[str, list[str]]:
    faults = {
        name: [_("At most %(most)d characters.") % {"most": most}]
        for name, most in TEXTS.items()
        if len(getattr(given, name)) > most
    }
    if not given.nickname and given.member_id is None and given.staff_id is None:
        faults["nickname"] = [_("Say a nickname, or who she is.")]
    if given.joined_at > now + AHEAD:
        faults["joined_at"] = [_("This time has not come yet.")]
    if given.role not in ParticipantRole.values:
        faults["role"] = [_("Choose one of the list.")]
    if given.joined_how not in JoinedHow.values:
        faults["joined_how"] = [_("Choose one of the list.")]
    return faults


def _contradictions(group: Group, given: ParticipantIn) -> dict[str, list[str]]:
    """Two owners of one chat; a member twice; somebody who is staff and member at once; an inviter of elsewhere."""
    faults: dict[str, list[str]] = {}
    if given.member_id is not None and given.staff_id is not None:
        faults["member"] = [_("Somebody is a member or one of the staff here, not both.")]
    elif given.member_id is not None and not Member.objects.filter(pk=given.member_id, merged_into=None).exists():
        faults["member"] = [_("There is no such member.")]
    elif given.staff_id is not None and not User.objects.filter(pk=given.staff_id, is_active=True).exists():
        faults["staff"] = [_("There is no such member of staff.")]
    if given.role == ParticipantRole.OWNER:
        owner = group.participants.filter(role=ParticipantRole.OWNER).first()
        if owner is not None and owner != _known(group, given):
            faults["role"] = [_("The chat has an owner already. Say first who she is from now on.")]
    if given.inviter_id is not None and not group.participants.filter(pk=given.inviter_id).exists():
        faults["inviter"] = [_("Whoever invited her is not in this group.")]
    return faults
