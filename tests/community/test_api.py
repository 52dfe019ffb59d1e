"""Groups for programs: opened, changed, filled, spoken in; scoped and once."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.enums import Role
from community.errors.groups import ParticipantNotValid
from community.models import Group, GroupMessage, GroupParticipant, Stay
from tests import api
from tests.community import chats

pytestmark = pytest.mark.django_db
BODY = {"name": "西湖店福利群", "type": "welfare", "owner": "author", "opened_on": "2026-01-05"}
BATCH = "/api/v1/group-messages/batch/"


def said(group: Group, speaker: str = "wx1", text: str = "面霜还有货吗", **values: Any) -> dict[str, Any]:
    at = timezone.now() - timedelta(minutes=5)
    return {"group": group.pk, "speaker": speaker, "sent_at": at.isoformat(), "text": text, **values}


def test_a_group_is_opened_read_and_changed() -> None:
    chats.person()
    client = api.client()

    made = client.post("/api/v1/groups/", BODY)
    assert made.status_code == 201, made.content
    number = made.json()["id"]
    changed = client.patch(f"/api/v1/groups/{number}/", {"capacity": 500})

    assert (changed.json()["capacity"], changed.json()["type"], changed.json()["owner"]) == (500, "welfare", "author")
    found = client.get("/api/v1/groups/?type=welfare&state=active").json()["results"]
    assert [row["id"] for row in found] == [number]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"owner": "nobody"}, "owner"),
        ({"type": "party"}, "type"),
        ({"store": "S0"}, "store"),
        ({"capacity": 0}, "capacity"),
    ],
)
def test_what_cannot_be_is_named(wrong: dict[str, Any], field: str) -> None:
    chats.person()
    answer = api.client().post("/api/v1/groups/", {**BODY, **wrong})
    assert answer.status_code == 400
    assert list(api.errors(answer)["fields"]) == [field]
    assert not Group.objects.exists()


def test_a_program_of_a_store_sees_and_opens_groups_of_it_only() -> None:
    here, there = api.store(), api.store()
    chats.person()
    hers, other = chats.a_group(store_id=here.pk), chats.a_group(store_id=there.pk)
    client = api.client(stores=[here])

    assert [row["id"] for row in client.get("/api/v1/groups/").json()["results"]] == [hers.pk]
    assert client.get(f"/api/v1/groups/{other.pk}/days/").status_code == 404
    assert client.post("/api/v1/groups/", BODY).status_code == 400
    assert client.post("/api/v1/groups/", {**BODY, "store": there.code}).status_code == 400
    assert client.post("/api/v1/groups/", {**BODY, "store": here.code}).status_code == 201
    refused = client.post(BATCH, {"items": [said(other)]})
    assert refused.status_code == 422
    assert not GroupMessage.objects.exists()


def test_a_feed_says_how_far_it_covers_silent_groups() -> None:
    silent, fed, other = (chats.a_group(store_id=api.store().pk) for _ in range(3))
    now = timezone.now()
    client = api.client(stores=[silent.store, fed.store])  # type: ignore[list-item]
    assert client.post(BATCH, {"items": [said(fed)]}).status_code == 200
    fed.refresh_from_db()
    assert (fed.heard_until or now) >= now

    until = (now - timedelta(hours=1)).replace(microsecond=0)
    cover = {"covers_until": until.isoformat()}
    assert client.post(BATCH, {"items": [], **cover}).status_code == 200
    assert Group.objects.filter(heard_until__isnull=False).get() == fed
    assert client.post(BATCH, {"items": [], **cover, "covers_groups": [silent.pk]}).status_code == 200
    silent.refresh_from_db()
    assert silent.heard_until == until

    for wrong, status in (
        ({**cover, "covers_groups": [other.pk]}, 400),
        ({"covers_until": (now + timedelta(days=1)).isoformat()}, 400),
        ({"covers_until": "yesterday"}, 400),
        ({"covers_groups": [silent.pk]}, 400),
    ):
        assert client.post(BATCH, {"items": [], **wrong}).status_code == status, wrong
    assert client.post(BATCH, {"items": [said(other)], **cover}).status_code == 422


def test_messages_are_stored_once_and_bad_ones_named() -> None:
    group = chats.a_group()
    client = api.client()
    items = [
        said(group, number="1"),
        said(group, number="2", reply_to="wx1"),
        said(group, sent_at="2031-01-01T00:00:00+08:00"),
        {**said(group), "group": 987_654},
        {**said(group), "speaker": " "},
    ]

    answer = client.post(BATCH, {"items": items}).json()
    again = client.post(BATCH, {"items": items[:2]}).json()

    assert (answer["accepted"], answer["stored"], answer["already_stored"]) == (2, 2, 0)
    reasons = [(fault["index"], fault["field"], fault["reason"]) for fault in answer["rejected"]]
    assert reasons == [(2, "sent_at", "future_date"), (3, "group", "group_not_found"), (4, "speaker", "blank")]
    assert (again["stored"], again["already_stored"]) == (0, 2)


def test_messages_are_read_without_their_text() -> None:
    group = chats.a_group()
    client = api.client()
    client.post(BATCH, {"items": [said(group)]})

    (row,) = client.get(f"/api/v1/groups/{group.pk}/messages/").json()["results"]

    assert sorted(row) == ["id", "kind", "length", "links", "mentions", "participant", "reply_to", "sent_at"]
    assert row["length"] == 6


def test_the_same_key_answers_the_same() -> None:
    group = chats.a_group()
    client, body = api.client(), {"items": [said(group)]}
    first = client.post(BATCH, body, headers={"Idempotency-Key": "k1"})
    second = client.post(BATCH, body, headers={"Idempotency-Key": "k1"})
    assert first.json() == second.json()
    assert second.headers["Idempotent-Replay"] == "true"


def test_days_and_figures_are_told() -> None:
    group = chats.a_group()
    client = api.client()
    client.post(BATCH, {"items": [said(group)]})

    days = client.get(f"/api/v1/groups/{group.pk}/days/").json()
    figures = client.get(f"/api/v1/groups/{group.pk}/figures/").json()

    assert (len(days), sum(day["messages"] for day in days)) == (30, 1)
    assert (figures["state"], figures["present"], figures["buying"]) == ("unknown", 1, None)
    assert client.get(f"/api/v1/groups/{group.pk}/days/?since=2020-01-01").status_code == 400
    assert client.get(f"/api/v1/groups/{group.pk}/days/?since=soon").status_code == 400


def test_participants_are_said_and_contradictions_named() -> None:
    group, client = chats.a_group(), api.client()
    here = api.member("M1")
    address = f"/api/v1/groups/{group.pk}/participants/batch/"
    items = [
        {"key": "wx0", "nickname": "群主", "role": "owner", "joined_at": "2026-01-05T10:00:00+08:00"},
        {"key": "wx1", "member": {"type": "external_id", "value": "M1"}},
        {"key": "wx2", "role": "owner"},
        {"key": "wx3", "member": {"id": 987_654}},
        {"key": "wx4", "joined_at": "2026-02-05T10:00:00+08:00", "left_at": "2026-02-04T10:00:00+08:00"},
    ]

    answer = client.post(address, {"items": items}).json()

    assert answer["accepted"] == 2
    reasons = [(fault["index"], fault["field"], fault["reason"]) for fault in answer["rejected"]]
    assert reasons == [(2, "role", "second_owner"), (3, "member", "member_not_found"), (4, "left_at", "left_before")]
    rows = client.get(f"/api/v1/groups/{group.pk}/participants/").json()["results"]
    assert [(row["key"], row["role"], row["member"]) for row in rows] == [
        ("wx1", "ordinary", here.pk),
        ("wx0", "owner", None),
    ]
    assert Stay.objects.filter(left_at=None).count() == 2
    assert client.post(address, {"items": items[:2]}).json()["accepted"] == 2
    assert GroupParticipant.objects.count() == 2


def test_who_may_not_see_names_reads_no_nickname_and_no_key() -> None:
    group = chats.a_group()
    chats.somebody(group, "林小雨", speaker_key="wx-lin")
    address = f"/api/v1/groups/{group.pk}/participants/"
    (plain,) = api.client().get(address).json()["results"]
    assert (plain["key"], plain["nickname"]) == ("wx-lin", "林小雨")
    answer = api.client(user=api.program(role=Role.ANALYST)).get(address)
    (masked,) = answer.json()["results"]
    assert masked["key"] is None
    assert "小雨" not in masked["nickname"]


def test_second_owner_is_refused_without_the_name_of_the_first() -> None:
    group = chats.a_group()
    chats.somebody(group, "林小雨", role="owner")
    with pytest.raises(ParticipantNotValid) as refused:
        chats.somebody(group, "阿梅", role="owner")
    assert "林小雨" not in str(refused.value.fields)
