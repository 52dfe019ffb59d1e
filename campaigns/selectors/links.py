"""Clicks of links, from their sums per day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Sum

from campaigns.models import LinkDay, TrackedLink


@dataclass(frozen=True, kw_only=True)
class Clicks:
    """Since the link was made; sums follow the clicks by half a minute."""

    humans: int = 0
    known: int = 0
    bots: int = 0
    last_at: datetime | None = None


def clicks_of(links: Sequence[TrackedLink]) -> list[Clicks]:
    """In the order of the links; one query."""
    sums = (
        LinkDay.objects.filter(link__in=links)
        .values("link")
        .annotate(all_humans=Sum("humans"), all_known=Sum("known"), all_bots=Sum("bots"), last=Max("last_at"))
    )
    found = {
        row["link"]: Clicks(humans=row["all_humans"], known=row["all_known"], bots=row["all_bots"], last_at=row["last"])
        for row in sums
    }
    return [found.get(link.pk, Clicks()) for link in links]


def days_of(link: TrackedLink, *, limit: int) -> list[LinkDay]:
    """The latest days with clicks, the earliest first."""
    return list(reversed(LinkDay.objects.filter(link=link).order_by("-day")[:limit]))
