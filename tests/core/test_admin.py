"""Counting without reading."""

import pytest

from core.admin import EstimatedPaginator
from core.selectors import estimated_count, planned_rows
from members.models import City

pytestmark = pytest.mark.django_db


def test_estimated_count_is_exact_below_the_limit() -> None:
    there = City.objects.count()
    assert estimated_count(City.objects.all(), exact_below=there + 1) == (there, True)
    assert estimated_count(City.objects.none()) == (0, True)


def test_estimated_count_asks_the_planner_above_the_limit() -> None:
    count, exact = estimated_count(City.objects.order_by("name"), exact_below=5)
    assert exact is False
    assert count >= 5


def test_planned_rows_takes_parameters() -> None:
    assert planned_rows(City.objects.filter(name="杭州")) >= 1


def test_estimated_paginator_walks_beyond_the_estimate(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = EstimatedPaginator(City.objects.order_by("pk"), 2)
    assert pages.is_exact
    assert len(pages.page(1).object_list) == 2
