"""Cohorts of every store, counted each night."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from core.services.surprises import each_by_itself
from dashboards.enums import CohortKind, NightlyCount
from dashboards.models import CohortCount
from dashboards.rules import cohort_sql
from dashboards.rules.cohort_sql import BEGAN
from dashboards.rules.cohorts import first_month, told_days, whole_months_until
from dashboards.services.measuring import for_everybody
from dashboards.services.windows import done

MEMORY = "256MB"
LOCK = "dashboards_cohortcount"


def count_cohorts(*, now: datetime) -> int:
    """Those of the last 24 months, as of the end of yesterday, instead of what stood there; answers how many rows.

    By order and by registration each in a transaction of its own: one that fails loses only itself, and is raised
    after the other.
    """
    return sum(each_by_itself((count_by_order, count_by_registration), lambda count: count(now=now)))


@transaction.atomic
def count_by_order(*, now: datetime) -> int:
    """By the month of the first order, months that are over."""
    day = timezone.localdate(now) - timedelta(days=1)
    values = _values(whole_months_until(day), day)
    with _counting() as cursor:
        # A table of its own for those who began: the planner must know how many they are.
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{BEGAN}")
        cursor.execute(cohort_sql.BEGAN_BY_ORDER, values)
        cursor.execute(f"ANALYZE {BEGAN}")
        rows = _replace((CohortKind.ORDER,), cursor, cohort_sql.COUNT_BY_ORDER, values)
    done(NightlyCount.BY_ORDER, now=now)
    return rows


@transaction.atomic
def count_by_registration(*, now: datetime) -> int:
    """By the month of registration, and by the day for the latest that can be told."""
    day = timezone.localdate(now) - timedelta(days=1)
    kinds = (CohortKind.MONTH, CohortKind.DAY)
    with _counting(), for_everybody() as cursor:
        rows = _replace(kinds, cursor, cohort_sql.COUNT_BY_REGISTRATION, _values(day, day))
    done(NightlyCount.BY_REGISTRATION, now=now)
    return rows


@contextmanager
def _counting() -> Iterator[CursorWrapper]:
    """One run at a time, with memory for everybody."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [LOCK])
        cursor.execute("SELECT set_config('work_mem', %s, true)", [MEMORY])
        yield cursor


def _replace(kinds: tuple[CohortKind, ...], cursor: CursorWrapper, count: str, values: Mapping[str, Any]) -> int:
    CohortCount.objects.filter(kind__in=kinds).delete()
    cursor.execute(count, values)
    return int(cursor.rowcount)


def _values(last: date, day: date) -> dict[str, Any]:
    first = first_month(last)
    days = (first + timedelta(days=place) for place in range((last - first).days + 1))
    first_day, last_day = told_days(day)
    return {
        "first": first,
        "last": last,
        "day": day,
        "months": [12 * each.year + each.month for each in days],
        "first_day": first_day,
        "last_day": last_day,
        "zone": settings.TIME_ZONE,
    }
