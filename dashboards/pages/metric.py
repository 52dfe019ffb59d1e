"""One metric: its trend, what it was made of, who is where, and its versions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.pages import StaffRequest
from core.pages import as_csv, in_frame, page
from dashboards.models import MetricDefinition
from dashboards.pages.metric_words import (
    edge_words,
    facts_behind,
    formula_words,
    line_of,
    range_words,
    said,
    unknown_words,
)
from dashboards.pages.results import whose
from dashboards.selectors.board import Figure, Part, by_slice, figures, latest_day, part_of
from timeline.models import MemberSlice, member_slices

DAYS = 84
VERSIONS = 10


@dataclass(frozen=True)
class Slice:
    """One line of a split."""

    number: str
    name: str
    figure: Figure
    value: str
    unknown: str


@page("dashboards.view_results")
@require_safe
def metric(request: StaffRequest, code: str) -> HttpResponse:
    """Of everybody or of one part (`?by=…&of=…`), split by `?split=…`; `?format=csv&chart=trend|split` as a file."""
    found = get_object_or_404(MetricDefinition.objects.select_related("owner"), code=code)
    part = part_of(request.user, request.GET.get("by", ""), request.GET.get("of", ""))
    if part is None:
        raise Http404
    day = latest_day()
    trend = _trend(found, part, day)
    splits = _splits(request.user, part)
    split = _chosen(splits, request.GET.get("split", ""))
    rows = _rows(found, split, dict(splits)[split], day) if split and day else []
    if request.GET.get("format") == "csv":
        return _split_csv(found, rows) if request.GET.get("chart") == "split" else _trend_csv(found, trend)
    context: dict[str, Any] = {
        "title": str(found),
        "part": part,
        "whose": whose(part),
        "splits": [each for each, _names in splits],
        "split": split,
        "rows": rows,
        "versions": found.versions.all()[:VERSIONS],
        "may_change": request.user.has_perm("dashboards.change_metricdefinition"),
        "now": timezone.now(),
        **_told(found, day, trend),
    }
    return in_frame(request, "dashboards/metric.html", context)


def _trend(found: MetricDefinition, part: Part, day: date | None) -> list[tuple[date, Figure | None]]:
    days = [day - timedelta(days=back) for back in range(DAYS - 1, -1, -1)] if day else []
    told = figures([found], part, days)
    return [(each, told.get((found.pk, each))) for each in days]


def _told(found: MetricDefinition, day: date | None, trend: list[tuple[date, Figure | None]]) -> dict[str, Any]:
    latest = trend[-1][1] if trend else None
    line = line_of(found, [figure for _day, figure in trend])
    return {
        "metric": found,
        "day": day,
        "since": trend[0][0] if trend else None,
        "latest": latest,
        "value": said(found, latest.value) if latest else "",
        "unknown": unknown_words(latest) if latest else "",
        "facts": facts_behind(latest) if latest else [],
        "range": range_words(found),
        "formula": formula_words(found.formula),
        "drawing": line,
        "axis": [edge_words(found, edge) for edge in (line.top, line.bottom)] if line else [],
        "table": [(each, figure, said(found, figure.value)) for each, figure in reversed(trend) if figure],
    }


def _chosen(splits: list[tuple[MemberSlice, Mapping[str, str]]], code: str) -> MemberSlice | None:
    """The one that was asked for, else the first."""
    return next((each for each, _names in splits if each.code == code), splits[0][0] if splits else None)


def _splits(user: User, part: Part) -> list[tuple[MemberSlice, Mapping[str, str]]]:
    """What this person may split the figures of everybody by."""
    found = [(each, each.choices(user)) for each in member_slices] if not part.name else []
    return [(each, names) for each, names in found if names]


def _rows(found: MetricDefinition, split: MemberSlice, names: Mapping[str, str], day: date) -> list[Slice]:
    return [
        Slice(number, names[number], figure, said(found, figure.value), unknown_words(figure))
        for number, figure in by_slice(found, split.code, names, day)
    ]


def _trend_csv(found: MetricDefinition, trend: list[tuple[date, Figure | None]]) -> HttpResponse:
    header = [_("Day"), _("Value"), _("Sample"), _("Observed"), _("Facts"), _("Computed")]
    rows = (
        [
            day.isoformat(),
            "" if figure.value is None else figure.value,
            figure.told.sample,
            figure.told.sight.label,
            _listed(figure),
            figure.computed_at.isoformat() if figure.computed_at else "",
        ]
        for day, figure in trend
        if figure is not None
    )
    return as_csv(f"{found.code}-trend", header, rows)


def _split_csv(found: MetricDefinition, rows: list[Slice]) -> HttpResponse:
    header = [_("Of"), _("Value"), _("Sample"), _("Facts")]
    lines = (
        [
            row.name,
            "" if row.figure.value is None else row.figure.value,
            row.figure.told.sample,
            _listed(row.figure),
        ]
        for row in rows
    )
    return as_csv(f"{found.code}-split", header, lines)


def _listed(figure: Figure) -> str:
    return "; ".join(f"{code} {value}" for code, value in figure.told.facts.items())
