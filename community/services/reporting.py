"""Violations that somebody tells, instead of a rule finding them."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from community.enums.moderation import ViolationKind
from community.errors.moderation import ReportNotValid
from community.models import GroupParticipant, Violation
from community.selectors.moderation import EXCERPT, moderation_settings
from core.services.sealing import SubjectErased, seal

LONGEST_REPORT = 500
FAR_BACK = timedelta(days=90)


@transaction.atomic
def report_violation(
    *,
    participant: GroupParticipant,
    text: str,
    occurred_at: datetime,
    by: User | None,
    now: datetime,
    sensitive: bool = False,
) -> Violation:
    """What she said or did, in words; it always waits for a person. Raises ReportNotValid."""
    text = " ".join(text.replace("\x00", "").split())
    faults: dict[str, list[str]] = {}
    if not 0 < len(text) <= LONGEST_REPORT:
        faults["text"] = [_("Between 1 and %(most)d characters.") % {"most": LONGEST_REPORT}]
    if not now - FAR_BACK <= occurred_at <= now:
        faults["occurred_at"] = [_("A moment within the last %(days)d days is expected.") % {"days": FAR_BACK.days}]
    if faults:
        raise ReportNotValid(fields=faults)
    violation = Violation.objects.create(
        group_id=participant.group_id,
        participant=participant,
        kind=ViolationKind.REPORT,
        sensitive=sensitive,
        excerpt=_sealed(participant.pk, text),
        expires_at=now + timedelta(days=moderation_settings().excerpt_days),
        occurred_at=occurred_at,
        detected_at=now,
        reported_by=by,
    )
    record(by=by, action="community.report_violation", obj=violation, at=now)
    return violation


def _sealed(participant_id: int, text: str) -> bytes:
    try:
        return seal(EXCERPT, subject_id=participant_id, text=text)
    except SubjectErased as gone:
        raise ReportNotValid(_("What was known of this participant has been erased.")) from gone
