"""Cohorts: whether the people who came in a month come back, and what they are worth."""

from typing import Any

import pandas as pd
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.pages import StaffRequest
from core.pages import as_csv, in_frame, page
from dashboards.pages.frame import scope_of
from dashboards.rules.cohorts import CohortTable, average_retention
from dashboards.selectors.cohorts import purchase_cohorts

SHOWN_MONTHS = 18


@page("dashboards.view_results")
def cohorts(request: StaffRequest) -> HttpResponse:
    """Retention or value by month of the first order (`?show=value`), also as CSV (`?format=csv`)."""
    today = timezone.localdate()
    show = "value" if request.GET.get("show") == "value" else "retention"
    table = purchase_cohorts(scope_of(request.user), today=today, months=SHOWN_MONTHS)
    if request.GET.get("format") == "csv":
        return _csv(table, show)
    context = {"title": _("Cohorts"), "show": show, "today": today, "rows": _rows(table, show), "months": SHOWN_MONTHS}
    if context["rows"]:
        frame = getattr(table, show)
        context |= {
            "ages": list(frame.columns),
            "average": _cells(average_retention(table)) if show == "retention" else [],
        }
    return in_frame(request, "dashboards/cohorts.html", context)


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
