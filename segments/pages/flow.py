"""Who came from which tier to which between two days: a matrix, and a picture of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.pages import as_csv, in_frame, page
from segments.models import Tier
from segments.pages.flow_picture import picture
from segments.pages.flow_window import Window, people_link, window_of
from segments.rules.movement import direction
from segments.selectors.definitions import latest_run
from segments.selectors.flow import FlowCell, tier_flow

PRESETS = (7, 30, 90)


@dataclass(frozen=True, kw_only=True)
class Cell:
    """`heat` 0 … 1 by the share of the row, in the colour of `state`; those who stayed are not tinted."""

    members: int
    revenue: Decimal
    heat: float
    state: str
    stayed: bool
    link: str
    shown: Decimal | int


@dataclass(frozen=True, kw_only=True)
class Row:
    code: str
    name: str
    cells: list[Cell | None]
    total: Decimal | int


@page("segments.view_tier")
@require_safe
def matrix(request: HttpRequest) -> HttpResponse:
    """The part of a page that shows the flow (`?look=picture`: as bands), a page of its own, or CSV (`?format=csv`)."""
    run = latest_run()
    window = window_of(request.GET, run)
    cells = tier_flow(start=window.moments[0], end=window.moments[1]) if run else []
    names = _names(cells)
    if request.GET.get("format") == "csv":
        return _csv(window, cells, names)
    context = {
        "title": _("Tier flow"),
        "window": window,
        "presets": [(days, window.query(**{"from": window.end - timedelta(days=days)})) for days in PRESETS],
        "csv_query": window.query(format="csv"),
        "names": names,
        "run": run,
        **_facts(cells),
    }
    if request.headers.get("HX-Request") and request.GET.get("look") == "picture":
        return render(request, "segments/flow_picture.html", {**context, "picture": picture(cells, names, window)})
    context |= {"rows": _rows(cells, names, window), "totals": _totals(cells, names, window)}
    if request.headers.get("HX-Request"):
        return render(request, "segments/flow_matrix.html", context)
    return in_frame(request, "segments/flow.html", context)


def _facts(cells: Sequence[FlowCell]) -> dict[str, Any]:
    """Everybody who was in a tier at both moments, and how many of them moved."""
    both = [cell for cell in cells if cell.from_tier and cell.to_tier]
    return {
        "people": sum(cell.members for cell in both),
        "moved": sum(cell.members for cell in both if cell.from_tier != cell.to_tier),
        "came": sum(cell.members for cell in cells if not cell.from_tier),
        "has_start": bool(both),
    }


def _names(cells: Sequence[FlowCell]) -> dict[str, str]:
    """Tiers that occur, in order of match; the empty one (in no run yet) first, on the side of the rows only."""
    seen = {cell.from_tier for cell in cells} | {cell.to_tier for cell in cells}
    tiers = {
        tier.code: str(tier) for tier in Tier.objects.order_by("position", "id") if tier.is_active or tier.code in seen
    }
    return tiers | {code: code for code in sorted(seen) if code and code not in tiers}


def _rows(cells: Sequence[FlowCell], names: Mapping[str, str], window: Window) -> list[Row]:
    found = {(cell.from_tier, cell.to_tier): cell for cell in cells}
    rows = [_row(code, name, found, names, window) for code, name in names.items()]
    outside = _row("", _("Not there yet"), found, names, window)
    return [*rows, outside] if any(outside.cells) else rows


def _row(
    code: str, name: str, found: Mapping[tuple[str, str], FlowCell], names: Mapping[str, str], window: Window
) -> Row:
    cells = [found.get((code, to)) for to in names]
    everybody = sum(cell.members for cell in cells if cell)
    return Row(
        code=code,
        name=name,
        cells=[_cell(cell, everybody, window) if cell else None for cell in cells],
        total=sum((_shown(cell, window) for cell in cells if cell), Decimal(0) if window.shows == "revenue" else 0),
    )


def _cell(cell: FlowCell, everybody: int, window: Window) -> Cell:
    stayed = cell.from_tier == cell.to_tier
    return Cell(
        members=cell.members,
        revenue=cell.revenue,
        heat=0 if stayed else round(cell.members / everybody, 3) if everybody else 0,
        state=direction(cell.from_tier, cell.to_tier),
        stayed=stayed,
        link=people_link(window, cell.from_tier, cell.to_tier),
        shown=_shown(cell, window),
    )


def _shown(cell: FlowCell, window: Window) -> Decimal | int:
    return cell.revenue if window.shows == "revenue" else cell.members


def _totals(cells: Sequence[FlowCell], names: Mapping[str, str], window: Window) -> list[Decimal | int]:
    return [sum((_shown(cell, window) for cell in cells if cell.to_tier == code), 0) for code in names]


def _csv(window: Window, cells: Sequence[FlowCell], names: Mapping[str, str]) -> HttpResponse:
    header = [_("From"), _("To"), _("Members"), _("Net revenue (¥)")]
    rows = ([names.get(c.from_tier, ""), names.get(c.to_tier, ""), c.members, c.revenue] for c in cells)
    return as_csv(f"tier-flow-{window.start}-{window.end}", header, rows)
