"""What is counted at night holds up nobody who follows the facts."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from dashboards.models import ChurnFlag, PreferenceCell, SilenceCurve, TeamFigures
from dashboards.services.preferences import count_preferences
from dashboards.services.silences import count_silences, flag_silent
from dashboards.services.teams import count_teams
from segments.models import Audience
from tests.dashboards import lively

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("count", "made", "sums"),
    [
        (count_teams, TeamFigures, "timeline_purchaseday"),
        (count_preferences, PreferenceCell, "timeline_purchaseline"),
        (count_silences, SilenceCurve, "WITH tiers AS"),
        (count_silences, SilenceCurve, "WITH audience AS"),
        (flag_silent, ChurnFlag, "INSERT INTO dashboards_seen"),
    ],
)
def test_sums_over_all_facts_are_read_in_no_transaction_that_others_wait_for(
    count: Callable[..., object], made: Any, sums: str
) -> None:
    """Followers read facts up to the oldest transaction with a number: whatever has written has one."""
    now = timezone.now()
    _brand(now)
    held: list[tuple[bool, object]] = []

    def look(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sums in sql:
            inside = connection.in_atomic_block
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_current_xact_id_if_assigned()")
                held.append((inside, cursor.fetchone()[0]))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        count(now=now)
    assert held == [(False, None)]
    assert made.objects.exists()
    assert _left_over() == []


def test_silence_is_sorted_before_the_first_row_is_written() -> None:
    """A plan that hands rows on while it reads would number the transaction at once."""
    now = timezone.now()
    _brand(now)
    plans: list[str] = []

    def look(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("\nINSERT INTO dashboards_seen"):
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN {sql}", params)
                plans.extend(row[0].strip() for row in cursor.fetchall())
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        flag_silent(now=now)
    first, key = [line.split("  ")[0] for line in plans if "Sort" in line][:2]
    assert (first, key[:14]) == ("->", "Sort Key: (max"), plans


def _brand(now: datetime) -> None:
    lively.found(members=60, now=now)
    Audience.objects.create(name="全部", rule={"not": {"filter": {"channel": ["nowhere"]}}})


def _left_over() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relpersistence = 't' AND relname LIKE 'dashboards%'")
        return [row[0] for row in cursor.fetchall()]
