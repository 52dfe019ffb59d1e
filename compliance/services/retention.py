"""Nothing is kept longer than its rule says (PIPL Art. 19); what a legal hold covers stays, stored only."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import Target, record
from compliance.enums.rights import ErasureReason, ErasureState
from compliance.errors.rights import ErasureRunning, NobodyThere, RetentionNotValid, UnderLegalHold
from compliance.models import Erasure, LegalHold, RetentionRule, RetentionRun
from compliance.selectors.retention import RuleInForce, rules_in_force
from compliance.services.erasure import erase, records_of
from compliance.services.turns import hold_for_refusal
from core.registries import Purge, purges
from core.rules.masking import mask_text
from core.services.surprises import Surprises, each_by_itself
from members.models import Member, owner_number

BATCH = 5_000
PERSONS = 100
LONGEST = 36_500

_INACTIVE = """
FROM members_member AS m
WHERE m.merged_into_id IS NULL AND coalesce(m.registered_at, m.created_at) < %(before)s
    AND m.id > %(after)s AND m.created_at < %(before)s AND NOT m.id = ANY(%(held)s::bigint[])
    AND NOT EXISTS (SELECT FROM timeline_purchase p WHERE p.member_id = m.id AND p.occurred_at >= %(before)s)
    AND NOT EXISTS (SELECT FROM timeline_interaction i WHERE i.member_id = m.id AND i.occurred_at >= %(before)s)
    AND NOT EXISTS (
        SELECT FROM members_member AS record WHERE record.merged_into_id = m.id AND (
            coalesce(record.registered_at, record.created_at) >= %(before)s OR record.created_at >= %(before)s
            OR EXISTS (SELECT FROM timeline_purchase p WHERE p.member_id = record.id AND p.occurred_at >= %(before)s)
            OR EXISTS (SELECT FROM timeline_interaction i WHERE i.member_id = record.id AND i.occurred_at >= %(before)s)
        )
    )
