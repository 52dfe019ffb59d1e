"""Today: what needs me, and the pulse."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from core.pages import as_csv, in_frame, page
from core.registries import WorkItem, work
from dashboards.pages.charts import charts_for, table_of
from dashboards.pages.frame import scope_of
from dashboards.selectors.pulse import pulse

URGENCY = ("act", "watch", "busy")


@page("dashboards.view_today")
def today(request: HttpRequest) -> HttpResponse:
    """The first page of the day; `?format=csv&chart=…` gives the figures of one chart."""
    now = timezone.now()
    members = scope_of(request.user)
    charts = charts_for(now) if members is None else []
    wanted = request.GET.get("chart", "")
    if request.GET.get("format") == "csv":
        for chart in charts:
            if chart.code == wanted:
                return as_csv(f"{chart.code}-{timezone.localdate(now)}", *table_of(chart))
    context: dict[str, Any] = {
        "title": _("Today"),
        "now": now,
        "work": work_for(request, now),
        "pulse": pulse(members, today=timezone.localdate(now)),
        "charts": charts,
        "everybody": members is None,
    }
    return in_frame(request, "dashboards/today.html", context)


def work_for(request: HttpRequest, now: Any) -> list[WorkItem]:
    """What every app says needs this person, the most urgent first."""
    sources = [source for source in work if not source.permission or request.user.has_perm(source.permission)]
    items = [item for source in sources for item in source.items(request.user, now)]
    return sorted(items, key=lambda item: URGENCY.index(item.state))
