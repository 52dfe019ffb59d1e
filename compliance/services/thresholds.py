"""The daily count of persons."""

from datetime import datetime

from compliance.models import PersonCount
from compliance.selectors.thresholds import estimated_persons


def count_persons(*, now: datetime) -> PersonCount:
    """Keep today's count: an estimate, exact where a threshold is near. A second call at the same time changes nothing."""
    persons, exact = estimated_persons()
    row, _made = PersonCount.objects.get_or_create(counted_at=now, defaults={"persons": persons, "is_exact": exact})
    return row
