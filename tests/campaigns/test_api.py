"""Activities and links for programs."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from campaigns.models import Activity, Cost, Participation, TrackedLink
from campaigns.services.links import allow_host, create_link, member_of
from tests import api
from tests.campaigns import activities as cast
from tests.campaigns.activities import DAY, HOUR
from tests.content.people import slot as plan_slot

pytestmark = pytest.mark.django_db
SCOPES = ("activities:read", "activities:write", "links:read", "links:write")
BODY = {"name": "周年庆", "level": "daily", "form": "discount", "title": "周年庆满减", "rules_text": "每人一张。"}


@pytest.fixture
def client() -> Any:
    return api.client(*SCOPES)


def running() -> Activity:
    now = timezone.now()
    return cast.running(now - HOUR, starts_at=now - HOUR, ends_at=now + 5 * DAY)


def test_draft_is_made_changed_and_read(client: Any) -> None:
    audience = cast.audience()
    answer = client.post("/api/v1/activities/", {**BODY, "audience": audience.pk, "codes": ["D11"]})
    assert (answer.status_code, answer.json()["state"], answer.json()["codes"]) == (201, "draft", ["D11"])
    number = answer.json()["id"]
    changed = client.patch(
        f"/api/v1/activities/{number}/", {"budget": "1200.50", "starts_at": "2030-01-01T00:00:00+08:00"}
    )
    assert (changed.status_code, changed.json()["budget"], changed.json()["name"]) == (200, "1200.50", "周年庆")
    assert client.get("/api/v1/activities/?state=draft").json()["results"][0]["id"] == number
    assert client.get("/api/v1/activities/?state=running").json()["results"] == []
    wrong = client.post("/api/v1/activities/", {**BODY, "audience": 10**9, "window_days": 400, "typo": 1})
    assert wrong.status_code == 400


def test_same_key_makes_one_draft(client: Any) -> None:
    headers = {"HTTP_IDEMPOTENCY_KEY": "k1"}
    first, again = (client.post("/api/v1/activities/", BODY, **headers) for _each in range(2))
    assert (first.json(), again.headers["Idempotent-Replay"]) == (again.json(), "true")
    assert Activity.objects.count() == 1


def test_running_activity_changes_in_the_members_favour_only(client: Any) -> None:
    cast.people(1)
    activity = running()
    answer = client.patch(f"/api/v1/activities/{activity.pk}/", {"rules_text": "更少。"})
    assert (answer.status_code, api.errors(answer)["code"]) == (409, "not_in_their_favour")


def test_participations_are_stored_once_each_with_its_faults_named(client: Any) -> None:
    her, other = cast.people(2)
    activity, at = running(), (timezone.now() - HOUR / 2).isoformat()
    items = [
        {"member": {"id": her.pk}, "kind": "sign_up", "occurred_at": at},
        {"member": {"id": her.pk}, "kind": "sign_up", "occurred_at": at},
        {"member": {"id": other.pk}, "kind": "dance", "occurred_at": at},
        {"member": {"id": 10**12}, "kind": "sign_up", "occurred_at": at},
        {"member": {"id": other.pk}, "kind": "sign_up", "occurred_at": (timezone.now() - 2 * HOUR).isoformat()},
        {"member": {"id": other.pk}, "kind": "sign_up", "occurred_at": (timezone.now() + DAY).isoformat()},
    ]
    address = f"/api/v1/activities/{activity.pk}/participations/"
    answer = client.post(address, {"items": items}).json()
    assert (answer["accepted"], answer["stored"]) == (2, 1)
    assert [(fault["index"], fault["field"]) for fault in answer["rejected"]] == [
        (2, "kind"), (3, "member"), (4, "occurred_at"), (5, "occurred_at"),
    ]  # fmt: skip
    assert client.post(address, {"items": items[3:]}).status_code == 422
    assert client.post(f"/api/v1/activities/{cast.draft().pk}/participations/", {"items": items[:1]}).status_code == 409
    assert Participation.objects.count() == 1
    results = client.get(f"/api/v1/activities/{activity.pk}/results/").json()
    assert (results["audience"], results["reached"], results["took_part"]) == (2, None, 1)
    assert (results["participation"]["value"], results["roi"]["value"]) == (0.5, None)


def test_costs_are_recorded(client: Any) -> None:
    cast.people(1)
    address = f"/api/v1/activities/{running().pk}/costs/"
    assert client.post(address, {"kind": "media", "amount": "99.90", "day": "2026-01-01"}).status_code == 201
    tomorrow = (timezone.localdate() + timedelta(days=2)).isoformat()
    for wrong in ({"amount": 0}, {"day": tomorrow}, {"kind": "fun"}):
        body = {"kind": "media", "amount": "99.90", "day": "2026-01-01", **wrong}
        assert client.post(address, body).status_code == 400
    assert [row["amount"] for row in client.get(address).json()] == ["99.90"]
    assert Cost.objects.get().amount == Decimal("99.90")


def test_links_are_made_and_given_out(client: Any) -> None:
    allow_host(host="shop.example.com", by=None, now=timezone.now())
    (member,) = cast.people(1)
    body = {"name": "海报", "target": "https://shop.example.com/a", "utm_source": "poster"}
    answer = client.post("/api/v1/links/", body)
    link = TrackedLink.objects.get()
    assert (answer.status_code, answer.json()["url"]) == (201, f"http://testserver{link.path}")
    for wrong in ({"target": "https://evil.net/"}, {"utm_term": "a" * 10_240}, {"activity": 10**9}):
        assert client.post("/api/v1/links/", {**body, **wrong}).status_code == 400
    given = client.post(f"/api/v1/links/{link.pk}/addresses/", {"items": [{"id": member.pk}, {"id": 10**12}]}).json()
    (line,) = given["addresses"]
    assert member_of(link.code, line["url"].rpartition("/")[2]) == member.pk
    assert [fault["index"] for fault in given["rejected"]] == [1]
    clicks = client.get(f"/api/v1/links/{link.pk}/clicks/").json()
    assert clicks == {"humans": 0, "known": 0, "bots": 0, "last_at": None}


def test_program_held_to_a_store_gives_out_no_others_addresses() -> None:
    allow_host(host="shop.example.com", by=None, now=timezone.now())
    near, far = api.store(), api.store()
    hers, other = api.member(home_store=near), api.member(home_store=far)
    client = api.client(*SCOPES, stores=[near])
    client.post("/api/v1/links/", {"name": "海报", "target": "https://shop.example.com/a"})
    items = [{"id": hers.pk}, {"id": other.pk}]
    answer = client.post(f"/api/v1/links/{TrackedLink.objects.get().pk}/addresses/", {"items": items}).json()
    assert [line["member"] for line in answer["addresses"]] == [hers.pk]
    refused = client.get(f"/api/v1/activities/{cast.draft().pk}/results/")
    assert (refused.status_code, api.errors(refused)["code"]) == (403, "not_allowed")


def test_program_held_to_a_store_is_told_no_sums_of_everybody() -> None:
    cast.people(3)
    activity = running()
    allow_host(host="shop.example.com", by=None, now=timezone.now())
    target = "https://shop.example.com/a"
    link = create_link(name="海报", target=target, activity=activity, by=None, now=timezone.now())
    slot = plan_slot(at=timezone.now() + DAY, now=timezone.now())
    held = api.client(*SCOPES, "content:read", stores=[api.store()])
    free = api.client(*SCOPES, "content:read")
    for address in (
        f"/api/v1/activities/{activity.pk}/results/",
        f"/api/v1/activities/{activity.pk}/costs/",
        f"/api/v1/links/{link.pk}/clicks/",
        f"/api/v1/slots/{slot.pk}/results/",
    ):
        assert (held.get(address).status_code, free.get(address).status_code) == (403, 200), address
    one, several = f"/api/v1/activities/{activity.pk}/", "/api/v1/activities/"
    assert [held.get(one).json()["audience_size"], free.get(one).json()["audience_size"]] == [None, 3]
    assert held.get(several).json()["results"][0]["audience_size"] is None


def test_draft_has_no_results_and_no_cost(client: Any) -> None:
    results = client.get(f"/api/v1/activities/{cast.draft().pk}/results/").json()
    counted = ("audience", "took_part", "took_part_outside", "buyers", "orders", "revenue", "cost", "reached")
    assert [results[name] for name in counted] == [None] * len(counted)


def test_link_stands_in_a_slot_that_belongs_to_an_activity() -> None:
    activity = cast.draft()
    program = api.client(*SCOPES, "content:read", "content:write")
    made = plan_slot(at=timezone.now() + DAY, now=timezone.now())
    address = f"/api/v1/slots/{made.pk}/edit/"
    assert program.post(address, {"activity": 10**9}).status_code == 400
    answer = program.post(address, {"activity": activity.pk}).json()
    assert (answer["source_kind"], answer["source_id"]) == ("activity", activity.pk)
    allow_host(host="shop.example.com", by=None, now=timezone.now())
    body = {"name": "海报", "target": "https://shop.example.com/a"}
    assert program.post("/api/v1/links/", {**body, "slot": 10**9}).status_code == 400
    assert program.post("/api/v1/links/", {**body, "slot": made.pk}).json()["slot"] == made.pk
