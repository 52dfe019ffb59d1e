"""Cohort tables: who bought first in one month, and what they did in the months after."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import pandas as pd

from dashboards.rules.retention_sql import RETURN_TOLD

MONTHS: Final = 24
DAYS: Final = 60


@dataclass(frozen=True)
class CohortTable:
    """One row per cohort (month of the first order), one column per month since; newest cohort last.

    `size` counts members per cohort. `retention` holds shares 0–1 of the cohort that ordered in that month, `value` the
    net revenue per member of the cohort up to and including it. A month that is not over yet, or has not begun, is
    missing (NaN), never zero.
    """

    size: pd.Series
    retention: pd.DataFrame
    value: pd.DataFrame


def first_month(last: date) -> date:
    """The first of the month that begins the last 24, that of `last` included."""
    months = 12 * last.year + last.month - MONTHS
    return date(months // 12, months % 12 + 1, 1)


def last_day_of(month: date) -> date:
    return (month.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def whole_months_until(day: date) -> date:
    """The end of the last month that is over when `day` is."""
    return day if day == last_day_of(day) else day.replace(day=1) - timedelta(days=1)


def told_days(day: date) -> tuple[date, date]:
    """The last 60 days of registration of which the first return can be told when `day` is over."""
    last = day - timedelta(days=RETURN_TOLD)
    return last - timedelta(days=DAYS - 1), last


def cohort_table(activity: pd.DataFrame, last_month: pd.Period) -> CohortTable:
    """The table from rows `cohort, month` (monthly periods), `buyers`, `amount`, complete through `last_month`.

    Rows of later months are left out: part of a month would read as a fall.
    """
    whole = activity[activity["month"] <= last_month].copy()
    if whole.empty:
        empty = pd.DataFrame(dtype=float)
        return CohortTable(pd.Series(dtype=int), empty, empty)
    whole["age"] = (whole["month"] - whole["cohort"]).map(lambda months: months.n)
    size = whole[whole["age"] == 0].set_index("cohort")["buyers"].astype(int)
    seen = _seen(size.index, last_month)
    buyers = _pivot(whole, "buyers", seen)
    amount = _pivot(whole, "amount", seen)
    return CohortTable(
        size,
        buyers.div(size, axis=0),
        amount.cumsum(axis=1).div(size, axis=0).where(seen),
    )


def average_retention(table: CohortTable) -> pd.Series:
    """Retention by months since the first order over all cohorts that have lived so long, weighted by their size."""
    weights = table.retention.notna().mul(table.size, axis=0)
    return table.retention.fillna(0).mul(table.size, axis=0).sum() / weights.sum()


def _pivot(rows: pd.DataFrame, column: str, seen: pd.DataFrame) -> pd.DataFrame:
    table = rows.pivot_table(index="cohort", columns="age", values=column, aggfunc="sum")
    return table.reindex(index=seen.index, columns=seen.columns).astype(float).fillna(0).where(seen)


def _seen(cohorts: pd.Index, last_month: pd.Period) -> pd.DataFrame:
    """True where the cohort has lived through that many whole months."""
    lived = pd.Series([(last_month - cohort).n for cohort in cohorts], index=cohorts)
    ages = range(int(lived.max()) + 1)
    return pd.DataFrame({age: lived >= age for age in ages}, index=cohorts)
