"""Impact assessments: written, approved by a second person, over after a time (PIPL Art. 55, 56).

`require` is the gate: what is registered as a `core.registries.Feature` does not run without one that holds.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from compliance.enums.registers import AssessmentState
from compliance.errors.registers import (
    AssessmentIncomplete,
    AssessmentMissing,
    AssessorApproves,
    EntryNotValid,
    EntryStateWrong,
)
from compliance.models import Assessment
from compliance.selectors.pipia import is_assessed
from core.registries import FeatureGuard, feature_guards, features

PARTS = ("lawfulness", "impact", "measures")
LONGEST = 5_000
MONTHS_MOST = 36
MONTH = timedelta(days=30.4375)


def require(*, feature: str, now: datetime) -> None:
    """Raises AssessmentMissing unless an approved assessment of that registered feature holds now."""
    registered = features.get(feature)
    if not is_assessed(registered.code, now=now):
        words = _("“%(feature)s” needs an approved impact assessment first (PIPL Art. 55).")
        raise AssessmentMissing(words % {"feature": registered.label})


@transaction.atomic
def begin(*, feature: str, by: User | None, now: datetime) -> Assessment:
    """A draft of the next version, with the words of the last. Raises EntryStateWrong while another is being written."""
    code = features.get(feature).code
    last = Assessment.objects.filter(feature=code).order_by("-number").first()
    draft = Assessment(
        feature=code,
        number=(last.number if last else 0) + 1,
        changed_at=now,
        **{part: getattr(last, part) if last else "" for part in PARTS},
    )
    try:
        with transaction.atomic():
            draft.save(force_insert=True)
    except IntegrityError:
        raise EntryStateWrong from None
    record(by=by, action="compliance.begin_assessment", obj=draft, at=now)
    return draft


@transaction.atomic
def write(*, assessment: Assessment, texts: Mapping[str, str], by: User, now: datetime) -> Assessment:
    """Keep the three parts, complete or not; whoever writes last is its author. Raises EntryStateWrong."""
    draft = _locked(assessment, AssessmentState.DRAFT)
    before = {part: getattr(draft, part) for part in PARTS}
    for part in PARTS:
        setattr(draft, part, texts.get(part, "").strip()[:LONGEST])
    draft.written_by, draft.changed_at = by, now
    draft.save(update_fields=[*PARTS, "written_by", "changed_at"])
    changed = [part for part in PARTS if before[part] != getattr(draft, part)]
    record(by=by, action="compliance.write_assessment", obj=draft, changes={"parts": [None, changed]}, at=now)
    return draft


@transaction.atomic
def approve(*, assessment: Assessment, months: int, by: User, now: datetime) -> Assessment:
    """Put it in force for so many months, at most three years; what held before ends.

    Raises AssessmentIncomplete (naming the empty parts), AssessorApproves, EntryNotValid, EntryStateWrong.
    """
    draft = _locked(assessment, AssessmentState.DRAFT)
    _require_whole(draft)
    if draft.written_by_id is None or draft.written_by_id == by.pk:
        raise AssessorApproves
    if not 1 <= months <= MONTHS_MOST:
        raise EntryNotValid(fields={"months": [_("Between 1 and 36 months.")]})
    for earlier in Assessment.objects.filter(feature=draft.feature, state=AssessmentState.APPROVED).select_for_update():
        _expire(earlier, by=by, now=now)
    draft.state, draft.approved_by, draft.approved_at = AssessmentState.APPROVED, by, now
    draft.valid_until = now + months * MONTH
    draft.save(update_fields=["state", "approved_by", "approved_at", "valid_until"])
    until = {"valid_until": [None, draft.valid_until]}
    record(by=by, action="compliance.approve_assessment", obj=draft, changes=until, at=now)
    return draft


@transaction.atomic
def withdraw(*, assessment: Assessment, reason: str, by: User, now: datetime) -> Assessment:
    """End one that is in force: the feature stops. Raises EntryNotValid without a reason, EntryStateWrong."""
    if not reason.strip():
        raise EntryNotValid(fields={"reason": [_("Say why; it is kept in the audit log.")]})
    return _expire(_locked(assessment, AssessmentState.APPROVED), by=by, now=now, reason=reason.strip())


@transaction.atomic
def expire_assessments(*, now: datetime) -> int:
    """What has run out is marked so; it stopped to count when its time was over."""
    over = Assessment.objects.select_for_update(skip_locked=True).filter(
        state=AssessmentState.APPROVED, valid_until__lte=now
    )
    return len([_expire(each, by=None, now=now) for each in over])


def _expire(row: Assessment, *, by: User | None, now: datetime, reason: str = "") -> Assessment:
    row.state, row.expired_at = AssessmentState.EXPIRED, now
    row.save(update_fields=["state", "expired_at"])
    record(by=by, action="compliance.expire_assessment", obj=row, reason=reason, at=now)
    return row


def _locked(assessment: Assessment, state: AssessmentState) -> Assessment:
    locked = Assessment.objects.select_for_update(of=("self",)).get(pk=assessment.pk)
    if locked.state != state:
        raise EntryStateWrong
    return locked


def _require_whole(draft: Assessment) -> None:
    empty = {part: [_("This part is empty.")] for part in PARTS if not getattr(draft, part)}
    open_ = {part: [_("A place to fill in is left (【…】).")] for part in PARTS if "【" in getattr(draft, part)}
    if empty or open_:
        raise AssessmentIncomplete(fields={**empty, **open_})


def _refuse(code: str, now: datetime) -> None:
    require(feature=code, now=now)


feature_guards.register(FeatureGuard(code="pipia", refuse=_refuse))