"""


def purge_all(*, now: datetime) -> list[RetentionRun]:
    """Every rule in use; answers the reports. Outside of a transaction: each batch commits by itself.

    A rule that fails stops no other; what failed is raised at the end.
    """
    in_use = [rule for rule in rules_in_force() if rule.is_active]
    return each_by_itself(in_use, lambda rule: _purge(rule, now))


@transaction.atomic
def change_rule(*, code: str, days: int, is_active: bool, reason: str, by: User, now: datetime) -> RetentionRule:
    """How long one kind of data is kept, and whether it is purged at all. Raises RetentionNotValid."""
    if code not in purges or not 1 <= days <= LONGEST:
        raise RetentionNotValid(fields={"days": [_("A number of days from 1 on.")]})
    if not reason.strip():
        raise RetentionNotValid(fields={"reason": [_("Say why; it is kept in the audit log.")]})
    shipped = purges.get(code)
    rule, _made = RetentionRule.objects.select_for_update().get_or_create(
        pk=code, defaults={"days": shipped.days, "is_active": shipped.active}
    )
    changes: dict[str, list[Any]] = {"days": [rule.days, days], "is_active": [rule.is_active, is_active]}
    rule.days, rule.is_active = days, is_active
    rule.save()
    differing = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
    record(by=by, action="compliance.change_retention", obj=rule, reason=reason, changes=differing, at=now)
    return rule


@transaction.atomic
def place_hold(*, member_id: int, reason: str, by: User, now: datetime) -> LegalHold:
    """Her data stay although a rule or she would have them deleted; while it stands they are stored only.

    What she asked to be restricted herself is another matter, which a hold neither sets nor lifts. Raises NobodyThere,
    RetentionNotValid, or ErasureRunning: what is being destroyed cannot be held any more.
    """
    if not reason.strip():
        raise RetentionNotValid(fields={"reason": [_("Say which law, court or dispute demands it.")]})
    records = records_of(member_id, lock=True)
    if Erasure.objects.filter(subject_ids__overlap=records).exists():
        raise ErasureRunning
    words = mask_text(reason.strip())[:300]
    hold_for_refusal([member_id])
    hold, made = LegalHold.objects.get_or_create(
        member_id=member_id, lifted_at=None, defaults={"reason": words, "by": by, "since": now}
    )
    if made:
        _record_hold("compliance.place_hold", member_id, reason, by=by, now=now)
    return hold


@transaction.atomic
def lift_hold(*, hold: LegalHold, reason: str, by: User, now: datetime) -> bool:
    """The hold ends; what she asked to be restricted herself stays so. False if it ended before."""
    if not reason.strip():
        raise RetentionNotValid(fields={"reason": [_("Say why; it is kept in the audit log.")]})
    if not LegalHold.objects.filter(pk=hold.pk, lifted_at=None).update(lifted_at=now):
        return False
    _record_hold("compliance.lift_hold", hold.member_id, reason, by=by, now=now)
    return True


def held_members() -> list[int]:
    """Every record of a person under a hold, whichever of them it was placed on."""
    placed = set(LegalHold.objects.filter(lifted_at=None).values_list("member_id", flat=True))
    if not placed:
        return []
    owners = set(Member.objects.filter(pk__in=placed).values_list(owner_number(), flat=True))
    records = Member.objects.filter(Q(pk__in=placed | owners) | Q(merged_into__in=owners))
    return list(records.order_by("pk").values_list("pk", flat=True))


def _purge(rule: RuleInForce, now: datetime) -> RetentionRun:
    """The holds are looked up for each batch: one that is placed meanwhile spares what is left."""
    before, held = rule.before(now), held_members()
    spared = rule.purge.count(before, []) - rule.purge.count(before, held) if held else 0
    report = RetentionRun.objects.create(code=rule.purge.code, before=before, started_at=now, held=spared)
    while rows := rule.purge.purge(before, held_members(), BATCH):
        RetentionRun.objects.filter(pk=report.pk).update(rows=(report.rows + rows))
        report.rows += rows
    with transaction.atomic():
        report.finished_at = now
        report.save(update_fields=["finished_at"])
        if report.rows:
            target = Target(
                object_type="compliance.retentionrule", object_id=report.code, changes={"rows": [None, report.rows]}
            )
            record(by=None, action="compliance.purge", obj=target, at=now)
    return report


def _count_inactive(before: datetime, held: Sequence[int]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {_INACTIVE}", {"before": before, "held": list(held), "after": 0})
        return int(cursor.fetchone()[0])


def _erase_inactive(before: datetime, held: Sequence[int], _batch: int) -> int:
    """Whole persons, some at a time; one whose erasure has to wait is not counted, so that a purge comes to an end.

    Behind one that fails all the others are done, before that is raised.
    """
    done, surprises = 0, Surprises()
    found = _inactive(before, held, after=0)
    while found:
        for number in found:
            with surprises.kept(f"the erasure of member {number}"):
                done += _erase_unless_held(number)
        if surprises.first is None:
            return done
        found = _inactive(before, held, after=found[-1])
    surprises.raise_first()
    return done


def _inactive(before: datetime, held: Sequence[int], *, after: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT m.id {_INACTIVE} ORDER BY m.id LIMIT %(batch)s",
            {"before": before, "held": list(held), "batch": PERSONS, "after": after},
        )
        return [number for (number,) in cursor.fetchall()]


def _erase_unless_held(number: int) -> bool:
    """Not whom a hold was placed on meanwhile, nor whom somebody else has just erased."""
    try:
        erasure = erase(member_id=number, why=ErasureReason.RETENTION, by=None, now=timezone.now())
    except (UnderLegalHold, NobodyThere):
        return False
    return erasure.state == ErasureState.DONE


def _record_hold(action: str, member_id: int, reason: str, *, by: User, now: datetime) -> None:
    record(by=by, action=action, obj=Target(object_type="members.member", object_id=member_id), reason=reason, at=now)


purges.register(
    Purge(
        code="inactive-members",
        label=_("Members without any purchase or interaction"),
        days=731,
        count=_count_inactive,
        purge=_erase_inactive,
        active=False,
        order=50,
    )
)
