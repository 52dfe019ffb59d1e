"""A list of participants taken over whole: who is in the groups, as what, since when; who of them is a member.

It is taken as it stands or not at all: of two owners, or of one person in two lines, nobody can say which is meant.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Q

from accounts.models import User
from community.enums.groups import ParticipantRole
from community.enums.messages import ChatReason
from community.errors.chats import ChatNotUsable
from community.models import ChatImport, ChatReject, GroupParticipant
from community.rules import roster_sql
from community.rules.chat_fields import ROLES, YES
from community.rules.roster_sql import ROSTER, ROSTER_COLUMNS
from community.services.chat_reading import (
    KEY_LENGTH,
    NAME_LENGTH,
    Rejected,
    Surroundings,
    group_of,
    moment_of,
)
from community.services.chat_rows import ChatFile, Row
from community.services.flow import count_flow
from community.services.telling import tell_timeline
from core.files import Fault
from core.files.cells import SPACE
from core.models.relations import stage
from core.rules.normalise import NotNormal
from members.enums import IdentityType
from members.rules.identities import normalise
from members.selectors import lookup_of
from members.selectors.visibility import visible_members

Lookup = tuple[str, str]
KINDS = {"member": IdentityType.EXTERNAL_ID, "phone": IdentityType.PHONE}


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of a list. `role` is None where the list does not tell roles."""

    line: int
    group_id: int
    speaker_key: str
    nickname: str = ""
    role: str | None = None
    joined_at: datetime | None = None
    left_at: datetime | None = None
    inviter: str = ""
    acknowledged: bool = False
    member_id: int | None = None
    lookup: Lookup | None = None


def store_roster(job: ChatImport, file: ChatFile, around: Surroundings, *, now: datetime) -> None:
    """Raises ChatNotUsable, with the rows at fault among the job's rejects and nothing else stored."""
    entries, faults = _entries(file, around)
    entries, strangers = _with_members(entries, job.by)
    faults += strangers + contradictions(entries)
    job.counts = {"read": len(entries) + len({line for line, *_rest in faults}), "rejected": len(faults)}
    if faults:
        with transaction.atomic():
            ChatReject.objects.bulk_create(
                ChatReject(job=job, line=line, reason=reason, column=column) for line, reason, column in faults
            )
            ChatImport.objects.filter(pk=job.pk).update(counts=job.counts)
        raise ChatNotUsable("rows_wrong", count=len(faults))
    with transaction.atomic():
        take_over(entries, now=now)
        job.counts = {"read": len(entries), "stored": len(entries), "already": 0, "skipped": 0, "rejected": 0}
        ChatImport.objects.filter(pk=job.pk).update(counts=job.counts)


def take_over(entries: Iterable[Entry], *, now: datetime) -> None:
    """Entries without a contradiction, in the transaction of the caller.

    Raises ChatNotUsable for a chat without an owner, and where somebody else has just said otherwise.
    """
    stage(ROSTER, ROSTER_COLUMNS, (tuple(getattr(entry, name) for name in ROSTER_COLUMNS) for entry in entries))
    values: dict[str, Any] = {"now": now, "zone": settings.TIME_ZONE}
    with connection.cursor() as cursor:
        cursor.execute(roster_sql.LOCK_GROUPS)
        groups = [group_id for (group_id,) in cursor.fetchall()]
        try:
            for statement in _STEPS:
                cursor.execute(statement, values)
        except IntegrityError as rival:
            raise ChatNotUsable("changed_meanwhile") from rival
        cursor.execute(roster_sql.OWNERLESS)
        if (ownerless := cursor.fetchone()) is not None:
            raise ChatNotUsable("no_owner", group=ownerless[0])
        cursor.execute(roster_sql.LINKED)
        (linked,) = cursor.fetchone()
    count_flow(groups)
    if linked:
        tell_timeline(linked, now=now)


_STEPS = (
    roster_sql.STEP_DOWN,
    roster_sql.KEEP_PEOPLE,
    roster_sql.CORRECT_STAYS,
    roster_sql.BEGIN_STAYS,
    roster_sql.END_STAYS,
    roster_sql.ACKNOWLEDGE,
)


def contradictions(entries: list[Entry]) -> list[tuple[int, str, str]]:
    """Lines that say what cannot be, beside each other or beside what is known: (line, reason, column)."""
    faults: list[tuple[int, str, str]] = []
    seen: set[tuple[int, str]] = set()
    members: set[tuple[int, int]] = set()
    owners = _owners(entries)
    linked = _linked(entries)
    for entry in entries:
        key = (entry.group_id, entry.speaker_key)
        if key in seen:
            faults.append((entry.line, ChatReason.TWICE, "speaker_key"))
        seen.add(key)
        if entry.role == ParticipantRole.OWNER and owners.setdefault(entry.group_id, entry.speaker_key) != key[1]:
            faults.append((entry.line, ChatReason.SECOND_OWNER, "role"))
        if entry.member_id is None:
            continue
        whom = (entry.group_id, entry.member_id)
        known = linked.get(whom, set())
        if entry.speaker_key not in known and (known or whom in members):
            faults.append((entry.line, ChatReason.MEMBER_TWICE, "member"))
        members.add(whom)
    return faults


