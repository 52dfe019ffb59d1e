"""The report of a month: figures, ranges, what changed and what to do, on a sheet that prints."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.pages import StaffRequest
from core.pages import in_frame, page
from dashboards.enums import Health, MetricLevel
from dashboards.models import MetricDefinition
from dashboards.pages.frame import scope_of
from dashboards.pages.metric_words import line_of, range_words, said, unknown_words
from dashboards.pages.results import whose
from dashboards.rules.drawing import Drawing
from dashboards.selectors.board import WEEK, WEEKS, Figure, Part, everybody, figures, metrics_in_use
from dashboards.selectors.lifetime import lifetime_values
from dashboards.selectors.months import Month, MonthTotals, measured_months, month_of, totals_of

OUTSIDE = frozenset({Health.WATCH, Health.ACT})


@dataclass(frozen=True)
class Entry:
    """One metric at the end of the month, and at the end of the month before."""

    metric: MetricDefinition
    now: Figure | None
    before: Figure | None
    drawing: Drawing | None

    @property
    def value(self) -> str:
        return said(self.metric, self.now.value) if self.now else ""

    @property
    def value_before(self) -> str:
        return said(self.metric, self.before.value) if self.before else ""

    @property
    def range(self) -> str:
        return range_words(self.metric)

    @property
    def unknown(self) -> str:
        return unknown_words(self.now) if self.now else _("This month's last day was not measured.")

    @property
    def is_outside(self) -> bool:
        return self.now is not None and self.now.health in OUTSIDE


@page("dashboards.view_results")
@require_safe
def report(request: StaffRequest) -> HttpResponse:
    """Of one month that is over (`?month=2026-10`); without it the latest that was measured."""
    part = everybody(request.user)
    if part is None:
        raise Http404
    now = timezone.now()
    months = measured_months(timezone.localdate(now))
    wanted = request.GET.get("month", "")
    month = month_of(wanted) if wanted else next(iter(months), None)
    if wanted and (month is None or month not in months):
        return _show(request, {"months": months, "absent": wanted}, status=404)
    context: dict[str, Any] = {"months": months, "month": month, "part": part, "whose": whose(part), "now": now}
    if month is not None:
        context |= _told(request, month, part)
    return _show(request, context)


def _show(request: StaffRequest, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    return in_frame(request, "dashboards/report.html", {"title": _("Report of a month"), **context}, status=status)


def _told(request: StaffRequest, month: Month, part: Part) -> dict[str, Any]:
    entries = _entries(month, part)
    members = scope_of(request.user)
    computed = [entry.now.computed_at for entry in entries if entry.now and entry.now.computed_at]
    makers = sorted({entry.now.computed_by for entry in entries if entry.now and entry.now.computed_by})
    sees_tiers = part.is_everybody and request.user.has_perm("segments.view_tier")
    return {
        "totals": _compared(totals_of(month, members), totals_of(month.before, members)),
        "levels": [(level, [each for each in entries if each.metric.level == level]) for level in MetricLevel],
        "changes": [words for each in entries if (words := change_words(each))],
        "outside": [each for each in entries if each.is_outside],
        "lifetime": lifetime_values(until=month.last) if sees_tiers else None,
        "computed_at": max(computed) if computed else None,
        "makers": makers,
        "reader": str(request.user),
    }


def _entries(month: Month, part: Part) -> list[Entry]:
    metrics = metrics_in_use()
    trend = [month.last - WEEK * back for back in range(WEEKS - 1, -1, -1)]
    found = figures(metrics, part, {*trend, month.before.last})

    def of(metric: MetricDefinition, day: date) -> Figure | None:
        return found.get((metric.pk, day))

    return [
        Entry(
            metric,
            of(metric, month.last),
            of(metric, month.before.last),
            line_of(metric, [of(metric, day) for day in trend]),
        )
        for metric in metrics
    ]


def change_words(entry: Entry) -> str:
    """What became different since the month before: a state, or the value by a tenth; empty where nothing did."""
    now, before = entry.now, entry.before
    if now is None or before is None or now.value is None or before.value is None:
        return ""
    facts = {"metric": entry.metric, "now": entry.value, "before": entry.value_before, "state": now.health.label}
    if now.health != before.health:
        return _("%(metric)s: %(before)s → %(now)s, now “%(state)s”.") % facts
    if before.value and abs(now.value / before.value - 1) >= Decimal("0.1"):
        return _("%(metric)s: %(before)s → %(now)s.") % facts
    return ""


def _compared(now: MonthTotals, before: MonthTotals) -> list[tuple[str, Decimal | int, float | None]]:
    """Label, value, and the change against the month before, where there was anything."""
    labels = {
        "revenue": _("Net revenue (¥)"),
        "orders": _("Orders"),
        "buyers": _("Members who bought"),
        "interactions": _("Interactions"),
        "joined": _("New members"),
    }
    pairs = [(label, getattr(now, name), getattr(before, name)) for name, label in labels.items()]
    return [(label, value, float(value / old) - 1 if old else None) for label, value, old in pairs]
