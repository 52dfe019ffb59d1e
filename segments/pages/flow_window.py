"""Two days between which somebody asks who moved, and the address of the people behind an answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from core.moments import read_day
from segments.admin.moved_filter import end_of
from segments.models import TierRun

MONTH = timedelta(days=30)
DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Window:
    """Two local days: the tiers at the end of each. `shows` is people or revenue."""

    start: date
    end: date
    shows: str = "people"

    @property
    def moments(self) -> tuple[datetime, datetime]:
        return end_of(self.start), end_of(self.end)

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    def query(self, **changes: Any) -> str:
        return urlencode({"from": self.start.isoformat(), "to": self.end.isoformat(), "show": self.shows, **changes})


def window_of(parameters: Mapping[str, str], run: TierRun | None) -> Window:
    """From the address; the 30 days before the last run where nothing else, or nonsense, is said."""
    today = timezone.localdate(run.as_of) if run else timezone.localdate()
    end = read_day(parameters.get("to", "")) or today
    start = read_day(parameters.get("from", "")) or end - MONTH
    shows = "revenue" if parameters.get("show") == "revenue" else "people"
    return Window(start=min(start, end - DAY), end=end, shows=shows)


def people_link(window: Window, from_tier: str, to_tier: str) -> str:
    """The member list with the people of one cell; the list itself keeps to whom the reader may see."""
    value = f"{window.start}:{window.end}:{from_tier or '-'}:{to_tier or '-'}"
    return f"{reverse('admin:members_member_changelist')}?{urlencode({'moved': value})}"
