"""Tiers over time, from the snapshots that each run leaves."""

import datetime as dt
from dataclasses import dataclass

import pandas as pd
from django.db.models import F

from segments.models import TierSnapshot


@dataclass(frozen=True)
class TierSeries:
    """By week (its Monday) and tier code: members and net revenue of 30 days as of the week's last snapshot."""

    members: pd.DataFrame
    revenue: pd.DataFrame


def tier_series(*, until: dt.date, weeks: int = 13) -> TierSeries:
    """The last `weeks` weeks that have a snapshot on or before `until`; empty frames before the first run."""
    since = until - dt.timedelta(days=until.weekday(), weeks=weeks - 1)
    rows = TierSnapshot.objects.filter(day__range=(since, until)).order_by("day")
    frame = pd.DataFrame(list(rows.values("day", "tier", "members", revenue=F("revenue_30d"))))
    if frame.empty:
        return TierSeries(*(pd.DataFrame() for _ in range(2)))
    frame["week"] = pd.to_datetime(frame["day"]).dt.to_period("W-SUN").dt.start_time.dt.date
    frame["revenue"] = frame["revenue"].astype(float)

    def by_week(values: str) -> pd.DataFrame:
        return frame.pivot_table(index="week", columns="tier", values=values, aggfunc="last", fill_value=0)

    return TierSeries(members=by_week("members"), revenue=by_week("revenue"))
