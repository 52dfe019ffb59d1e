"""Facts by the API: stored once, each bad one named, nothing outside the caller's stores."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import AuditEntry
from tests import api
from timeline.models import Interaction, Purchase, PurchaseLine, Touch

pytestmark = [pytest.mark.django_db]


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel("2026-11-22T12:00:00+08:00", tick=False):
        yield


def interaction(member: Any, **values: Any) -> dict[str, Any]:
    return {"member": {"id": member.pk}, "kind": "browse", "occurred_at": api.YESTERDAY, "subject": "/serum", **values}


def test_order_is_stored_and_answered() -> None:
    member, shop = api.member(), api.store("SH01")
    answer = api.client().post("/api/v1/purchases/", api.order(member, store="SH01", channel="pos"))
    assert answer.status_code == 201
    [fact] = answer.json()
    assert {name: fact[name] for name in ("member_id", "order_no", "kind", "source", "amount", "sold", "store")} == {
        "member_id": member.pk,
        "order_no": "A1",
        "kind": "order",
        "source": "api",
        "amount": "25.00",
        "sold": True,
        "store": "SH01",
    }
    assert fact["lines"] == [
        {
            "product_code": "P1",
            "product_name": "Cream",
            "quantity": "2.000",
            "unit_price": "12.5000",
            "amount": "25.00",
            "at": "2026-11-20T10:00:00+08:00",
        }
    ]
    assert Purchase.objects.get().store_id == shop.pk


def test_order_of_the_how_to_is_stored() -> None:
    text = (settings.BASE_DIR / "docs" / "how-to.md").read_text(encoding="utf-8")
    order = json.loads(text.split("cat > order.json <<'END'\n")[1].split("END\n")[0])
    api.member(pk=order["member"]["id"])
    [fact] = api.client().post("/api/v1/purchases/", order).json()
    assert (fact["order_no"], fact["amount"]) == ("1001", "258.00")


def test_delivery_stands_in_the_audit_with_its_key() -> None:
    user = api.program()
    api.client(user=user).post("/api/v1/purchases/", api.order(api.member()))
    entry = AuditEntry.objects.get(action="timeline.deliver_purchases")
    assert (entry.actor_type, entry.actor_id, entry.changes["stored"]) == ("api_key", user.pk, [None, 1])


def test_order_sent_again_is_stored_once_and_answers_200() -> None:
    member, client = api.member(), api.client()
    first = client.post("/api/v1/purchases/", api.order(member))
    again = client.post("/api/v1/purchases/", api.order(member))
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert PurchaseLine.objects.count() == 1


def test_lines_given_back_are_a_refund_of_their_own() -> None:
    back = {"product_code": "P1", "quantity": "-1", "unit_price": "12.50", "at": "2026-11-21T09:00:00+08:00"}
    body = api.order(api.member())
    answer = api.client().post("/api/v1/purchases/", {**body, "lines": [*body["lines"], back]})
    assert [(fact["kind"], fact["amount"], fact["occurred_at"]) for fact in answer.json()] == [
        ("order", "25.00", "2026-11-20T10:00:00+08:00"),
        ("refund", "-12.50", "2026-11-21T09:00:00+08:00"),
    ]


def test_member_is_found_by_an_identity() -> None:
    member = api.member("17850")
    answer = api.client().post("/api/v1/purchases/", api.order({"type": "external_id", "value": " 17850 "}))
    assert answer.json()[0]["member_id"] == member.pk


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("member", {"member": 5}),
        ("member", {"member": {"id": 0}}),
        ("member", {"member": {"id": 1, "type": "phone"}}),
        ("member", {"member": {"type": "phone", "value": "abc"}}),
        ("member", {"member": {"type": "name", "value": "abc"}}),
        ("order_no", {"order_no": 7}),
        ("order_no", {"order_no": " "}),
        ("occurred_at", {"occurred_at": "2026-11-20T10:00:00"}),
        ("occurred_at", {"occurred_at": "2026-11-24T10:00:00+08:00"}),
        ("occurred_at", {"occurred_at": "2013-11-24T10:00:00+08:00"}),
        ("occurred_at", {"occurred_at": "yesterday"}),
        ("store", {"store": "NOWHERE"}),
        ("lines", {"lines": []}),
        ("lines.0.quantity", {"lines": [{"product_code": "P", "quantity": "0", "unit_price": "1"}]}),
        ("lines.0.quantity", {"lines": [{"product_code": "P", "quantity": True, "unit_price": "1"}]}),
        ("lines.0.unit_price", {"lines": [{"product_code": "P", "quantity": "999999", "unit_price": "999999"}]}),
        ("lines.0.colour", {"lines": [{"product_code": "P", "quantity": "1", "unit_price": "1", "colour": "red"}]}),
        ("discount", {"discount": 5}),
    ],
)
def test_bad_order_is_400_with_the_field(field: str, change: dict[str, Any]) -> None:
    answer = api.client().post("/api/v1/purchases/", api.order(api.member(), **change))
    assert (answer.status_code, list(api.errors(answer)["fields"])) == (400, [field])
    assert not Purchase.objects.exists()


def test_order_of_an_unknown_member_is_404() -> None:
    answer = api.client().post("/api/v1/purchases/", api.order({"id": 404}))
    assert (answer.status_code, api.errors(answer)["fields"]) == (404, {"member": ["There is no such member."]})


def test_errors_follow_the_language() -> None:
    answer = api.client(language="zh-hans").post("/api/v1/purchases/", api.order({"id": 404}))
    assert api.errors(answer)["fields"] == {"member": ["没有这位会员。"]}


def test_batch_of_orders_names_each_bad_one() -> None:
    member = api.member()
    bad = {**api.order(member), "order_no": "", "occurred_at": "soon"}
    items = [api.order(member, "A1"), bad, api.order({"id": 404}, "A3"), 5, api.order(member, "A4")]
    answer = api.client().post("/api/v1/purchases/batch/", {"items": items})
    assert answer.status_code == 200
    report = answer.json()
    assert [(fault["index"], fault["field"], fault["reason"]) for fault in report.pop("rejected")] == [
        (1, "order_no", "blank"),
        (1, "occurred_at", "invalid"),
        (2, "member", "member_not_found"),
        (3, "", "invalid"),
    ]
    assert report == {
        "accepted": 2,
        "lines_stored": 2,
        "lines_already_stored": 0,
        "orders": 2,
        "refunds": 0,
        "completed": 0,
    }


def test_batch_without_a_good_item_is_422() -> None:
    answer = api.client().post("/api/v1/interactions/batch/", {"items": [{"kind": "browse"}]})
    assert (answer.status_code, api.errors(answer)["code"], sorted(api.errors(answer)["fields"])) == (
        422,
        "nothing_accepted",
        ["items.0.member", "items.0.occurred_at"],
    )


@pytest.mark.parametrize("body", [{}, {"items": []}, {"items": {}}, [], 5, None, {"items": [1], "more": 1}])
def test_body_that_is_no_batch_is_400(body: Any) -> None:
    assert api.client().post("/api/v1/interactions/batch/", body).status_code == 400


@pytest.mark.parametrize(("what", "limit"), [("purchases", 1_000), ("interactions", 5_000), ("touches", 5_000)])
def test_batch_above_its_limit_is_413(what: str, limit: int) -> None:
    answer = api.client().post(f"/api/v1/{what}/batch/", {"items": [{}] * (limit + 1)})
    assert (answer.status_code, api.errors(answer)["code"]) == (413, "too_large")


def test_interactions_are_stored_once() -> None:
    member, client = api.member(), api.client()
    items = [interaction(member), interaction(member, kind="click", properties={"page": "首页 🌸", "n": 1.5})]
    first = client.post("/api/v1/interactions/batch/", {"items": items}).json()
    again = client.post("/api/v1/interactions/batch/", {"items": items}).json()
    assert (first, again) == (
        {"accepted": 2, "stored": 2, "already_stored": 0, "rejected": []},
        {"accepted": 2, "stored": 0, "already_stored": 2, "rejected": []},
    )
    assert Interaction.objects.get(kind="click").properties == {"page": "首页 🌸", "n": 1.5}


@pytest.mark.parametrize("properties", [{"a": "x" * 5000}, [1], "text", 5])
def test_properties_are_a_small_object(properties: Any) -> None:
    items = [interaction(api.member(), properties=properties)]
    answer = api.client().post("/api/v1/interactions/batch/", {"items": items})
    assert (answer.status_code, list(api.errors(answer)["fields"])) == (422, ["items.0.properties"])


def test_touches_know_their_inviter() -> None:
    member, inviter = api.member(), api.member("17850")
    item = {
        "member": {"id": member.pk},
        "occurred_at": api.YESTERDAY,
        "utm_source": "douyin",
        "code": "INVITE3",
        "inviter": {"type": "external_id", "value": "17850"},
    }
    answer = api.client().post("/api/v1/touches/batch/", {"items": [item]})
    assert answer.json()["stored"] == 1
    touch = Touch.objects.get()
    assert (touch.member_id, touch.inviter_id, touch.utm_source, touch.code) == (
        member.pk,
        inviter.pk,
        "douyin",
        "INVITE3",
    )


def test_purchases_of_a_member_come_page_by_page() -> None:
    member, other, client = api.member(), api.member(), api.client()
    orders = [
        api.order(member, f"A{day}", occurred_at=f"2026-{8 + day % 4}-{10 + day}T10:00:00+08:00") for day in range(7)
    ]
    orders = [
        {**body, "occurred_at": body["occurred_at"].replace("-8-", "-08-").replace("-9-", "-09-")} for body in orders
    ]
    client.post("/api/v1/purchases/batch/", {"items": [*orders, api.order(other, "B1")]})
    seen, url = [], f"/api/v1/members/{member.pk}/purchases/?page_size=2"
    while url:
        page = client.get(url).json()
        seen += [fact["order_no"] for fact in page["results"]]
        url = page["next"]
    stored = Purchase.objects.filter(member=member).order_by("-occurred_at").values_list("order_no", flat=True)
    assert seen == list(stored)
    assert len(seen) == 7


def test_purchases_take_as_many_queries_for_three_as_for_one() -> None:
    client, counts = api.client(), []
    client.get("/api/v1/tiers/")  # notes that the key was used
    for number in (1, 3):
        member = api.member()
        client.post("/api/v1/purchases/batch/", {"items": [api.order(member, f"A{place}") for place in range(number)]})
        with CaptureQueriesContext(connection) as queries:
            assert len(client.get(f"/api/v1/members/{member.pk}/purchases/").json()["results"]) == number
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 7


@pytest.mark.parametrize("number", [1, 3])
def test_batch_takes_a_fixed_number_of_queries(number: int) -> None:
    api.store("SH01")
    items = [interaction(api.member(), store="SH01") for _place in range(number)]
    client = api.client()
    client.get("/api/v1/tiers/")
    with CaptureQueriesContext(connection) as queries:
        client.post("/api/v1/interactions/batch/", {"items": items})
    assert len(queries) == 20