def _owners(entries: list[Entry]) -> dict[int, str]:
    """The owner of each chat as it is known, unless the list makes her something else."""
    stepped_down = {(entry.group_id, entry.speaker_key) for entry in entries if entry.role not in {None, "owner"}}
    known = GroupParticipant.objects.filter(
        group__in={entry.group_id for entry in entries}, role=ParticipantRole.OWNER
    ).values_list("group_id", "speaker_key")
    return {group_id: key or "" for group_id, key in known if (group_id, key or "") not in stepped_down}


def _linked(entries: list[Entry]) -> dict[tuple[int, int | None], set[str]]:
    """(group, member) → under which keys she is in it already: several where several of her records are."""
    members = {entry.member_id for entry in entries if entry.member_id is not None}
    known = GroupParticipant.objects.filter(
        Q(member__in=members) | Q(member__merged_into__in=members), group__in={entry.group_id for entry in entries}
    ).values_list("group_id", "member_id", "member__merged_into", "speaker_key")
    found: dict[tuple[int, int | None], set[str]] = {}
    for group_id, member_id, owner, key in known:
        found.setdefault((group_id, owner or member_id), set()).add(key or "")
    return found


def _entries(file: ChatFile, around: Surroundings) -> tuple[list[Entry], list[tuple[int, str, str]]]:
    entries: list[Entry] = []
    faults: list[tuple[int, str, str]] = []
    for row in file.rows():
        try:
            entries.append(_entry(row, file.columns, around))
        except Rejected as refused:
            faults.append((row.line, refused.reason, refused.column))
    return entries, faults


def _entry(row: Row, columns: Mapping[str, str], around: Surroundings) -> Entry:
    if row.fault:
        raise Rejected(row.fault)
    values = {name: value.strip(SPACE) for name, value in row.values.items()}
    nickname = values.get("nickname", "")[:NAME_LENGTH]
    key = values.get("speaker_key", "") or nickname
    if not key:
        raise Rejected(ChatReason.NO_SPEAKER, "speaker_key")
    if len(key) > KEY_LENGTH:
        raise Rejected(Fault.TOO_LONG, "speaker_key")
    moments = {
        name: moment_of(values[name], around, name) if values.get(name) else None for name in ("joined_at", "left_at")
    }
    joined_at, left_at = moments["joined_at"], moments["left_at"]
    if joined_at is not None and left_at is not None and left_at < joined_at:
        raise Rejected(ChatReason.LEFT_BEFORE, "left_at")
    return Entry(
        line=row.line,
        group_id=group_of(values.get("group", ""), around, around.latest),
        speaker_key=key,
        nickname=nickname,
        role=_role(values["role"]) if "role" in columns else None,
        joined_at=joined_at,
        left_at=left_at,
        inviter=values.get("inviter", "")[:KEY_LENGTH],
        acknowledged=values.get("acknowledged", "").casefold() in YES,
        lookup=_lookup(values),
    )


def _role(text: str) -> str:
    try:
        return ROLES[text.casefold()]
    except KeyError:
        raise Rejected(ChatReason.UNKNOWN_ROLE, "role") from None


def _lookup(values: Mapping[str, str]) -> Lookup | None:
    for name, kind in KINDS.items():
        if values.get(name):
            try:
                return (str(kind), lookup_of(kind, normalise(kind, values[name])))
            except NotNormal:
                raise Rejected(ChatReason.UNKNOWN_MEMBER, name) from None
    return None


def _with_members(entries: list[Entry], by: User | None) -> tuple[list[Entry], list[tuple[int, str, str]]]:
    """Entries with the members that they name; whoever started the import has to see them."""
    lookups = {entry.lookup for entry in entries if entry.lookup is not None}
    if not lookups or by is None:
        return entries, [(each.line, str(ChatReason.UNKNOWN_MEMBER), "member") for each in entries if each.lookup]
    found: dict[Any, int] = dict(visible_members(ids=(), lookups=lookups, user=by))
    faults = [
        (entry.line, str(ChatReason.UNKNOWN_MEMBER), "member")
        for entry in entries
        if entry.lookup is not None and entry.lookup not in found
    ]
    known = [replace(entry, member_id=found[entry.lookup]) if entry.lookup in found else entry for entry in entries]
    return known, faults
