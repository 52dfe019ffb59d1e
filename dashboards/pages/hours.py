"""At which hours members are active: everybody, and each audience beside them."""

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from accounts.enums import Reach
from accounts.pages import StaffRequest
from content.selectors.cadence import ENOUGH
from core.pages import as_csv, in_frame, page
from dashboards.selectors.hours import Awake, active_hours_of_audiences, active_hours_of_everybody


@page("dashboards.view_results")
@require_safe
def hours(request: StaffRequest) -> HttpResponse:
    """The shares of the hours, as they were counted in the night; also as CSV (`?format=csv`).

    They are counted over everybody: who sees some members only is told so.
    """
    limited = request.user.reach != Reach.ALL
    everybody = None if limited else active_hours_of_everybody()
    audiences = [] if limited else active_hours_of_audiences()
    if request.GET.get("format") == "csv":
        return _csv(everybody, audiences)
    counted = [each for each in (everybody, *audiences) if each is not None]
    context: dict[str, Any] = {
        "title": _("Insights"),
        "tab": "hours",
        "limited": limited,
        "everybody": everybody,
        "has_file": bool(counted),
        "rows": [_row(each) for each in counted],
        "hours": range(24),
        "chart": _chart(everybody) if everybody and everybody.total else None,
        "least": ENOUGH,
    }
    return in_frame(request, "dashboards/hours.html", context)


def _row(awake: Awake) -> dict[str, Any]:
    """Heat is the share beside the largest of the row."""
    most = max(awake.hours) or 1
    return {
        "name": awake.name or pgettext("audience", "everybody"),
        "awake": awake,
        "enough": awake.total >= ENOUGH,
        "window": window_of(awake),
        "cells": [(share, round(hour / most, 3)) for share, hour in zip(awake.shares, awake.hours, strict=True)],
    }


def window_of(awake: Awake) -> str:
    """The two hours with the most, as 20:00–22:00; empty where nothing was counted."""
    hour = awake.best
    return "" if hour is None else f"{hour:02}:00–{(hour + 2) % 24:02}:00"


def _chart(awake: Awake) -> dict[str, Any]:
    return {
        "type": "bar",
        "digits": 1,
        "labels": [f"{hour:02}" for hour in range(24)],
        "datasets": [{"label": _("of the interactions, %"), "data": [round(100 * share, 2) for share in awake.shares]}],
    }


def _csv(everybody: Awake | None, audiences: list[Awake]) -> HttpResponse:
    header = [_("Audience"), _("Interactions"), _("Days"), *(f"{hour:02}:00" for hour in range(24))]
    rows = (
        [each.name or pgettext("audience", "everybody"), each.total, each.days, *each.hours]
        for each in (everybody, *audiences)
        if each is not None
    )
    return as_csv(f"active-hours-{timezone.localdate()}", header, rows)
