"""Retention and value of cohorts by the month of the first order, from the roll-up of purchases."""

import datetime as dt
from typing import Any

import pandas as pd
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from dashboards.rules.cohorts import CohortTable, cohort_table
from members.models import Member
from timeline.models import PurchaseDay

_ACTIVITY = """
WITH monthly AS (
    SELECT member_id, date_trunc('month', day)::date AS month, sum(orders) AS orders, sum(amount) AS amount
    FROM {table}{scope}
    GROUP BY member_id, 2
), begun AS (
    SELECT member_id, min(month) AS cohort FROM monthly WHERE orders > 0 GROUP BY member_id
)
SELECT cohort, month, count(*) FILTER (WHERE orders > 0) AS buyers, sum(amount) AS amount
FROM monthly JOIN begun USING (member_id)
WHERE cohort >= %s AND month >= cohort
GROUP BY cohort, month
ORDER BY cohort, month
"""


def purchase_cohorts(members: QuerySet[Member] | None, *, today: dt.date, months: int = 24) -> CohortTable:
    """Cohorts of the last `months` whole months before `today` (a local date).

    `members` limits the people (a scope); None means everybody and spares the join.
    """
    last_month = pd.Period(today, freq="M") - 1
    scope, params = _scope(members)
    since = (last_month - (months - 1)).to_timestamp().date()
    statement = _ACTIVITY.format(table=connection.ops.quote_name(PurchaseDay._meta.db_table), scope=scope)
    with connection.cursor() as cursor:
        cursor.execute(statement, [*params, since])
        rows = pd.DataFrame(cursor.fetchall(), columns=["cohort", "month", "buyers", "amount"])
    for column in ("cohort", "month"):
        rows[column] = pd.PeriodIndex(pd.to_datetime(rows[column]), freq="M")
    return cohort_table(rows, last_month)


def _scope(members: QuerySet[Member] | None) -> tuple[str, list[Any]]:
    if members is None:
        return "", []
    try:
        sql, params = members.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return " WHERE false", []
    return f" WHERE member_id IN ({sql})", list(params)
