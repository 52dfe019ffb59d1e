"""Whether the law lets records become one person's."""

from collections.abc import Collection, Sequence

from compliance.enums.rights import ERASING, OPEN_STATES
from compliance.errors.merging import MergeOfRestricted, MergeWithErasure
from compliance.models import ConsentEvent, ContactStatus, Erasure, SubjectRequest
from compliance.selectors.consent import is_held, is_restricted_by_request


def consents_of(records: Collection[int]) -> int:
    """How many events of consent stand with these records."""
    return ConsentEvent.objects.filter(member__in=records).count()


def require_undisturbed(records: Sequence[int]) -> None:
    """Nobody of them was erased, is being erased, or has asked for it. Raises MergeWithErasure."""
    asked = SubjectRequest.objects.filter(member__in=records, kind__in=ERASING, state__in=OPEN_STATES)
    erased = ContactStatus.objects.filter(pk__in=records, erased_at__isnull=False)
    if asked.exists() or erased.exists() or Erasure.objects.filter(subject_ids__overlap=list(records)).exists():
        raise MergeWithErasure


def require_same_standing(one: Sequence[int], other: Sequence[int]) -> None:
    """Both restricted to storing or neither, both under a legal hold or neither. Raises MergeOfRestricted."""
    for stands in (is_restricted_by_request, is_held):
        if stands(one) != stands(other):
            raise MergeOfRestricted
