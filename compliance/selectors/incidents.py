"""Reading incidents and whom they touch."""

from datetime import datetime

from django.db.models import Count, QuerySet

from compliance.enums.registers import Exposure
from compliance.models import Incident, IncidentMember


def open_incidents() -> QuerySet[Incident]:
    """The one whose clock runs out first comes first."""
    return Incident.objects.filter(closed_at=None).order_by("found_at")


def affected_persons(incident: Incident) -> int:
    """Members on the list, each once."""
    return IncidentMember.objects.filter(incident=incident).values("member_id").distinct().count()


def affected_by_exposure(incident: Incident) -> list[tuple[str, int]]:
    """(words, members) for each way that occurs."""
    found = dict(IncidentMember.objects.filter(incident=incident).values_list("exposure").annotate(Count("member_id")))
    return [(str(each.label), found[each.value]) for each in Exposure if each.value in found]


def clock_of(incident: Incident, *, now: datetime) -> tuple[str, int]:
    """(state, minutes left): `act` when the four hours are over or less than one is left, else `watch`."""
    minutes = int((incident.due_at - now).total_seconds() // 60)
    return ("act" if minutes < 60 else "watch"), minutes  # noqa: PLR2004  # the last hour
