"""Programs that deliver at the same moment: every delivery is taken in, or told to come again."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from tests import api
from timeline.models import Interaction, Purchase, Touch

pytestmark = [pytest.mark.chaos, pytest.mark.servers, pytest.mark.django_db(transaction=True)]
RIVALS = 6
MONTHS = int(os.environ.get("SCRM_RIVAL_MONTHS", "6"))
BEGINNING = timedelta(days=3600)


@pytest.fixture(autouse=True)
def _no_limit(settings: Any) -> None:
    settings.SCRM_API_RATE = (1_000_000, 1_000_000)


def test_rivals_that_bring_facts_of_new_months_at_once_are_all_served() -> None:
    """Each brings the same facts, beginning with a month of its own; whoever is first makes the month's tables."""
    people = [api.member().pk for _number in range(3)]
    client = api.client()

    def send(address: str, items: list[dict[str, Any]]) -> list[int]:
        """Again, as the answer asks for, until it is taken in."""
        statuses = [409]
        while statuses[-1] == 409 and len(statuses) < 50:
            statuses.append(client.post(f"/api/v1/{address}/batch/", {"items": items}).status_code)
        return statuses[1:]

    def deliver(rival: int) -> list[list[int]]:
        try:
            return [send(address, items) for address, items in _deliveries(people, rival)]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(RIVALS) as pool:
        answers = [answer for answered in pool.map(deliver, range(RIVALS)) for answer in answered]
    assert {status for answer in answers for status in answer} <= {200, 409}
    assert {answer[-1] for answer in answers} == {200}
    assert [model.objects.count() for model in (Touch, Interaction, Purchase)] == [MONTHS * len(people)] * 3


def _deliveries(people: list[int], rival: int) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    first = timezone.now() - BEGINNING
    for number in range(MONTHS):
        month = (number + rival) % MONTHS
        at = (first + timedelta(days=31 * month)).replace(microsecond=0).isoformat()
        chosen = people if rival % 2 else people[::-1]
        facts = [{"member": {"id": pk}, "occurred_at": at} for pk in chosen]
        yield "touches", [{**fact, "key": f"{month}-{fact['member']}"} for fact in facts]
        yield "interactions", [{**fact, "kind": "browse", "key": f"{month}-{fact['member']}"} for fact in facts]
        lines = [{"product_code": "P1", "quantity": "1", "unit_price": "9"}]
        yield "purchases", [{**fact, "order_no": f"R{month}", "lines": lines} for fact in facts]
