"""Two records of one person become one, and are taken apart again.

Merging moves no fact: a record that was merged keeps what was told of it and leads to the one that stands for her
(`Member.merged_into`, never in two steps). So taking it back gives what was before; what was told meanwhile stays with
the record under which it was stored.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import Target, record
from core.errors import Gone, ValidationFailed
from core.rules.masking import mask_text, without_name
from members.errors import MergedAlready, MergeOfMinor, MergeOfOne, NotMerged
from members.events import RecordsMoved
from members.models import Member, Merging, merge_parties
from members.models.merge_parties import PlanLine
from members.services.duplicates import remember_two
from members.services.merging_lock import take_records
from members.services.revealing import is_minor

SHORTEST_REASON, LONGEST_REASON = 4, 300
# A record takes along what was led to it, by whatever steps; UNION, so that no circle of old rows is followed for ever.
_BELOW = """
WITH RECURSIVE below AS (
    SELECT %(member)s::bigint AS member_id
    UNION
    SELECT step.member_id FROM members_merging AS step JOIN below ON step.into_id = below.member_id
    WHERE step.undone_at IS NULL
)
SELECT member_id FROM below WHERE member_id <> %(member)s ORDER BY member_id
"""


def merge_members(*, keep: Member, merge: Member, by: User | None, reason: str, now: datetime) -> Merging:
    """Lead the record `merge`, and what was merged into it, to `keep`, who stands for the person from now on.

    Raises ValidationFailed without a reason, MergeRefused (its subclasses, and those of the apps that have a say),
    RecordsInUse, Gone.
    """
    words = _said(reason, keep, merge)
    with transaction.atomic():
        take_records()
        stays, goes = _two(keep.pk, merge.pk)
        _refuse(stays, goes, now=now)
        Member.objects.filter(pk__in=goes).update(merged_into=keep.pk, updated_at=now)
        done: Merging = Merging.objects.create(member_id=merge.pk, into_id=keep.pk, at=now, by=by, reason=words)
        _record("members.merge", merge.pk, "merged_into", [None, keep.pk], by=by, reason=words, now=now)
        _record("members.take_in", keep.pk, "merged", [None, merge.pk], by=by, reason=words, now=now)
        _tell(RecordsMoved(records=tuple(goes), before=merge.pk, after=keep.pk, at=now))
    return done


def unmerge_member(*, member: Member, by: User | None, reason: str, now: datetime) -> Merging:
    """Take a merge back: the record stands for its person again, with what had been merged into it before.

    What was told meanwhile stays with whom it was stored under. The two are remembered as two people. Raises as
    `merge_members`, and NotMerged.
    """
    words = _said(reason, member, member.merged_into)
    with transaction.atomic():
        take_records()
        owner, leaves, stays = _apart(member.pk)
        step = Merging.objects.filter(member=member.pk, undone_at=None).first() or _unwritten(member.pk, owner)
        for party in merge_parties:
            if party.refuse_undo is not None:
                party.refuse_undo(stays, leaves, step.at, now)
        Member.objects.filter(pk__in=leaves[1:]).update(merged_into=member.pk, updated_at=now)
        Member.objects.filter(pk=member.pk).update(merged_into=None, updated_at=now)
        step.undone_at, step.undone_by = now, by
        step.save()
        remember_two(owner, member.pk, by=by, now=now)
        _record("members.unmerge", member.pk, "merged_into", [owner, None], by=by, reason=words, now=now)
        _record("members.let_go", owner, "merged", [member.pk, None], by=by, reason=words, now=now)
        _tell(RecordsMoved(records=tuple(leaves), before=owner, after=member.pk, at=now))
    return step


def plan_merge(*, keep: Member, merge: Member, now: datetime) -> list[PlanLine]:
    """What would come with it, in the words of every app that has a say; raises what the merge itself would raise."""
    stays, goes = _two(keep.pk, merge.pk, lock=False)
    _refuse(stays, goes, now=now)
    return [line for party in merge_parties if party.plan is not None for line in party.plan(stays, goes)]


def _said(reason: str, *about: Member | None) -> str:
    """Without a number or a name of either: the record of the one outlives the other."""
    words = reason.strip()
    if len(words) < SHORTEST_REASON:
        raise ValidationFailed(fields={"reason": [_("Say how you know; it is kept in the audit log.")]})
    words = mask_text(words)
    for member in about:
        words = without_name(words, member.name) if member is not None else words
    return words[:LONGEST_REASON]


def _two(keep: int, merge: int, *, lock: bool = True) -> tuple[list[int], list[int]]:
    """All records of the one and of the other, each owner first; locked in the order of their numbers."""
    if keep == merge:
        raise MergeOfOne
    hers = Member.objects.filter(Q(pk__in=(keep, merge)) | Q(merged_into__in=(keep, merge))).order_by("pk")
    found = dict((hers.select_for_update() if lock else hers).values_list("pk", "merged_into_id"))
    if keep not in found or merge not in found:
        raise Gone
    if found[keep] is not None or found[merge] is not None:
        raise MergedAlready
    return _with_owner(keep, found), _with_owner(merge, found)


def _with_owner(owner: int, found: Mapping[int, int | None]) -> list[int]:
    return [owner, *(number for number, into in found.items() if into == owner)]


def _refuse(stays: Sequence[int], goes: Sequence[int], *, now: datetime) -> None:
    """What members know of themselves, then every app that has a say."""
    minors = {any(is_minor(day, today=now.date()) for day in _birthdays(records)) for records in (stays, goes)}
    if len(minors) > 1:
        raise MergeOfMinor
    for party in merge_parties:
        if party.refuse is not None:
            party.refuse(stays, goes, now)


def _birthdays(records: Sequence[int]) -> list[date | None]:
    return list(Member.objects.filter(pk__in=records).values_list("birthday", flat=True))


def _apart(member: int) -> tuple[int, list[int], list[int]]:
    """The owner; the records that leave, the member first; those that stay, the owner first. All locked."""
    owner = Member.objects.filter(pk=member).values_list("merged_into_id", flat=True).first()
    if owner is None:
        raise NotMerged
    hers = list(
        Member.objects.select_for_update()
        .filter(Q(pk=owner) | Q(merged_into=owner))
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    with connection.cursor() as cursor:
        cursor.execute(_BELOW, {"member": member})
        below = [number for (number,) in cursor.fetchall()]
    leaves = [member, *(number for number in below if number in hers and number != owner)]
    return owner, leaves, [owner, *(number for number in hers if number != owner and number not in leaves)]


def _unwritten(member: int, owner: int) -> Merging:
    """A merge of which there is no row, because it came in with the records: it holds since there are both of them."""
    began = max(Member.objects.filter(pk__in=(member, owner)).values_list("created_at", flat=True))
    return Merging(member_id=member, into_id=owner, at=began)


def _record(
    action: str, member: int, field: str, change: list[int | None], *, by: User | None, reason: str, now: datetime
) -> None:
    target = Target(object_type="members.member", object_id=member, changes={field: change})
    record(by=by, action=action, obj=target, reason=reason, at=now)


def _tell(news: RecordsMoved) -> None:
    for party in merge_parties:
        if party.follow is not None:
            party.follow(news)
