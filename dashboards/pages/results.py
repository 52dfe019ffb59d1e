"""The three levels: each metric with its value, range, trend, status and advice."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.pages import StaffRequest
from core.pages import as_csv, in_frame, page
from dashboards.enums import Health, MetricLevel
from dashboards.models import STORE
from dashboards.pages.metric_words import line_of, range_words, said, unknown_words
from dashboards.rules.drawing import Drawing
from dashboards.selectors.board import Figure, Line, Part, latest_day, lines, metrics_in_use, part_of
from dashboards.selectors.lifetime import lifetime_values
from timeline.models import member_slices


@dataclass(frozen=True)
class Row:
    """A line in words."""

    line: Line
    value: str
    now: str
    before: str
    range: str
    unknown: str
    drawing: Drawing | None

    @property
    def figure(self) -> Figure:
        return self.line.latest

    @property
    def is_outside(self) -> bool:
        return self.figure.health in {Health.WATCH, Health.ACT}


@page("dashboards.view_results")
@require_safe
def results(request: StaffRequest) -> HttpResponse:
    """Of everybody, or of the stores that somebody sees; `?by=store&of=…` for one; `?format=csv` for the trends."""
    part = part_of(request.user, request.GET.get("by", ""), request.GET.get("of", ""))
    if part is None:
        raise Http404
    day = latest_day()
    found = lines(metrics_in_use(), part, day) if day else []
    if request.GET.get("format") == "csv":
        return trends_csv(found)
    context: dict[str, Any] = {
        "title": _("Three levels"),
        "day": day,
        "now": timezone.now(),
        "part": part,
        "stores": _stores(request.user),
        "levels": [(level, [row_of(line) for line in found if line.metric.level == level]) for level in MetricLevel],
        "lifetime": lifetime_values() if part.is_everybody and request.user.has_perm("segments.view_tier") else None,
        "may_change": request.user.has_perm("dashboards.change_metricdefinition"),
    }
    return in_frame(request, "dashboards/results.html", context)


def row_of(line: Line) -> Row:
    metric, latest = line.metric, line.latest
    before = line.before
    return Row(
        line=line,
        value=said(metric, latest.value),
        now=_now(latest),
        before=said(metric, before.value) if before else "",
        range=range_words(metric),
        unknown=unknown_words(latest),
        drawing=line_of(metric, [figure for _day, figure in line.trend]),
    )


def trends_csv(found: list[Line]) -> HttpResponse:
    header = [_("Metric"), *(day.isoformat() for day, _figure in (found[0].trend if found else ()))]
    rows = (
        [str(line.metric), *("" if each is None or each.value is None else each.value for _day, each in line.trend)]
        for line in found
    )
    return as_csv("metrics", header, rows)


def _now(figure: Figure) -> str:
    """Of a change: the value itself and the one before."""
    if figure.now is None or figure.told.base is None:
        return ""
    words = _("%(now)s against %(before)s before")
    return words % {"now": f"{figure.now:,.2f}", "before": f"{figure.told.base:,.2f}"}


def _stores(user: User) -> list[tuple[str, str]]:
    """Where there is something to choose."""
    found = list(member_slices.get(STORE).choices(user).items())
    return found if len(found) > 1 else []


def whose(part: Part) -> str:
    """Whose figures these are."""
    if part.is_everybody:
        return _("all members")
    return part.name or _("the members of your stores")
