"""At which hours members are active: of everybody and of audiences as they were counted, of one member from her facts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from content.models import ActiveHours, AudienceHours
from members.models import Member
from members.selectors.persons import records_of_person
from segments.enums import AudienceState

HOURS = 24
MEMBER_DAYS = 180
OF_MEMBER = """
SELECT extract(hour FROM occurred_at AT TIME ZONE %(zone)s)::integer, count(*)
FROM timeline_interaction
WHERE member_id = ANY (%(records)s) AND occurred_at >= %(since)s AND occurred_at < %(now)s GROUP BY 1
"""


@dataclass(frozen=True, kw_only=True)
class Awake:
    """Interactions by hour of the day where the brand is, of `days` days up to `counted_at`.

    `audience` is the number of the audience, None for everybody or one member.
    """

    name: str
    hours: Sequence[int]
    days: int
    counted_at: datetime
    audience: int | None = None

    @property
    def total(self) -> int:
        return sum(self.hours)

    @property
    def shares(self) -> list[float]:
        return [hour / self.total if self.total else 0.0 for hour in self.hours]

    @property
    def best(self) -> int | None:
        """The hour at which the two hours with the most begin; the earlier of two equals."""
        if not self.total:
            return None
        pairs = [self.hours[hour] + self.hours[(hour + 1) % HOURS] for hour in range(HOURS)]
        return pairs.index(max(pairs))

    @property
    def best_share(self) -> float:
        """What falls into those two hours."""
        hour = self.best
        return 0.0 if hour is None else (self.hours[hour] + self.hours[(hour + 1) % HOURS]) / self.total


def active_hours_of_everybody() -> Awake | None:
    found = ActiveHours.objects.order_by("-day").first()
    if found is None:
        return None
    return Awake(name="", hours=found.hours, days=found.days, counted_at=found.counted_at)


def active_hours_of_audiences() -> list[Awake]:
    """Audiences in use whose hours were counted by the rule that they have now; by name, one query."""
    rows = AudienceHours.objects.filter(audience__state=AudienceState.ACTIVE).select_related("audience")
    return [
        Awake(
            name=row.audience.name,
            hours=row.hours,
            days=row.days,
            counted_at=row.counted_at,
            audience=row.audience_id,
        )
        for row in rows.order_by("audience__name", "audience")
        if row.version == row.audience.version
    ]


def active_hours_of_member(member: Member, *, now: datetime) -> Awake:
    """From her interactions of half a year, along the key of the facts, those of records merged into hers too."""
    values: dict[str, Any] = {
        "records": records_of_person(member.pk),
        "zone": settings.TIME_ZONE,
        "since": now - timedelta(days=MEMBER_DAYS),
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(OF_MEMBER, values)
        counted = dict(cursor.fetchall())
    return Awake(name="", hours=[counted.get(hour, 0) for hour in range(HOURS)], days=MEMBER_DAYS, counted_at=now)
