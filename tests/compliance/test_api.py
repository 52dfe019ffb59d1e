"""Consent events and the gate through the API: scoped, stored once, each bad item named."""

import pytest

from accounts.enums import Role
from compliance.models import ConsentEvent
from compliance.services.status import mark_erased
from members.models import Member
from tests import api
from tests.compliance.people import EVENING

pytestmark = pytest.mark.django_db
WHEN = "2026-11-19T20:00:00+08:00"
AT = EVENING.isoformat()


def event(member_id: int, **values: object) -> dict[str, object]:
    return {"member": {"id": member_id}, "purpose": "marketing", "action": "grant", "occurred_at": WHEN, **values}


def test_events_are_stored_once_and_read_back() -> None:
    who, client = api.member(), api.client()
    body = {"items": [event(who.pk, key="a"), event(who.pk, action="withdraw", channel="sms")]}
    answers = [client.post("/api/v1/consents/batch/", body).json() for _each in range(2)]
    assert [(each["accepted"], each["stored"], each["already_stored"]) for each in answers] == [(2, 2, 0), (2, 0, 2)]
    listed = client.get(f"/api/v1/members/{who.pk}/consents/").json()["results"]
    assert sorted((each["action"], each["channel"], each["source"]) for each in listed) == [
        ("grant", "any", "api"),
        ("withdraw", "sms", "api"),
    ]


def test_what_a_record_merged_into_hers_says_is_read_with_hers() -> None:
    who, other, client = api.member(), api.member(), api.client()
    body = {"items": [event(who.pk), event(other.pk, action="withdraw", channel="sms")]}
    assert client.post("/api/v1/consents/batch/", body).json()["stored"] == 2
    Member.objects.filter(pk=other.pk).update(merged_into=who)
    listed = client.get(f"/api/v1/members/{who.pk}/consents/").json()["results"]
    assert sorted(each["action"] for each in listed) == ["grant", "withdraw"]


def test_each_bad_event_is_named() -> None:
    who, gone = api.member(), api.member()
    mark_erased(member_id=gone.pk, by=None, now=EVENING)
    items = [
        event(who.pk),
        event(who.pk, preset=True),
        event(who.pk, purpose="publish", channel="sms"),
        event(who.pk, purpose="sale"),
        event(who.pk, occurred_at="2099-01-01T00:00:00Z"),
        event(who.pk + 999_999),
        event(gone.pk),
    ]
    answer = api.client().post("/api/v1/consents/batch/", {"items": items}).json()
    assert [(fault["index"], fault["field"], fault["reason"]) for fault in answer["rejected"]] == [
        (1, "preset", "preset"),
        (2, "channel", "not_by_channel"),
        (3, "purpose", "purpose"),
        (4, "occurred_at", "future_date"),
        (5, "member", "member_not_found"),
        (6, "member", "member_erased"),
    ]
    assert ConsentEvent.objects.count() == 1


def test_gate_answers_for_one_and_for_many() -> None:
    agrees, other, client = api.member(), api.member(), api.client()
    client.post("/api/v1/consents/batch/", {"items": [event(agrees.pk)]})
    one = client.post("/api/v1/gate/check/", {"member": {"id": agrees.pk}, "channel": "sms", "at": AT}).json()
    assert one == {"member": agrees.pk, "allowed": True, "reason": "allowed", "refusals": []}
    members = [{"id": agrees.pk}, {"id": other.pk}, {"id": other.pk + 999_999}]
    many = client.post("/api/v1/gate/check-batch/", {"members": members, "channel": "sms", "at": AT}).json()
    assert (many["counts"], many["not_found"]) == ({"allowed": 1, "no_consent": 1}, [2])


def test_members_of_another_store_are_not_there() -> None:
    here, there = api.store(), api.store()
    hidden, client = api.member(home_store=there), api.client(stores=[here])
    body = {"member": {"id": hidden.pk}, "channel": "sms"}
    assert client.post("/api/v1/gate/check/", body).status_code == 404
    assert client.get(f"/api/v1/members/{hidden.pk}/consents/").status_code == 404
    assert client.post("/api/v1/consents/batch/", {"items": [event(hidden.pk)]}).status_code == 422
    assert ConsentEvent.objects.count() == 0


@pytest.mark.parametrize("role", [Role.ANALYST, Role.MARKETER])
def test_writing_asks_for_the_scope(role: str) -> None:
    client = api.client("members:read", user=api.program(role=role))
    assert client.post("/api/v1/consents/batch/", {"items": [event(1)]}).status_code == 403
