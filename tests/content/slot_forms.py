"""Slots as the forms of the calendar have them."""

from django.utils import timezone

from content.models import Slot
from tests.content.people import DAY, slot


def soon(days: float = 2) -> "object":
    return (timezone.now() + days * DAY).replace(minute=0, second=0, microsecond=0)


def form_of(made: Slot, **values: object) -> dict[str, object]:
    at = timezone.localtime(made.planned_at)
    kept = {"type": made.type_id, "title": made.title, "day": at.date().isoformat(), "time": f"{at:%H:%M}"}
    return {**kept, "minutes": made.minutes, "owner": made.owner_id, "seen": made.changed_at.isoformat(), **values}


def planned(code: str = "article", days: float = 2, **values: object) -> Slot:
    return slot(code, at=soon(days), now=timezone.now(), allow_overlap=True, **values)  # type: ignore[arg-type]
