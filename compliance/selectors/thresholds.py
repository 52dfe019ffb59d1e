"""How many persons are held, and what that asks for."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.utils import timezone

from compliance.models import DutyDone, PersonCount
from compliance.rules.thresholds import THRESHOLDS, WARN, Threshold, is_near_an_edge, state_of
from compliance.rules.working_days import deadline
from members.models import Member

REGISTERED_WITHIN = 30  # working days; CAC notice of 2025-07-18


@dataclass(frozen=True, kw_only=True)
class Watched:
    """A threshold with the latest count; `reached_at` is the first count at or above it."""

    threshold: Threshold
    persons: int
    state: str
    done: DutyDone | None
    reached_at: datetime | None

    @property
    def percent(self) -> float:
        return min(100.0, 100 * self.persons / self.threshold.persons)

    @property
    def due_at(self) -> datetime | None:
        if self.reached_at is None or self.done is not None:
            return None
        return deadline(self.reached_at, REGISTERED_WITHIN, zone=timezone.get_default_timezone())


def estimated_persons() -> tuple[int, bool]:
    """(persons, counted exactly). The planner's estimate, which costs nothing; exact where a threshold is near.

    Before the first ANALYZE there is no estimate, and it is counted.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples::bigint FROM pg_catalog.pg_class WHERE oid = 'members_member'::regclass")
        (estimate,) = cursor.fetchone()
    if estimate >= 0 and not is_near_an_edge(estimate):
        return int(estimate), False
    return Member.objects.filter(merged_into=None).count(), True


def latest_count() -> PersonCount | None:
    return PersonCount.objects.order_by("-counted_at").first()


def watched_thresholds() -> list[Watched]:
    """Both, by the latest daily count; one query while the lower is far away."""
    latest = latest_count()
    persons = latest.persons if latest else 0
    done = {} if persons < WARN * THRESHOLDS[0].persons else DutyDone.objects.select_related("done_by").in_bulk()
    return [_watched(each, persons, done.get(each.persons)) for each in THRESHOLDS]


def _watched(threshold: Threshold, persons: int, done: DutyDone | None) -> Watched:
    reached = None
    if persons >= threshold.persons:
        counts = PersonCount.objects.filter(persons__gte=threshold.persons).order_by("counted_at")
        reached = counts.values_list("counted_at", flat=True).first()
    return Watched(
        threshold=threshold,
        persons=persons,
        state=state_of(threshold, persons, done_at=done.done_at if done else None),
        done=done,
        reached_at=reached,
    )
