"""What members of each kind of city buy more, and less, than the others."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.enums import Reach
from accounts.pages import StaffRequest
from core.pages import as_csv, in_frame, page
from dashboards.pages.frame import scope_of
from dashboards.rules.preferences import BUYERS, SPEND, Preference
from dashboards.selectors.preferences import Preferences, preferences_for
from dashboards.selectors.settings import insight_settings
from members.enums import CityTier

SHOWN = 12


@dataclass(frozen=True)
class Cell:
    """A share with its mark; `heat` 0 to 1 by how far it lies from the average."""

    found: Preference
    heat: float
    mark: str


@dataclass(frozen=True)
class Row:
    tier: str
    buyers: int
    link: str
    enough: bool
    cells: list[Cell]


@page("dashboards.view_results")
@require_safe
def preferences(request: StaffRequest) -> HttpResponse:
    """Shares of buyers, or of net spend (`?show=spend`), by city tier and category; also as CSV (`?format=csv`)."""
    show = SPEND if request.GET.get("show") == SPEND else BUYERS
    settings = insight_settings()
    found = preferences_for(request.user, of=show, least=settings.least_buyers)
    if request.GET.get("format") == "csv":
        return _csv(found, show)
    context = {
        "title": _("Insights"),
        "tab": "preferences",
        "show": show,
        "settings": settings,
        "found": found,
        "has_file": found is not None,
        "rows": _rows(found, settings.least_buyers) if found else [],
        "averages": [found.average[name] for name in found.categories[:SHOWN]] if found else [],
        "categories": [_named(name) for name in found.categories[:SHOWN]] if found else [],
        "hidden": max(len(found.categories) - SHOWN, 0) if found else 0,
        "everybody": scope_of(request.user) is None,
        "limited": request.user.reach != Reach.ALL,
        "may_change": request.user.has_perm("dashboards.change_insightsettings"),
    }
    return in_frame(request, "dashboards/preferences.html", context)


def _rows(found: Preferences, least: int) -> list[Row]:
    members = reverse("admin:members_member_changelist")
    return [
        Row(
            tier=_tier(tier),
            buyers=found.bases[tier].buyers,
            link=f"{members}?{urlencode({'city_tier': tier or '-'})}",
            enough=found.bases[tier].buyers >= least,
            cells=[_cell(found.cells[tier, category]) for category in found.categories[:SHOWN]],
        )
        for tier in found.tiers
    ]


def _cell(found: Preference) -> Cell:
    """Tinted only where the difference is no chance."""
    away = abs((found.index or 100) - 100) / 100 if found.differs else 0.0
    return Cell(found, round(min(1.0, away), 3), {1: "up", -1: "down"}.get(found.differs, ""))


def _tier(tier: str) -> str:
    return str(CityTier(tier).label) if tier else _("City not known")


def _named(category: str) -> str:
    return category or _("no category")


def _csv(found: Preferences | None, show: str) -> HttpResponse:
    header = [
        *(_("City tier"), _("Category"), _("Buyers of the city tier"), _("Buyers"), _("Net spend (¥)")),
        *(_("Share"), _("lower end, 95 %"), _("upper end, 95 %"), _("Index (average 100)"), _("Differs")),
    ]
    rows: list[list[Any]] = []
    for tier in found.tiers if found else ():
        for category in found.categories if found else ():
            cell = found.cells[tier, category] if found else Preference(buyers=0, spend=0.0)
            rows.append(_line(_tier(tier), _named(category), found.bases[tier].buyers if found else 0, cell))
    return as_csv(f"preferences-{show}-{timezone.localdate()}", header, rows)


def _line(tier: str, category: str, base: int, cell: Preference) -> list[Any]:
    if cell.share is None or cell.interval is None:
        known: list[Any] = [_("too few"), "", "", "", ""]
    else:
        shares = [round(value, 4) for value in (cell.share, *cell.interval)]
        index = "" if cell.index is None else round(cell.index)
        known = [*shares, index, {1: _("above"), -1: _("below")}.get(cell.differs, _("not certain"))]
    return [tier, category, base, cell.buyers, round(cell.spend, 2), *known]
