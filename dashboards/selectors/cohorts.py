"""Cohorts as they were counted at night, of those whose members somebody sees."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import pandas as pd
from django.db.models import Sum

from accounts.enums import Reach
from accounts.models import User
from dashboards.enums import CohortKind
from dashboards.models import CohortCount
from dashboards.rules.cohort_sql import STEPS
from dashboards.rules.cohorts import CohortTable, cohort_table, last_day_of
from dashboards.rules.retention_sql import RETURN_AFTER, RETURN_DAYS

DAY = timedelta(days=1)
Row = tuple[date, int, int, Decimal]


@dataclass(frozen=True)
class Registrations:
    """`size`: members by cohort (a day, or the first of a month), oldest first. `retention`: shares 0–1 by 30 days.

    The column n is the share with a fact 30 × n to 30 × n + 6 days after coming: the first one is the 30-day retention.
    Where these days are not over for the whole cohort it is missing (NaN), never zero.
    """

    size: pd.Series
    retention: pd.DataFrame


def counted_until(kind: CohortKind) -> date | None:
    """The last day that is in the figures; None before the first night, or where nobody began."""
    rows = CohortCount.objects.filter(kind=kind).order_by("store_id", "cohort", "step")
    return rows.values_list("day", flat=True).first()


def registered(*, by_day: bool) -> CohortKind:
    return CohortKind.DAY if by_day else CohortKind.MONTH


def purchase_cohorts(user: User, *, until: date) -> CohortTable:
    """By the month of the first order: the last 24 whole months."""
    rows = pd.DataFrame(_rows(CohortKind.ORDER, user), columns=["cohort", "step", "buyers", "amount"])
    rows["cohort"] = pd.PeriodIndex(pd.to_datetime(rows["cohort"]), freq="M")
    rows["month"] = pd.PeriodIndex(
        [month + step for month, step in zip(rows["cohort"], rows["step"], strict=True)], freq="M"
    )
    return cohort_table(rows, pd.Period(until + DAY, freq="M") - 1)


def registration_cohorts(user: User, *, until: date, by_day: bool = False) -> Registrations:
    """By the month of registration, the present one included; or by day, the last 60 that can be told."""
    rows = _rows(registered(by_day=by_day), user)
    members = {(cohort, step): people for cohort, step, people, _amount in rows}
    index = sorted({row[0] for row in rows})
    steps = range(1, STEPS + 1)
    size = pd.Series([members[day, 0] for day in index], index=index, dtype=int)
    counts = pd.DataFrame(
        [[members.get((day, step), 0) for step in steps] for day in index],
        index=index,
        columns=list(steps),
        dtype=float,
    )
    due = pd.DataFrame(
        [[_is_due(day if by_day else min(until, last_day_of(day)), step, until) for step in steps] for day in index],
        index=index,
        columns=list(steps),
        dtype=bool,
    )
    shown = [step for step in steps if len(due) and due[step].any()]
    return Registrations(size, counts.div(size, axis=0).where(due)[shown])


def _is_due(last: date, step: int, until: date) -> bool:
    return last + timedelta(days=RETURN_AFTER * step + RETURN_DAYS - 1) <= until


def _rows(kind: CohortKind, user: User) -> list[Row]:
    """Cohort, step, members and amount: of all stores and of nobody's members, or of her stores together."""
    found = CohortCount.objects.filter(kind=kind)
    if user.reach == Reach.STORES:
        found = found.filter(store__in=user.own_stores().values("pk"))
    elif user.reach != Reach.ALL:
        return []
    sums = found.order_by("cohort", "step").values_list("cohort", "step")
    return list(sums.annotate(Sum("members"), Sum("amount")))
