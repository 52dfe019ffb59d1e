"""Counting without reading; how the pages of the admin are called and what they lead to."""

import pytest
from django.db import transaction
from django.urls import reverse

from accounts.models import Region, Store
from audit.services import record
from core.admin import EstimatedPaginator
from core.selectors import estimated_count, planned_rows
from members.models import City
from tests.brand import administrator, signed_in

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


@pytest.mark.parametrize(
    ("language", "listed", "new"), [("zh-hans", "员工", "新增员工"), ("en", "Staff", "New: staff member")]
)
def test_pages_are_titled_by_what_they_show_and_lead_where_they_say(language: str, listed: str, new: str) -> None:
    client = signed_in(administrator(), language)
    page = client.get(reverse("admin:accounts_user_changelist"))
    assert page.context["title"].startswith(listed)
    assert "选择" not in str(page.context["title"])
    added = client.get(reverse("admin:accounts_user_add"))
    assert added.context["title"] == new
    assert f'href="{reverse("admin:accounts_user_changelist")}"' in added.content.decode()
    assert f'href="{reverse("admin:app_list", args=["accounts"])}"' not in added.content.decode()


def test_history_is_offered_only_where_there_is_one() -> None:
    store = Store.objects.create(name="西湖店", code="hz", region=Region.objects.create(name="华东", code="east"))
    client = signed_in(administrator())
    assert "/history/" in client.get(reverse("admin:accounts_store_change", args=[store.pk])).content.decode()
    with transaction.atomic():
        entry = record(by=None, action="members.create")
    assert "/history/" not in client.get(reverse("admin:audit_auditentry_change", args=[entry.pk])).content.decode()
