"""Today: what needs me, and the pulse."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.enums import Reach
from accounts.pages import StaffRequest
from compliance.selectors.pipia import is_assessed
from core.pages import as_csv, in_frame, page
from core.registries import Registry, WorkItem, WorkSource, health, work
from dashboards.pages.charts import charts_for, table_of
from dashboards.pages.follow_ups import groups_in_words
from dashboards.pages.frame import scope_of
from dashboards.pages.strip import strip
from dashboards.selectors.follow_ups import follow_ups_for
from dashboards.selectors.pulse import pulse
from segments.enums import TIERING

URGENCY = ("act", "watch", "busy", "none", "good")
NOON, EVENING, NIGHT = 12, 18, 5


@page("dashboards.view_today")
def today(request: StaffRequest) -> HttpResponse:
    """The first page of the day; `?format=csv&chart=…` gives the figures of one chart."""
    now = timezone.now()
    members = scope_of(request.user)
    charts = charts_for(now) if members is None else []
    if request.GET.get("format") == "csv":
        wanted = request.GET.get("chart", "")
        for chart in charts:
            if chart.code == wanted:
                return as_csv(f"{chart.code}-{timezone.localdate(now)}", *table_of(chart))
    tiers = strip() if members is None and request.user.has_perm("segments.view_tier") else None
    follow_ups = _follow_ups(request, now)
    context: dict[str, Any] = {
        "title": pgettext("menu", "Today"),
        "greeting": greeting(request.user, now),
        "now": now,
        "work": asked(work, request, now),
        "health": asked(health, request, now),
        "follow_ups": follow_ups,
        # Noughts over no member at all would read as a brand that sold nothing.
        "pulse": None if request.user.reach == Reach.NOBODY else pulse(members, today=timezone.localdate(now)),
        "strip": tiers,
        "charts": charts,
        "everybody": members is None,
        "alone": members is not None and follow_ups is None,
        "tiering_waits": members is None and tiers is None and not is_assessed(TIERING, now=now),
    }
    return in_frame(request, "dashboards/today.html", context)


def _follow_ups(request: StaffRequest, now: datetime) -> list[dict[str, Any]] | None:
    """For whoever has members of her own; None for everybody else."""
    if request.user.reach != Reach.OWN or not request.user.has_perm("dashboards.add_followup"):
        return None
    return groups_in_words(follow_ups_for(request.user, now=now))


def greeting(user: Any, now: datetime) -> str:
    """By the hour where the brand is; at night one has stayed up."""
    hour = timezone.localtime(now).hour
    if NIGHT <= hour < NOON:
        words = _("Good morning, %(name)s")
    elif NOON <= hour < EVENING:
        words = _("Good afternoon, %(name)s")
    else:
        words = _("Good evening, %(name)s")
    return words % {"name": user}


def asked(sources: Registry[WorkSource], request: StaffRequest, now: datetime) -> list[WorkItem]:
    """What every app says to this person, the most urgent first."""
    allowed = [source for source in sources if not source.permission or request.user.has_perm(source.permission)]
    items = [item for source in allowed for item in source.items(request.user, now)]
    return sorted(items, key=lambda item: URGENCY.index(item.state))
