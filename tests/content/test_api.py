"""The calendar for programs: the same verbs as on the pages, once per idempotency key, behind their scopes."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.enums import Role
from accounts.models import User
from content.models import Material, Slot
from content.services.slots import create_slot
from tests import api
from tests.campaigns.activities import audience
from tests.content.people import DAY, approved, marketer, slot, type_of

pytestmark = [pytest.mark.django_db]


def at(days: float = 2) -> datetime:
    return (timezone.now() + days * DAY).replace(microsecond=0)


def body(**values: Any) -> dict[str, Any]:
    given = {"type": "article", "title": "攻略", "planned_at": at().isoformat(), "owner": marketer().username}
    return {**given, **values}


def post(address: str, data: dict[str, Any] | None = None, *scopes: str, **headers: str) -> Any:
    return api.client(*scopes).post(f"/api/v1/{address}", data or {}, format="json", headers=headers)


def test_slot_is_planned_once_per_key() -> None:
    caller, given = api.client(), body()
    answers = [
        caller.post("/api/v1/slots/", given, format="json", headers={"Idempotency-Key": "k1"}) for _turn in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert Slot.objects.get().state == "draft"
    other = caller.post("/api/v1/slots/", body(title="别的"), format="json", headers={"Idempotency-Key": "k1"})
    assert other.status_code == 422


@pytest.mark.parametrize(
    ("wrong", "status", "field"),
    [
        ({"type": "poem"}, 400, "type"),
        ({"owner": "nobody"}, 400, "owner"),
        ({"version": 77}, 400, "version"),
        ({"audience": 77}, 400, "audience"),
        ({"title": ""}, 400, "title"),
        ({"planned_at": "2026-11-30T20:00"}, 400, "planned_at"),
        ({"planned_at": "2020-01-01T20:00:00+08:00"}, 422, ""),
        ({"minutes": 0}, 400, "minutes"),
        ({"colour": "red"}, 400, "colour"),
    ],
)
def test_slot_that_cannot_be_planned_is_refused_by_its_field(wrong: dict[str, Any], status: int, field: str) -> None:
    answer = post("slots/", body(**wrong))
    assert answer.status_code == status
    assert list(api.errors(answer).get("fields", {})) == ([field] if field else [])
    assert Slot.objects.count() == 0


def test_slot_is_for_an_audience_until_that_is_taken_away() -> None:
    chosen = audience()
    made = post("slots/", body(audience=chosen.pk)).json()
    assert made["audience"] == chosen.pk
    assert post(f"slots/{made['id']}/edit/", {"title": "改名"}).json()["audience"] == chosen.pk
    assert post(f"slots/{made['id']}/edit/", {"audience": None}).json()["audience"] is None


def test_slot_goes_through_its_steps() -> None:
    given = approved(now=timezone.now())
    number = post("slots/", body(version=given.pk)).json()["id"]
    for step, data, state in (
        ("submit", {}, "approved"),
        ("schedule", {}, "scheduled"),
        ("move", {"planned_at": at(5).isoformat()}, "scheduled"),
        ("withdraw", {"reason": "改稿"}, "draft"),
        ("edit", {"note": "带样品"}, "draft"),
        ("cancel", {}, "cancelled"),
        ("restore", {}, "draft"),
    ):
        answer = post(f"slots/{number}/{step}/", data)
        assert (step, answer.status_code, answer.json().get("state")) == (step, 200, state)
    early = post(f"slots/{number}/publish/", {"link": "https://example.com/a"})
    assert (early.status_code, api.errors(early)["code"]) == (409, "slot_state_wrong")


def test_overlap_is_a_409_unless_it_is_meant() -> None:
    when = at().isoformat()
    assert post("slots/", body(planned_at=when)).status_code == 201
    refused = post("slots/", body(planned_at=when))
    assert (refused.status_code, api.errors(refused)["code"]) == (409, "slots_overlap")
    assert post("slots/", body(planned_at=when, allow_overlap=True)).status_code == 201


def test_overlap_by_a_change_or_a_return_is_a_409_unless_it_is_meant() -> None:
    when = at().isoformat()
    number = post("slots/", body(planned_at=when)).json()["id"]
    post(f"slots/{number}/cancel/", {})
    post("slots/", body(planned_at=when))
    for step, data in (("restore", {}), ("edit", {"minutes": 20})):
        refused = post(f"slots/{number}/{step}/", data)
        assert (refused.status_code, api.errors(refused)["code"]) == (409, "slots_overlap")
        assert post(f"slots/{number}/{step}/", {**data, "allow_overlap": True}).status_code == 200


def test_slots_are_listed_by_time_and_filtered() -> None:
    now = timezone.now()
    later, sooner = slot(at=at(5), now=now), slot("live", at=at(2), now=now)
    caller = api.client("content:read")
    assert [row["id"] for row in caller.get("/api/v1/slots/").json()["results"]] == [sooner.pk, later.pk]
    assert [row["id"] for row in caller.get("/api/v1/slots/?type=live").json()["results"]] == [sooner.pk]
    before = (now + timedelta(days=3)).isoformat().replace("+", "%2B")
    assert len(caller.get(f"/api/v1/slots/?planned_before={before}").json()["results"]) == 1
    assert caller.get("/api/v1/slots/?state=none").status_code == 400
    assert caller.get("/api/v1/slots/?colour=red").status_code == 400
    assert caller.get("/api/v1/slots/99999/").status_code == 404
    assert caller.get(f"/api/v1/slots/{sooner.pk}/results/").json() == []


def test_scopes_are_asked_for() -> None:
    assert post("slots/", body(), "content:read").status_code == 403
    assert api.client("content:write").get("/api/v1/slots/").status_code == 403
    assert api.client("members:read").get("/api/v1/cadence/").status_code == 403
    guide = User.objects.create(username="chen", role=Role.GUIDE)
    assert api.client("content:read", user=guide).get("/api/v1/slots/").status_code == 403


def test_cadence_and_suggestions_say_what_is_missing_and_why() -> None:
    caller = api.client("content:read", language="zh-hans")
    rows = {row["type"]: row for row in caller.get("/api/v1/cadence/").json()}
    assert {code: row["count"] for code, row in rows.items()} == {"article": 3, "live": 5, "fan_festival": 1}
    best = caller.get(f"/api/v1/cadence/{rows['fan_festival']['id']}/suggestions/").json()[0]
    assert best["score"] == sum(reason["points"] for reason in best["reasons"])
    assert all(reason["words"] for reason in best["reasons"])
    moment = datetime.fromisoformat(best["at"])
    create_slot(
        type=type_of("fan_festival"), title="节", planned_at=moment, owner=marketer(), by=None, now=timezone.now()
    )
    again = {row["type"]: row["missing"] for row in caller.get("/api/v1/cadence/").json()}
    assert again["fan_festival"] == 0
    assert caller.get("/api/v1/cadence/?at=2026-11-22").status_code == 400
    assert caller.get("/api/v1/cadence/?day=1").status_code == 400
    assert caller.get("/api/v1/cadence/999/suggestions/").status_code == 404


def test_materials_are_written_and_versioned() -> None:
    made = post("materials/", {"kind": "text", "title": "文案", "text": "周三见"})
    assert (made.status_code, made.json()["number"]) == (201, 1)
    material = Material.objects.get()
    second = post(f"materials/{material.pk}/add-version/", {"title": "文案", "text": "周四见"})
    assert second.json()["number"] == 2
    caller = api.client("content:read")
    assert [row["number"] for row in caller.get(f"/api/v1/materials/{material.pk}/versions/").json()] == [2, 1]
    listed = caller.get("/api/v1/materials/?kind=text").json()["results"]
    assert [row["latest_id"] for row in listed] == [second.json()["id"]]
    assert post("materials/", {"kind": "picture", "title": "图"}).status_code == 400
    assert post("materials/", {"kind": "link", "title": "链接", "link": "javascript:alert(1)"}).status_code == 400
    assert [row["code"] for row in caller.get("/api/v1/content-types/").json()["results"]][-1] in {
        "article",
        "fan_festival",
    }
