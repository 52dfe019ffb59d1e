"""What the pages of the results show of the demo brand, held against pandas over its facts: none of our SQL."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from math import isclose
from typing import Any

import pandas as pd
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.enums import Role
from accounts.models import User
from dashboards.models import MetricDefinition
from dashboards.pages.metric_words import said
from dashboards.rules.survival import loss_after
from dashboards.services.cohorts import count_cohorts
from dashboards.services.preferences import count_preferences
from dashboards.services.silences import count_silences
from dashboards.services.snapshots import take_snapshots
from dashboards.services.teams import count_teams
from tests.brand import signed_in
from tests.dashboards import lively
from tests.dashboards.brand import Pandas
from tests.dashboards.test_preferences import LINES
from tests.dashboards.test_silences import as_lists, gaps
from tests.dashboards.test_team import expected, lines_of

DAY = timedelta(days=1)
RESULTS = "/admin/results/"


def pages_show_what_pandas_says(now: datetime) -> None:
    """Measure as the night of `now` does, and look at every page as an administrator."""
    with time_machine.travel(now, tick=False):
        for measure in (count_teams, count_silences, count_preferences, count_cohorts):
            measure(now=now)
        last = timezone.localdate(now) - DAY
        take_snapshots(first=last, last=last, by=None, now=now, again=True)
        client = signed_in(User.objects.filter(role=Role.ADMINISTRATOR).earliest("pk"), "en")
        told = Pandas()
        for check in (_levels, _registered, _bought, _team, _churn, _preferences):
            check(client, told, now)


def _levels(client: Client, told: Pandas, now: datetime) -> None:
    last = timezone.localdate(now) - DAY
    response = client.get(RESULTS)
    shown = {row.line.metric.code: row.value for _level, rows in response.context["levels"] for row in rows}
    for code in ("interactions_per_member", "arpu", "average_order_value", "retention_30d", "click_to_order_rate"):
        metric = MetricDefinition.objects.get(code=code)
        assert (code, shown[code]) == (code, said(metric, told.metric(code, last)))
        assert shown[code] in response.content.decode()


def _registered(client: Client, told: Pandas, now: datetime) -> None:
    """The first thirty days of every cohort that are over."""
    today = timezone.localdate(now)
    rows = client.get(f"{RESULTS}cohorts/", {"show": "registered"}).context["rows"]
    people = told.people[told.people["day"].notna()]
    assert rows
    for row in rows:
        came = people[people["day"].map(lambda day, month=row["month"]: day.replace(day=1) == month)]
        came = came[came["day"] < today]
        assert row["size"] == len(came)
        cell = row["cells"][0]
        if cell is not None:
            seen = told.seen.merge(came[["owner", "day"]], on="owner", suffixes=("", "_came"))
            age = (pd.to_datetime(seen["day"]) - pd.to_datetime(seen["day_came"])).dt.days
            assert isclose(cell["value"], seen[age.between(30, 36)]["owner"].nunique() / len(came))


def _bought(client: Client, told: Pandas, now: datetime) -> None:
    orders = told.orders.assign(month=pd.PeriodIndex(pd.to_datetime(told.orders["day"]), freq="M"))
    sold = orders[(orders["kind"] == "order") & orders["sold"]]
    cohort = sold.groupby("owner")["month"].min()
    for show in ("retention", "value"):
        rows = client.get(f"{RESULTS}cohorts/", {"show": show}).context["rows"]
        assert rows
        for row in rows:
            month = pd.Period(row["month"], freq="M")
            hers = set(cohort[cohort == month].index)
            assert row["size"] == len(hers)
            for age, cell in enumerate(row["cells"]):
                if cell is not None:
                    assert isclose(cell["value"], _of_cohort(orders, sold, hers, month + age, show), abs_tol=1e-6)


def _of_cohort(orders: pd.DataFrame, sold: pd.DataFrame, hers: set[int], month: pd.Period, show: str) -> float:
    if show == "retention":
        return float(sold[sold["owner"].isin(hers) & (sold["month"] == month)]["owner"].nunique() / len(hers))
    return float(sum(orders[orders["owner"].isin(hers) & (orders["month"] <= month)]["amount"])) / len(hers)


def _team(client: Client, _told: Pandas, now: datetime) -> None:
    found = client.get(f"{RESULTS}team/").context["found"]
    assert lines_of(found.stores) == expected(now, "store")
    guides = expected(now, "guide")
    assert lines_of(found.guides) == {line.key: guides[line.key] for line in found.guides}
    assert found.guides


def _churn(client: Client, _told: Pandas, now: datetime) -> None:
    returned, unended = as_lists(gaps(now))
    truth = [loss_after(returned, unended, days=days, horizon=30, least=100) for days in range(1, 61)]
    assert client.get(f"{RESULTS}insights/").context["all_rows"] == truth


def _preferences(client: Client, _told: Pandas, now: datetime) -> None:
    known = lively.frame(LINES)
    known["day"] = lively.local_days(known["at"])
    last = pd.Timestamp(timezone.localdate(now)) - DAY
    known = known[(known["day"] <= last) & (known["day"] > last - 365 * DAY)]
    found = client.get(f"{RESULTS}insights/preferences/").context["found"]
    for tier, category, cell in _cells(found):
        of_tier = known[(known["tier"] == tier) & (known["quantity"] > 0)]
        of_cell = of_tier[of_tier["category"] == category]
        assert found.bases[tier].buyers == of_tier["member"].nunique()
        assert cell.buyers == of_cell["member"].nunique()
        if cell.share is not None:
            assert isclose(cell.share, cell.buyers / found.bases[tier].buyers)


def _cells(found: Any) -> Iterator[tuple[str, str, Any]]:
    yield from ((tier, category, cell) for (tier, category), cell in found.cells.items())
