"""What stands before every consent: restricted to storing, or erased."""

from datetime import datetime

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Coalesce

from accounts.models import User
from audit.services import Target, record
from compliance.errors.consent import ReasonNeeded
from compliance.models import ContactStatus
from compliance.services.turns import hold_for_refusal
from members.selectors.persons import records_of_person


@transaction.atomic
def restrict(*, member_id: int, reason: str, by: User | None, now: datetime) -> bool:
    """Her data are stored and nothing else is done with them (PIPL Art. 44, 47 ¶2). False if that is so. ReasonNeeded."""
    _require_reason(reason)
    hold_for_refusal([member_id])
    ContactStatus.objects.get_or_create(pk=member_id)
    changed = ContactStatus.objects.filter(pk=member_id, restricted_at=None).update(restricted_at=now)
    if changed:
        _record("compliance.restrict", member_id, reason=reason, by=by, now=now)
    return bool(changed)


@transaction.atomic
def lift_restriction(*, member_id: int, reason: str, by: User | None, now: datetime) -> bool:
    """The data may be used again, as far as she consents and no legal hold stands, which has its own end.

    On all records of the person. False if nobody had asked for it. Raises ReasonNeeded.
    """
    _require_reason(reason)
    hers = ContactStatus.objects.filter(pk__in=records_of_person(member_id))
    changed = hers.filter(restricted_at__isnull=False).update(restricted_at=None)
    if changed:
        _record("compliance.lift_restriction", member_id, reason=reason, by=by, now=now)
    return bool(changed)


@transaction.atomic
def mark_erased(*, member_id: int, by: User | None, now: datetime) -> None:
    """For the erasure: from now on the gate refuses, and no consent can be recorded. Safe to repeat; there is no way back."""
    hold_for_refusal([member_id])
    status, _made = ContactStatus.objects.get_or_create(pk=member_id)
    ContactStatus.objects.filter(pk=status.pk).update(erased_at=Coalesce("erased_at", Value(now)))
    _record("compliance.mark_erased", member_id, reason="", by=by, now=now)


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise ReasonNeeded(fields={"reason": [ReasonNeeded.message]})


def _record(action: str, member_id: int, *, reason: str, by: User | None, now: datetime) -> None:
    record(by=by, action=action, obj=Target(object_type="members.member", object_id=member_id), reason=reason, at=now)
