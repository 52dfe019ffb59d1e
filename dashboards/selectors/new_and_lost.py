"""Who came and who fell silent, by week."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet, Value
from django.db.models.functions import TruncWeek
from django.utils import timezone

from members.models import Member
from segments.models import TierChange
from segments.selectors.overview import LOST_TIER

CAME, WENT = "came", "went"


@dataclass(frozen=True)
class WeekOfMembers:
    """`week` is its Monday; `registered` by the day of registration, `lost` by the run that found them silent."""

    week: dt.date
    registered: int
    lost: int


def new_and_lost_by_week(weeks: Sequence[dt.date]) -> list[WeekOfMembers]:
    """For each of `weeks` (Mondays, in order). One statement.

    Both count events, not what a run found in a tier: weekly runs and daily ones give the same figures. A member's
    first tier is no loss.
    """
    start, end = _midnight(weeks[0]), _midnight(weeks[-1] + dt.timedelta(weeks=1))
    registered = Member.objects.active().filter(registered_at__gte=start, registered_at__lt=end)
    silent = TierChange.objects.filter(at__gte=start, at__lt=end, to_tier=LOST_TIER)
    came = _by_week(registered, "registered_at", CAME)
    went = _by_week(silent.exclude(from_tier__in=("", LOST_TIER)), "at", WENT)
    counts = {(what, timezone.localtime(week).date()): count for what, week, count in came.union(went, all=True)}
    return [WeekOfMembers(week, counts.get((CAME, week), 0), counts.get((WENT, week), 0)) for week in weeks]


def _by_week(rows: QuerySet[Any], moment: str, what: str) -> QuerySet[Any, Any]:
    weeks = rows.order_by().annotate(what=Value(what), week=TruncWeek(moment)).values("what", "week")
    counted: QuerySet[Any, Any] = weeks.annotate(count=Count("pk")).values_list("what", "week", "count")
    return counted


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))
