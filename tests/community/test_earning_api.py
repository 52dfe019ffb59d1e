"""Tasks, deliveries, the ledger and UGC for programs: scoped, repeatable, in one shape."""

from typing import Any

import pytest
from django.utils import timezone

from community.models import Delivery, Ugc
from community.services.sharing import share_everybody
from members.models import Member
from tests import api
from tests.community import earnings as cast
from tests.scrm.pages_of_earnings import a_delivery, a_koc, a_task

pytestmark = pytest.mark.django_db


def test_program_takes_a_seat_and_hands_in_once() -> None:
    member = api.member()
    koc, task, client = a_koc(member), a_task(), api.client()
    taken = client.post(f"/api/v1/koc-tasks/{task.pk}/take/", {"member": {"id": member.pk}})
    again = client.post(f"/api/v1/koc-tasks/{task.pk}/take/", {"member": {"id": member.pk}})
    assert (taken.status_code, taken.json()["koc"]) == (201, koc.pk)
    assert again.json()["id"] == taken.json()["id"]
    address = f"/api/v1/koc-deliveries/{taken.json()['id']}/hand-in/"
    assert client.post(address, {}).status_code == 400
    assert client.post(address, {"text": "很好用。"}).json()["state"] == "delivered"
    assert client.post(address, {"text": "再来。"}).status_code == 409
    assert Delivery.objects.get().text == "很好用。"


def test_member_who_is_no_koc_is_said() -> None:
    answer = api.client().post(f"/api/v1/koc-tasks/{a_task().pk}/take/", {"member": {"id": api.member().pk}})
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (404, ["member"])


def test_ledger_is_read_booking_by_booking_and_order_by_order() -> None:
    cast.months()
    now = timezone.now()
    cast.rule(now=now - cast.DAY)
    buyer, koc = api.member(), a_koc(api.member())
    cast.buy(buyer, "A1", now, code=koc.referral_code)
    share_everybody(by=None, now=now)
    client = api.client()
    (booking,) = client.get(f"/api/v1/koc-ledger/?koc={koc.pk}").json()["results"]
    assert {entry["book"]: entry["amount"] for entry in booking["entries"]} == {"pending": "10.00", "cost": "-10.00"}
    (order,) = client.get("/api/v1/koc-orders/").json()["results"]
    assert (order["order_no"], order["share"], order["settled"], order["rate"]) == ("A1", "10.00", "0.00", "0.1000")
    assert client.get("/api/v1/koc-ledger/?koc=1e30").status_code == 400


def test_orders_of_buyers_out_of_scope_are_counted_and_not_named() -> None:
    cast.months()
    now, shop = timezone.now(), api.store()
    cast.rule(now=now - cast.DAY)
    koc = a_koc(api.member(home_store=shop))
    cast.buy(api.member(), "A1", now, code=koc.referral_code)
    cast.buy(api.member(home_store=shop), "A2", now, code=koc.referral_code)
    share_everybody(by=None, now=now)
    client = api.client(stores=[shop])
    seen, hidden = client.get("/api/v1/koc-orders/").json()["results"]
    assert (seen["order_no"], seen["share"]) == ("A2", "10.00")
    assert (hidden["id"], hidden["order_no"], hidden["share"]) == (None, None, "10.00")
    bookings = client.get("/api/v1/koc-ledger/").json()["results"]
    assert [booked["purchase"] for booked in bookings] == [seen["id"], None]
    assert [booked["key"] is None for booked in bookings] == [False, True]


def test_piece_is_offered_once_under_its_key_and_bad_ones_are_named() -> None:
    member, client = api.member(), api.client()
    body: dict[str, Any] = {
        "member": {"id": member.pk}, "key": "7", "kind": "text", "title": "日记", "text": "两周。",
    }  # fmt: skip
    first, second = (client.post("/api/v1/ugc/", body) for _turn in range(2))
    assert (first.status_code, first.json()) == (201, second.json())
    assert Ugc.objects.count() == 1
    assert (first.json()["state"], first.json()["agreed"]) == ("offered", False)
    other = client.post("/api/v1/ugc/", {**body, "member": {"id": api.member().pk}})
    assert (other.status_code, list(other.json()["error"]["fields"])) == (404, ["key"])
    Member.objects.filter(pk=member.pk).update(merged_into=api.member())
    assert client.post("/api/v1/ugc/", body).json()["id"] == first.json()["id"]
    assert client.post("/api/v1/ugc/", {**body, "key": "8", "kind": "picture"}).status_code == 400
    assert client.post("/api/v1/ugc/", {**body, "key": "9", "text": ""}).status_code == 400


def test_lists_hold_what_the_caller_may_see() -> None:
    delivery = a_delivery(api.member())
    client = api.client()
    assert [row["id"] for row in client.get("/api/v1/koc-deliveries/").json()["results"]] == [delivery.pk]
    assert [row["id"] for row in client.get("/api/v1/koc-tasks/?state=open").json()["results"]] == [delivery.task_id]
    assert client.get(f"/api/v1/koc-deliveries/?task={delivery.task_id}").json()["results"][0]["state"] == "delivered"
