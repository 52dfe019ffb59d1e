"""How stores and guides do: keeping members weighs more than selling to them once."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_safe

from accounts.enums import Reach
from accounts.pages import StaffRequest
from core.pages import as_csv, in_frame, page
from core.templatetags.scrm import figure, money, percent
from dashboards.enums import KpiFigure
from dashboards.selectors.settings import insight_settings, kpi_weights
from dashboards.selectors.team import Line, Team, team_for

RATES = (KpiFigure.RETENTION, KpiFigure.REPURCHASE)


@page("dashboards.view_team")
@require_safe
def team(request: StaffRequest) -> HttpResponse:
    """Stores and guides that one may see, with scores and ranks; also as CSV (`?format=csv`)."""
    settings, weights = insight_settings(), kpi_weights()
    found = team_for(request.user, weights=weights, least=settings.least_members)
    if request.GET.get("format") == "csv":
        return _csv(found)
    own = request.user.reach == Reach.OWN
    context: dict[str, Any] = {
        "title": _("Team"),
        "found": found,
        "own": own,
        "settings": settings,
        "figures": [(figure_, weights.get(figure_, 0.0)) for figure_ in KpiFigure],
        "gmv_leads": weights.get(KpiFigure.GMV, 0) >= sum(weights.get(each, 0) for each in RATES),
        "may_change": request.user.has_perm("dashboards.change_insightsettings"),
        "tables": _tables(found, own=own) if found else [],
    }
    return in_frame(request, "dashboards/team.html", context)


def _tables(found: Team, *, own: bool) -> list[tuple[str, str, list[dict[str, Any]]]]:
    """Code, heading and rows: a guide stands above her store and the average there."""
    if own:
        lines = [*found.guides, *([found.average] if found.average else []), *found.stores]
        heading = _("You, the guides of your store, and the store") if found.stores else _("You")
        return [("mine", heading, [_row(line) for line in lines])]
    return [
        ("stores", _("Stores"), [_row(line) for line in found.stores]),
        ("guides", _("Guides"), [_row(line) for line in found.guides]),
    ]


def _average_of(people: int, written: int | str) -> str:
    words = ngettext("Average of %(count)s guide", "Average of %(count)s guides", people)
    return words % {"count": written}


def _row(line: Line) -> dict[str, Any]:
    name = line.name or _average_of(line.people, figure(line.people))
    cells = [(code, *_cell(line, code)) for code in KpiFigure]
    members = line.totals.members / line.people
    return {"line": line, "name": _("You") if line.is_self else name, "members": members, "cells": cells}


def _cell(line: Line, code: KpiFigure) -> tuple[str, str]:
    """What stands in a cell, and what stands below it: over how many, or in all."""
    value, sample = line.figures[code], line.samples.get(code)
    match code:
        case KpiFigure.RETENTION | KpiFigure.REPURCHASE:
            return ("" if value is None else percent(value)), _("of %(count)s") % {"count": figure(sample)}
        case KpiFigure.GMV:
            return ("" if value is None else f"¥{money(value)}"), _("¥%(sum)s in all") % {"sum": money(line.totals.gmv)}
        case KpiFigure.INTERACTIONS:
            return ("" if value is None else f"{value:.1f}"), _("%(count)s in all") % {
                "count": figure(line.totals.interactions)
            }
        case _:
            return ("" if value is None else (f"{value:.1f}" if line.people > 1 else figure(value))), ""


def _csv(found: Team | None) -> HttpResponse:
    header = [_("What"), pgettext("team", "Name"), _("Rank"), _("Score"), _("Members"), *_figure_header()]
    rows: list[list[Any]] = []
    for what, lines in ((_("Store"), found.stores if found else ()), (_("guide"), _guides(found))):
        rows.extend(_line(what, line) for line in lines)
    return as_csv(f"team-{found.day if found else timezone.localdate()}", header, rows)


def _guides(found: Team | None) -> Sequence[Line]:
    if found is None:
        return ()
    return [*found.guides, *([found.average] if found.average else [])]


def _figure_header() -> list[str]:
    names: list[str] = []
    for code in KpiFigure:
        names.append(str(code.label))
        if code in RATES:
            names.append(_("%(figure)s: members behind it") % {"figure": code.label})
    return names


def _line(what: str, line: Line) -> list[Any]:
    values: list[Any] = []
    for code in KpiFigure:
        value = line.figures[code]
        values.append("" if value is None else round(value, 4))
        if code in RATES:
            values.append(line.samples[code])
    scored = line.scored
    place = ["" if scored.rank is None else scored.rank, "" if scored.score is None else scored.score]
    return [
        what,
        line.name or _average_of(line.people, line.people),
        *place,
        line.totals.members,
        *values,
    ]
