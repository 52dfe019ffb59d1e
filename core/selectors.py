"""Reads of core: how long a list is, as the planner sees it."""

import json
from typing import Any

from django.db import connections, models

EXACT_BELOW = 10_000


def estimated_count(queryset: "models.QuerySet[Any]", *, exact_below: int = EXACT_BELOW) -> tuple[int, bool]:
    """How many rows, and whether that is exact: counted up to `exact_below`, above it the planner's estimate.

    The count stops at the limit, so its cost does not grow with the table. One statement for a short list, two for a
    long one.
    """
    plain = queryset.order_by()
    # in the order of the key, so that the planner walks an index up to the limit and not the table
    counted = queryset.order_by("-pk")[:exact_below].count()
    return (counted, True) if counted < exact_below else (max(counted, planned_rows(plain)), False)


def planned_rows(queryset: "models.QuerySet[Any]") -> int:
    """The planner's estimate of the rows of this query; nothing is read."""
    sql, params = queryset.query.get_compiler(using=queryset.db).as_sql()
    with connections[queryset.db].cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        (plan,) = cursor.fetchone()
    return int((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]["Plan Rows"])
