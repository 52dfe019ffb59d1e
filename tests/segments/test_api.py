"""Tiers, standings and tags by the API."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import AuditEntry
from segments.models import MemberStanding, MemberTag, MemberTagEvent, Tag, TagGroup, TierChange
from segments.services.retier import retier
from tests import api

pytestmark = [pytest.mark.django_db]


def tag(name: str = "敏感肌", **values: Any) -> Tag:
    group, _new = TagGroup.objects.get_or_create(name="肤质")
    return Tag.objects.create(group=group, name=name, **values)


def test_tiers_are_told_with_their_criteria() -> None:
    tiers = api.client().get("/api/v1/tiers/").json()["results"]
    assert [tier["code"] for tier in tiers] == ["new", "high_value", "potential", "silent", "low_value", "regular"]
    assert tiers[1]["name"] == "High-value active"
    assert tiers[1]["criteria"] == [
        {"alternative": 1, "measure": "spend", "window_days": 30, "operator": ">=", "value": "500.00"},
        {"alternative": 1, "measure": "interactions", "window_days": 7, "operator": ">=", "value": "3.00"},
    ]
    assert api.client(language="zh-hans").get("/api/v1/tiers/high_value/").json()["name"] == "高价值活跃用户"


def test_standing_and_history_follow_a_run() -> None:
    now = timezone.now()
    member = api.member(registered_at=now - timedelta(days=1))
    retier(as_of=now, now=now)
    client = api.client()
    standing = client.get(f"/api/v1/members/{member.pk}/standing/").json()
    assert (standing["member_id"], standing["tier"], standing["r"]) == (member.pk, "new", None)
    history = client.get(f"/api/v1/members/{member.pk}/tier-history/").json()["results"]
    assert [(change["from_tier"], change["to_tier"]) for change in history] == [("", "new")]
    assert [one["member_id"] for one in client.get("/api/v1/standings/?tier=new").json()["results"]] == [member.pk]
    assert client.get("/api/v1/standings/?tier=silent").json()["results"] == []


def test_standing_before_any_run_is_404() -> None:
    assert api.client().get(f"/api/v1/members/{api.member().pk}/standing/").status_code == 404


def test_flow_counts_who_came_from_where_to_where() -> None:
    now = timezone.now()
    member = api.member(registered_at=now - timedelta(days=20))
    retier(as_of=now - timedelta(days=15), now=now)
    retier(as_of=now - timedelta(days=5), now=now)
    days = [(timezone.localdate(now) - timedelta(days=ago)).isoformat() for ago in (10, 0)]
    answer = api.client().get(f"/api/v1/tiers/flow/?since={days[0]}&until={days[1]}").json()
    assert (answer["since"], answer["until"]) == tuple(days)
    assert answer["cells"] == [{"from_tier": "new", "to_tier": "regular", "members": 1, "revenue": "0.00"}]
    assert TierChange.objects.filter(member=member).count() == 2


@pytest.mark.parametrize(
    "query", ["", "since=2026-01-01", "since=2026-01-02&until=2026-01-01", "since=x&until=2026-01-01", "a=1"]
)
def test_flow_without_two_days_is_400(query: str) -> None:
    assert api.client().get(f"/api/v1/tiers/flow/?{query}").status_code == 400


def test_flow_is_not_for_keys_that_are_held_to_stores() -> None:
    client = api.client(stores=[api.store()])
    assert client.get("/api/v1/tiers/flow/?since=2026-01-01&until=2026-01-02").status_code == 403


def test_tag_is_made_and_listed() -> None:
    client = api.client()
    made = client.post("/api/v1/tags/", {"group": "肤质", "name": "敏感肌", "lasts_days": 30})
    assert (made.status_code, made.json()["group"]["name"], made.json()["lasts_days"]) == (201, "肤质", 30)
    assert [one["name"] for one in client.get("/api/v1/tags/").json()["results"]] == ["敏感肌"]
    again = client.post("/api/v1/tags/", {"group": "肤质", "name": "敏感肌"})
    assert (again.status_code, api.errors(again)["code"]) == (400, "tag_invalid")


def test_tag_is_given_and_taken() -> None:
    members, given, client = [api.member(f"C{place}") for place in range(3)], tag(), api.client()
    items = [{"id": members[0].pk}, {"type": "external_id", "value": "C1"}, {"id": 404}]
    answer = client.post(f"/api/v1/tags/{given.pk}/give/", {"items": items}).json()
    assert (answer["accepted"], answer["changed"]) == (2, 2)
    assert [(fault["index"], fault["reason"]) for fault in answer["rejected"]] == [(2, "member_not_found")]
    assert set(MemberTag.objects.values_list("member", "source")) == {(one.pk, "api") for one in members[:2]}
    shown = client.get(f"/api/v1/members/{members[1].pk}/tags/").json()["results"]
    assert [(one["tag"]["name"], one["source"]) for one in shown] == [("敏感肌", "api")]
    taken = client.post(f"/api/v1/tags/{given.pk}/take/", {"items": items[:1]}).json()
    assert (taken["accepted"], taken["changed"]) == (1, 1)
    assert MemberTagEvent.objects.count() == 3
    assert AuditEntry.objects.filter(action__in=["segments.tag.give", "segments.tag.take"]).count() == 2


def test_tag_with_a_rule_cannot_be_given() -> None:
    kept = tag(rule={"gender": ["female"]})
    answer = api.client().post(f"/api/v1/tags/{kept.pk}/give/", {"items": [{"id": api.member().pk}]})
    assert (answer.status_code, api.errors(answer)["code"]) == (409, "tag_kept_by_rule")


def test_unknown_tag_is_404() -> None:
    answer = api.client().post("/api/v1/tags/404/give/", {"items": [{"id": api.member().pk}]})
    assert answer.status_code == 404


@pytest.mark.parametrize("address", ["standings", "tags", "tiers"])
def test_list_takes_as_many_queries_for_three_as_for_one(address: str) -> None:
    client, counts = api.client(), []
    client.get("/api/v1/key/")
    now = timezone.now()
    for number in (1, 2):
        for place in range(number):
            member = api.member()
            MemberStanding.objects.create(member=member, tier="new", tier_since=now, known_at=now)
            tag(f"{number}-{place}")
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/api/v1/{address}/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 6
