"""Cohorts: whether the people who came in a month come back, and what they are worth."""

from typing import Any

import pandas as pd
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.pages import StaffRequest
from core.pages import as_csv, in_frame, page
from dashboards.enums import CohortKind
from dashboards.rules.cohorts import CohortTable, average_retention
from dashboards.selectors.cohorts import (
    Registrations,
    counted_until,
    purchase_cohorts,
    registered,
    registration_cohorts,
)

STEP, STEP_DAYS = 30, 6
SHOWS = ("retention", "value", "registered")


@page("dashboards.view_results")
@require_safe
def cohorts(request: StaffRequest) -> HttpResponse:
    """By month of the first order (`?show=value` what they brought), or by registration (`?show=registered`, `&by=day`).

    `?format=csv` gives the table as a file.
    """
    show = request.GET.get("show", "")
    show = show if show in SHOWS else SHOWS[0]
    by_day = show == "registered" and request.GET.get("by") == "day"
    until = counted_until(registered(by_day=by_day) if show == "registered" else CohortKind.ORDER)
    context: dict[str, Any] = {"title": _("Cohorts"), "show": show, "by_day": by_day, "until": until}
    if until is None:
        return in_frame(request, "dashboards/cohorts.html", context)
    if show == "registered":
        table = registration_cohorts(request.user, until=until, by_day=by_day)
        if request.GET.get("format") == "csv":
            return _registered_csv(table, by_day=by_day)
        return in_frame(request, "dashboards/cohorts.html", {**context, **_registered(table)})
    bought = purchase_cohorts(request.user, until=until)
    if request.GET.get("format") == "csv":
        return _csv(bought, show)
    context["rows"] = _rows(bought, show)
    if context["rows"]:
        frame = getattr(bought, show)
        context |= {
            "ages": [(age, "") for age in frame.columns],
            "average": _cells(average_retention(bought)) if show == "retention" else [],
        }
    return in_frame(request, "dashboards/cohorts.html", context)


def _registered(table: Registrations) -> dict[str, Any]:
    """Rows, columns, and all of them together, weighted by size; the latest cohort first where there are many."""
    frame = table.retention
    average = frame.mul(table.size, axis=0).sum() / frame.notna().mul(table.size, axis=0).sum()
    return {
        "rows": [
            {"month": day, "size": int(table.size[day]), "cells": _cells(frame.loc[day])} for day in table.size.index
        ],
        "ages": [(age, f"{age * STEP}–{age * STEP + STEP_DAYS}") for age in map(int, frame.columns)],
        "average": _cells(average) if len(frame.columns) else [],
    }


def _registered_csv(table: Registrations, *, by_day: bool) -> HttpResponse:
    header = [
        _("Day of registration") if by_day else _("Month of registration"),
        _("Members"),
        *(f"{age * STEP}-{age * STEP + STEP_DAYS}" for age in map(int, table.retention.columns)),
    ]
    rows = (
        [
            day.isoformat() if by_day else f"{day:%Y-%m}",
            int(table.size[day]),
            *("" if pd.isna(value) else round(float(value), 4) for value in table.retention.loc[day]),
        ]
        for day in table.size.index
    )
    return as_csv("cohorts-registered", header, rows)


def _rows(table: CohortTable, show: str) -> list[dict[str, Any]]:
    frame = getattr(table, show)
    top = frame.max().max() if show == "value" and not frame.empty else 1
    return [
        {"month": month.to_timestamp().date(), "size": int(table.size[month]), "cells": _cells(frame.loc[month], top)}
        for month in table.size.index
    ]


def _cells(values: "pd.Series[float]", top: float = 1) -> list[dict[str, float] | None]:
    return [
        None
        if value != value  # noqa: PLR0124  # NaN: that month has not come
        else {"value": float(value), "heat": round(min(1.0, max(0.0, value / top if top else 0)), 3)}
        for value in values
    ]


def _csv(table: CohortTable, show: str) -> HttpResponse:
    frame = getattr(table, show)
    header = [_("Month of the first order"), _("Members"), *(str(age) for age in frame.columns)]
    rows = (
        [
            str(month),
            int(table.size[month]),
            *("" if pd.isna(value) else round(float(value), 4) for value in frame.loc[month]),
        ]
        for month in table.size.index
    )
    return as_csv(f"cohorts-{show}", header, rows)
