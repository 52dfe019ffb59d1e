"""Cohort tables against sums done by hand."""

import datetime as dt
from decimal import Decimal

import pandas as pd
import pytest

from dashboards.rules.cohorts import average_retention, cohort_table
from dashboards.selectors.cohorts import purchase_cohorts
from dashboards.services.cohorts import count_cohorts
from members.models import Member
from tests.brand import administrator
from timeline.models import PurchaseDay

pytestmark = pytest.mark.servers


def rows(*entries: tuple[str, str, int, float]) -> pd.DataFrame:
    frame = pd.DataFrame(entries, columns=["cohort", "month", "buyers", "amount"])
    for column in ("cohort", "month"):
        frame[column] = pd.PeriodIndex(frame[column], freq="M")
    return frame


def test_cohort_table_leaves_months_that_are_not_over_unknown() -> None:
    table = cohort_table(
        rows(
            ("2026-01", "2026-01", 4, 400),
            ("2026-01", "2026-02", 1, 100),
            ("2026-02", "2026-02", 2, 60),
        ),
        pd.Period("2026-02", freq="M"),
    )
    assert table.size.to_dict() == {
        pd.Period("2026-01", freq="M"): 4,
        pd.Period("2026-02", freq="M"): 2,
    }
    assert table.retention.loc["2026-01"].tolist() == [1.0, 0.25]
    assert table.retention.loc["2026-02", 0] == 1.0
    assert pd.isna(table.retention.loc["2026-02", 1])
    assert table.value.loc["2026-01"].tolist() == [100.0, 125.0]


def test_cohort_table_counts_a_silent_month_as_zero() -> None:
    table = cohort_table(rows(("2026-01", "2026-01", 4, 400)), pd.Period("2026-03", freq="M"))
    assert table.retention.loc["2026-01"].tolist() == [1.0, 0.0, 0.0]


def test_cohort_table_of_nothing_is_empty() -> None:
    table = cohort_table(rows(), pd.Period("2026-03", freq="M"))
    assert table.size.empty
    assert table.retention.empty


def test_average_retention_weighs_cohorts_by_size() -> None:
    table = cohort_table(
        rows(
            ("2026-01", "2026-01", 3, 0),
            ("2026-01", "2026-02", 3, 0),
            ("2026-02", "2026-02", 1, 0),
            ("2026-02", "2026-03", 0, 0),
            ("2026-01", "2026-03", 0, 0),
        ),
        pd.Period("2026-03", freq="M"),
    )
    assert average_retention(table).tolist() == [1.0, 0.75, 0.0]


@pytest.mark.django_db
def test_purchase_cohorts_read_the_rollup() -> None:
    first, second, refunded = Member.objects.bulk_create(Member() for _ in range(3))
    days = [
        (first, dt.date(2026, 1, 5), 1, "100"),
        (first, dt.date(2026, 1, 20), 1, "50"),
        (first, dt.date(2026, 3, 2), 1, "10"),
        (second, dt.date(2026, 1, 31), 2, "80"),
        (second, dt.date(2026, 2, 1), 0, "-30"),
        (refunded, dt.date(2026, 2, 1), 0, "-5"),
    ]
    PurchaseDay.objects.bulk_create(
        PurchaseDay(
            member=member,
            day=day,
            orders=orders,
            coupon_orders=0,
            amount=Decimal(amount),
        )
        for member, day, orders, amount in days
    )
    count_cohorts(now=dt.datetime(2026, 4, 16, tzinfo=dt.UTC))
    table = purchase_cohorts(administrator(), until=dt.date(2026, 4, 15))
    january = pd.Period("2026-01", freq="M")
    assert table.size.to_dict() == {january: 2}
    assert table.retention.loc[january].tolist() == [1.0, 0.0, 0.5]
    assert table.value.loc[january].tolist() == [115.0, 100.0, 105.0]
