"""Counts of the night: each by itself, and the page of health says which was never done, or stays behind."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DataError
from django.utils import timezone, translation

from accounts.models import User
from core.registries import health
from dashboards.models import CohortCount, CountDone
from dashboards.rules import cohort_sql
from dashboards.services import silences
from dashboards.services.cohorts import count_by_order, count_by_registration, count_cohorts
from dashboards.services.preferences import count_preferences
from dashboards.services.silences import count_silences
from dashboards.services.teams import count_teams
from segments.services.audiences import create
from tests.brand import administrator
from tests.dashboards import lively

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _admin() -> None:
    administrator()


def states(now: Any) -> list[tuple[str, str]]:
    with translation.override("en"):
        return [
            (item.state, str(item.detail))
            for item in health.get("dashboards.insights").items(User.objects.get(username="admin"), now)
        ]


def test_health_names_what_has_never_been_counted_and_what_stays_behind() -> None:
    now = timezone.now()
    lively.found(members=20, now=now)
    assert [state for state, _detail in states(now)] == ["none"]
    counts = (count_silences, count_preferences, count_teams, count_by_order)
    for count in counts:
        count(now=now)
    assert states(now) == [("act", "never counted to the end: Cohorts by registration")]
    count_by_registration(now=now)
    assert [state for state, _detail in states(now)] == ["good"]
    for behind in (*counts, count_by_registration):
        for count in (*counts, count_by_registration):
            count(now=now - 2 * DAY if count is behind else now)
        assert [state for state, _detail in states(now)] == ["act"], behind


def test_audience_that_cannot_be_counted_leaves_its_count_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    create(name="全部", rule={"not": {"filter": {"channel": ["nowhere"]}}}, by=None, now=timezone.now())

    def fails(_audience: object, *, now: object) -> None:
        raise ZeroDivisionError(now)

    monkeypatch.setattr(silences, "count_silences_of", fails)
    with pytest.raises(ZeroDivisionError):
        count_silences(now=timezone.now())
    assert not CountDone.objects.exists()


def test_cohorts_that_fail_by_order_are_counted_by_registration(monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    lively.found(members=20, now=now)
    monkeypatch.setattr(cohort_sql, "COUNT_BY_ORDER", "SELECT 1/0")
    with pytest.raises(DataError):
        count_cohorts(now=now)
    assert set(CountDone.objects.values_list("code", flat=True)) == {"by_registration"}
    assert set(CohortCount.objects.values_list("kind", flat=True)) <= {"month", "day"}
