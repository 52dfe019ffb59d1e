"""Members by when they bought."""

from datetime import date
from typing import Any

import pytest

from members.models import Member, filter_members
from tests.timeline.facts import NOW
from timeline.models import PurchaseDay

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _shanghai(settings: Any) -> None:
    settings.TIME_ZONE = "Asia/Shanghai"


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"first_purchase_from": "2026-02-01"}, {"late"}),
        ({"first_purchase_to": "2026-01-31"}, {"early", "both"}),
        ({"first_purchase_from": "2026-01-10", "first_purchase_to": "2026-01-10"}, {"early", "both"}),
        ({"first_purchase_from": "-30d"}, {"late"}),
        ({"first_purchase_from": "2026-03-01"}, set()),
    ],
)
def test_members_by_first_purchase(parameters: dict[str, str], expected: set[str]) -> None:
    days = {
        "early": [(date(2026, 1, 10), 1)],
        "both": [(date(2026, 1, 10), 1), (date(2026, 2, 10), 1)],
        "late": [(date(2026, 2, 10), 1), (date(2026, 1, 10), 0)],
        "refund only": [(date(2026, 2, 10), 0)],
        "nobody": [],
    }
    for name, rows in days.items():
        member = Member.objects.create(name=name)
        for day, orders in rows:
            PurchaseDay.objects.create(member=member, day=day, orders=orders, coupon_orders=0, amount=0)
    found = filter_members(Member.objects.all(), parameters, now=NOW)
    assert set(found.values_list("name", flat=True)) == expected
