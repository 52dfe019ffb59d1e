"""The charts of Today: each answers a question, in the form that the page's script draws."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from dashboards.selectors.new_and_lost import new_and_lost_by_week
from dashboards.selectors.tier_series import tier_series
from segments.models import Tier
from segments.selectors.tiers import plain_tiers


@dataclass(frozen=True)
class Chart:
    """`spec` is drawn; `note` says unit, window and as-of; the same figures stand in a table and a CSV."""

    code: str
    question: str
    note: str
    spec: dict[str, Any]

    @property
    def rows(self) -> list[tuple[str, list[Any]]]:
        """Label and values of each week, newest first."""
        datasets = self.spec["datasets"]
        labels = list(enumerate(self.spec["labels"]))
        return [(label, [each["data"][place] for each in datasets]) for place, label in reversed(labels)]


def charts_for(now: dt.datetime) -> list[Chart]:
    """Members by tier, revenue by tier, new and lost; none before the first run."""
    series = tier_series(until=timezone.localdate(now))
    if series.members.empty:
        return []
    tiers = [tier for tier in plain_tiers() if tier.code in series.members.columns]
    return [
        Chart(
            "tiers",
            _("How does the mix of tiers change?"),
            _("Members at the end of each week"),
            _stacked(series.members, tiers),
        ),
        Chart(
            "revenue",
            _("Which tiers bring the revenue?"),
            _("Net revenue (¥) of the 30 days before the end of each week, by the tier at that time"),
            {**_stacked(series.revenue, tiers), "unit": "¥"},
        ),
        Chart(
            "new_and_lost",
            _("Do more members come than fall silent?"),
            _("Members who registered, and members whom a run found silent, in each week"),
            _new_and_lost(list(series.members.index)),
        ),
    ]


def table_of(chart: Chart) -> tuple[list[str], Iterable[list[Any]]]:
    """Header and rows of a chart's figures."""
    datasets = chart.spec["datasets"]
    header = [_("Week from"), *(str(each["label"]) for each in datasets)]
    weeks = chart.spec["weeks"]
    return header, ([week, *(each["data"][place] for each in datasets)] for place, week in enumerate(weeks))


def _stacked(frame: pd.DataFrame, tiers: Iterable[Tier]) -> dict[str, Any]:
    datasets = [_dataset(str(tier), f"tier:{tier.code}", frame[tier.code]) for tier in tiers]
    return {"type": "bar", "stacked": True, **_weeks(frame.index), "datasets": datasets}


def _new_and_lost(weeks: list[dt.date]) -> dict[str, Any]:
    figures = new_and_lost_by_week(weeks)
    datasets = [
        _dataset(_("New members"), "tier:new", [each.registered for each in figures]),
        _dataset(_("Fell silent"), "tier:silent", [each.lost for each in figures]),
    ]
    return {"type": "bar", **_weeks(weeks), "datasets": datasets}


def _dataset(label: str, colour: str, values: Iterable[float]) -> dict[str, Any]:
    return {"label": label, "colour": colour, "data": [_plain(value) for value in values]}


def _plain(value: float) -> float:
    """Whole numbers without a decimal point, also where a frame made floats of people."""
    rounded = round(float(value), 2)
    return int(rounded) if rounded.is_integer() else rounded


def _weeks(weeks: Iterable[dt.date]) -> dict[str, list[str]]:
    listed = list(weeks)
    return {"labels": [date_format(week, _("M j")) for week in listed], "weeks": [week.isoformat() for week in listed]}
