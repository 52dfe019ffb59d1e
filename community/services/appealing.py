"""Appeals: what a participant says against a decision, answered by somebody else than who made it."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from community.enums.moderation import AppealOutcome, Outcome, ViolationState
from community.errors.moderation import (
    AppealDecided,
    AppealExists,
    AppealNotValid,
    AppealNotYours,
    AppealTooLate,
    OwnViolation,
    ViolationOpen,
)
from community.models import Appeal, Violation
from community.selectors.moderation import APPEAL, moderation_settings
from community.services.deciding import change_decision, checked_note
from core.services.sealing import SubjectErased, seal

LONGEST_APPEAL = 1000


@transaction.atomic
def file_appeal(*, violation: Violation, text: str, by: User | None, now: datetime) -> Appeal:
    """Write down what she says. Raises AppealNotValid, ViolationOpen, AppealExists or AppealTooLate.

    The excerpt is kept for as long again, so that whoever answers can read it.
    """
    text = text.replace("\x00", "").strip()
    if not 0 < len(text) <= LONGEST_APPEAL:
        words = _("Between 1 and %(most)d characters.") % {"most": LONGEST_APPEAL}
        raise AppealNotValid(fields={"text": [words]})
    locked = Violation.objects.select_for_update().get(pk=violation.pk)
    settings = moderation_settings()
    _require_appealable(locked, days=settings.appeal_days, now=now)
    expires = now + timedelta(days=settings.excerpt_days)
    appeal = Appeal.objects.create(
        violation=locked,
        participant_id=locked.participant_id,
        text=_sealed(locked.participant_id, text),
        expires_at=expires,
        made_at=now,
        filed_by=by,
        appealed_outcome=locked.outcome,
        appealed_by=locked.decided_by,
    )
    if locked.excerpt is not None:
        locked.expires_at = expires
        locked.save(update_fields=["expires_at"])
    record(by=by, action="community.file_appeal", obj=appeal, at=now)
    return appeal


@transaction.atomic
def answer_appeal(*, appeal: Appeal, outcome: str, by: User, now: datetime, note: str) -> Appeal:
    """`outcome` is what shall hold from now on: the decision that is appealed, or another one. With a reason.

    Raises AppealDecided, AppealNotYours, OwnViolation or DecisionNotValid.
    """
    locked = Appeal.objects.select_for_update().get(pk=appeal.pk)
    violation = (
        Violation.objects.select_for_update(of=("self",)).select_related("participant").get(pk=locked.violation_id)
    )
    if not locked.is_open:
        raise AppealDecided
    if by.pk == locked.appealed_by_id:
        raise AppealNotYours
    if by.pk == violation.participant.staff_id:
        raise OwnViolation
    note = checked_note(outcome, note)
    if not note:
        raise AppealNotValid(fields={"note": [_("Say why: she is told.")]})
    same = outcome == violation.outcome
    locked.outcome = AppealOutcome.UPHELD if same else AppealOutcome.CHANGED
    locked.decided_by, locked.decided_at, locked.note = by, now, note
    locked.save()
    changes = {"outcome": [locked.appealed_outcome, outcome]}
    record(by=by, action="community.answer_appeal", obj=locked, changes=changes, reason=note, at=now)
    if not same:
        change_decision(violation=violation, outcome=outcome, note=note, by=by, now=now)
    return locked


def _require_appealable(violation: Violation, *, days: int, now: datetime) -> None:
    if violation.state != ViolationState.DECIDED or violation.decided_at is None:
        raise ViolationOpen
    if violation.outcome == Outcome.DISMISSED:
        raise AppealNotValid(_("It was dismissed: there is nothing to appeal."))
    if Appeal.objects.filter(violation=violation).exists():
        raise AppealExists
    if now > violation.decided_at + timedelta(days=days):
        raise AppealTooLate


def _sealed(participant_id: int, text: str) -> bytes:
    try:
        return seal(APPEAL, subject_id=participant_id, text=text)
    except SubjectErased as gone:
        raise AppealNotValid(_("What was known of this participant has been erased.")) from gone
