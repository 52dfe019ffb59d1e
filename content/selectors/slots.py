"""Slots: between two moments, in each other's way, due now; and when their material is or was approved."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from audit.selectors import entries_about
from compliance.enums.content import ReviewState
from compliance.models import Approval, Review
from content.enums import SlotState
from content.models import Slot
from content.models.slots import PUBLISHED

KIND = "material"
LONGEST = timedelta(days=1)
#: Acts that end an approval, or take the text that it was given to.
ENDS_APPROVAL = tuple(f"compliance.{act}_text" for act in ("return", "expire", "drop", "check"))
OUT_OF_THE_WAY = (SlotState.MISSED, SlotState.CANCELLED)
WAITING = (SlotState.DRAFT, SlotState.IN_REVIEW, SlotState.APPROVED, SlotState.SCHEDULED)


def slots_between(first: datetime, end: datetime) -> QuerySet[Slot]:
    """Planned from the first moment to before the other; with what a calendar shows of each."""
    found = Slot.objects.filter(planned_at__gte=first, planned_at__lt=end)
    return found.select_related("type", "owner", "version").order_by("planned_at", "id")


def overlapping(slot: Slot) -> list[Slot]:
    """Slots for the same audience whose time crosses its own; missed and cancelled ones are in nobody's way."""
    end = slot.planned_at + timedelta(minutes=slot.minutes)
    near = Slot.objects.filter(planned_at__gt=slot.planned_at - LONGEST, planned_at__lt=end, audience=slot.audience_id)
    near = near.exclude(state__in=OUT_OF_THE_WAY).exclude(pk=slot.pk).order_by("planned_at")
    return [other for other in near if other.planned_at + timedelta(minutes=other.minutes) > slot.planned_at]


def due_slots(*, now: datetime) -> QuerySet[Slot]:
    """Scheduled slots whose time has come, the longest waiting first: a person publishes them by hand."""
    return Slot.objects.filter(state=SlotState.SCHEDULED, planned_at__lte=now).order_by("planned_at", "id")


def overdue_slots(*, before: datetime) -> QuerySet[Slot]:
    """Slots that were to be published before that moment, and were not."""
    return Slot.objects.filter(state__in=WAITING, planned_at__lt=before).order_by("id")


def published_slots(*, since: datetime) -> QuerySet[Slot]:
    """Published since then, and what was published before that and is not measured to its end."""
    return Slot.objects.filter(Q(state__in=PUBLISHED, published_at__gte=since) | Q(state=SlotState.PUBLISHED))


def approved_until(version_ids: Iterable[int]) -> Mapping[int, datetime]:
    """Until when each version is approved; those that are not are left out."""
    found = Review.objects.filter(kind=KIND, object_id__in=set(version_ids), state=ReviewState.APPROVED)
    return {number: until for number, until in found.values_list("object_id", "valid_until") if until is not None}


def was_approved(version_id: int, *, at: datetime) -> bool:
    """Whether an approval of this version stood at that moment, which may be over by now."""
    given = Approval.objects.filter(review__kind=KIND, review__object_id=version_id, at__lte=at, valid_until__gt=at)
    last = given.select_related("review").order_by("-at", "-pk").first()
    if last is None:
        return False
    return not entries_about(last.review).filter(action__in=ENDS_APPROVAL, at__gt=last.at, at__lte=at).exists()


def reviews_of(version_ids: Iterable[int]) -> Mapping[int, Review]:
    """The legal review of each version."""
    found = Review.objects.filter(kind=KIND, object_id__in=set(version_ids)).defer("parts")
    return {review.object_id: review for review in found}
