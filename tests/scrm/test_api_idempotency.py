"""T5: a repeated request does its work once, whatever happens between the work and the answer."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from django.db import connection, connections

from tests import api
from tests.api_server import serving
from timeline.models import Purchase

pytestmark = [pytest.mark.chaos, pytest.mark.django_db(transaction=True)]
KEYS = int(os.environ.get("SCRM_T5_KEYS", "40"))
RIVALS = 10
DEATHS = int(os.environ.get("SCRM_T5_DEATHS", "2"))


@pytest.fixture(autouse=True)
def _no_limit(settings: Any) -> None:
    settings.SCRM_API_RATE = (1_000_000, 1_000_000)


def order(member: Any, number: int) -> dict[str, Any]:
    return api.order(member, f"T5-{number}")


def test_ten_rivals_of_each_key_make_one_order() -> None:
    member, client = api.member(), api.client()

    def send(number: int) -> tuple[int, int, bytes]:
        try:
            answer = client.post(
                "/api/v1/purchases/", order(member, number), headers={"Idempotency-Key": f"key-{number}"}
            )
            return number, answer.status_code, answer.content
        finally:
            connections.close_all()

    numbers = [number for number in range(KEYS) for _rival in range(RIVALS)]
    with ThreadPoolExecutor(RIVALS) as pool:
        answers = list(pool.map(send, numbers))
    assert {status for _number, status, _body in answers} <= {201, 409}
    bodies = {number: {body for key, status, body in answers if key == number and status == 201} for number in numbers}
    assert {len(found) for found in bodies.values()} == {1}
    assert Purchase.objects.count() == KEYS
    again = [send(number) for number in range(KEYS)]
    assert all(status == 201 and bodies[number] == {body} for number, status, body in again)


def test_key_with_another_body_is_422_and_does_nothing() -> None:
    member, client = api.member(), api.client()
    headers = {"Idempotency-Key": "one"}
    client.post("/api/v1/purchases/", order(member, 1), headers=headers)
    answer = client.post("/api/v1/purchases/", order(member, 2), headers=headers)
    assert (answer.status_code, api.errors(answer)["code"]) == (422, "idempotency_key_reused")
    assert Purchase.objects.count() == 1


def test_key_serves_another_address_as_another_body() -> None:
    member, client = api.member(), api.client()
    headers = {"Idempotency-Key": "one"}
    client.post("/api/v1/purchases/", order(member, 1), headers=headers)
    answer = client.post("/api/v1/purchases/batch/", {"items": [order(member, 1)]}, headers=headers)
    assert answer.status_code == 422


@pytest.mark.parametrize(("moment", "stored"), [("work", 0), ("answer", 1)])
def test_killed_between_work_and_answer_nothing_is_doubled(moment: str, stored: int) -> None:
    """The process dies by SIGKILL; the client, who heard nothing, sends the same again."""
    member = api.member()
    _key, secret = api.key_of(api.program())
    with serving("tests.scrm.deadly:application") as address, httpx.Client(base_url=address, timeout=20) as client:
        for number in range(DEATHS):
            headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": f"key-{number}"}
            with pytest.raises(httpx.TransportError):
                client.post("/api/v1/purchases/", json=order(member, number), headers={**headers, "X-Die": moment})
            assert _settled(number) == stored
            answers = [
                client.post("/api/v1/purchases/", json=order(member, number), headers=headers) for _again in "ab"
            ]
            assert [answer.status_code for answer in answers] == [201, 201]
            assert answers[0].content == answers[1].content
            assert "Idempotent-Replay" in answers[1].headers
    assert Purchase.objects.count() == DEATHS


def _settled(number: int) -> int:
    """Orders of that number, once the server has noticed that the killed client is gone."""
    with connection.cursor() as cursor:
        for _attempt in range(100):
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
            if cursor.fetchone() == (0,):
                break
            time.sleep(0.05)
    return Purchase.objects.filter(order_no=f"T5-{number}").count()
