"""Purchases and products in the admin."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from tests.brand import found_brand, signed_in
from timeline.models import Product, Purchase

pytestmark = pytest.mark.django_db
PURCHASES, PRODUCTS = "/admin/timeline/purchase/", "/admin/timeline/product/"


@pytest.fixture
def client() -> Client:
    found_brand(2)
    return signed_in(User.objects.get(username="admin"))


def found(client: Client, text: str) -> list[str]:
    return [purchase.order_no for purchase in client.get(PURCHASES, {"q": text}).context["cl"].result_list]


def test_purchase_is_found_by_its_whole_number(client: Client) -> None:
    assert found(client, "A1-2") == ["A1-2"]
    assert found(client, " A1-2 ") == ["A1-2"]
    assert found(client, "A1") == []
    assert len(found(client, "")) == Purchase.objects.count() == 6


def test_purchase_says_its_day_and_plain_quantities(client: Client) -> None:
    purchase = Purchase.objects.filter(sold=True).latest("occurred_at")
    page = client.get(f"{PURCHASES}{purchase.pk}/change/").content.decode()
    assert f">{timezone.localtime(purchase.occurred_at):%Y-%m-%d %H:%M:%S}</time>" in page
    assert '<td class="num">1</td>' in page


def test_purchase_of_somebody_elses_member_is_not_found(client: Client) -> None:
    guide = signed_in(User.objects.get(username="guide1"))
    assert (found(guide, "A0-1"), found(guide, "A1-2")) == (["A0-1"], [])


def test_search_of_purchases_reads_no_other_month(client: Client) -> None:
    with CaptureQueriesContext(connection) as captured:
        found(client, "A1-2")
    facts = [query["sql"] for query in captured if 'FROM "timeline_purchase"' in query["sql"]]
    year = datetime.now(tz=UTC).year
    assert facts
    for sql in facts:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {sql}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
        assert sum(f"timeline_purchase_{year}{month:02}" in plan for month in range(1, 13)) <= 1, plan


def test_products_without_a_name_come_last(client: Client) -> None:
    Product.objects.create(code="AAA")
    Product.objects.create(code="ZZZ", name="安瓶")
    for address in (PRODUCTS, f"{PRODUCTS}?o=0"):
        page = client.get(address)
        names = [product.name for product in page.context["cl"].result_list]
        assert names[-1] == ""
        assert "" not in names[:-1]
        assert "尚未命名" in page.content.decode()
