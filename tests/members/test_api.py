"""Members by the API: found, made and changed within the caller's stores, personal values masked."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.enums import Role
from accounts.models import User
from audit.models import AuditEntry
from members.enums import FilterKind
from members.models import City, Identity, Member, member_filters
from members.services import add_identity
from tests import api

pytestmark = [pytest.mark.django_db]
PHONE = "13800138000"


def with_phone(member: Member, phone: str = PHONE) -> Member:
    add_identity(member=member, type="phone", value=phone, by=None, now=timezone.now())
    return member


def test_member_is_read_with_masked_identities() -> None:
    member = with_phone(api.member("17850", home_store=api.store("SH01"), name="林晓"))
    add_identity(member=member, type="email", value="lin@example.com", by=None, now=timezone.now())
    body = api.client().get(f"/api/v1/members/{member.pk}/").json()
    assert (body["name"], body["home_store"], body["guide"], body["city"]) == ("林晓", "SH01", None, None)
    assert [(one["type"], one["value"]) for one in body["identities"]] == [
        ("email", "l***@example.com"),
        ("external_id", "17850"),
        ("phone", "138****8000"),
    ]


def test_numbers_of_wechat_are_read_masked_and_the_customer_number_in_full() -> None:
    member = api.member("17850")
    values = {"unionid": "oYF-union-7781", "openid": "o1", "external_userid": "wmCustomer7783", "card": "8800017850"}
    for kind, value in values.items():
        add_identity(member=member, type=kind, value=value, by=None, now=timezone.now())
    body = api.client().get(f"/api/v1/members/{member.pk}/").json()
    assert {one["type"]: one["value"] for one in body["identities"]} == {
        "external_id": "17850",
        "card": "8800017850",
        "unionid": "***7781",
        "openid": "•••",
        "external_userid": "***7783",
    }
    found = api.client().post("/api/v1/members/lookup/", {"type": "unionid", "value": "oYF-union-7781"}).json()
    assert found["id"] == member.pk


@pytest.mark.parametrize("early", ["0440-05-12T09:27:09Z", "1901-12-31T23:59:59Z"])
def test_moment_whose_local_time_had_seconds_in_its_offset_is_400(early: str) -> None:
    answer = api.client().post(
        "/api/v1/members/", {"registered_at": early, "identities": [{"type": "card", "value": "V"}]}
    )
    assert (answer.status_code, api.errors(answer)["fields"]) == (
        400,
        {"registered_at": ["This lies before the year 1902."]},
    )
    assert not Member.objects.exists()


def test_moment_after_every_calendar_is_400() -> None:
    answer = api.client().post(
        "/api/v1/members/", {"registered_at": "2101-01-01T00:00Z", "identities": [{"type": "card", "value": "V"}]}
    )
    assert api.errors(answer)["fields"] == {"registered_at": ["This lies after the year 2100."]}
    assert not Member.objects.exists()


def test_member_is_made_with_all_that_is_sent() -> None:
    City.objects.update_or_create(name="上海", defaults={"province": "上海", "tier": "first"})
    api.store("SH01")
    User.objects.create(username="guide1", role=Role.GUIDE)
    answer = api.client().post(
        "/api/v1/members/",
        {
            "name": "林晓",
            "gender": "female",
            "birthday": "1995-05-20",
            "city": "上海",
            "registered_at": "2026-03-01T10:00:00+08:00",
            "home_store": "SH01",
            "guide": "guide1",
            "channel": "douyin",
            "identities": [{"type": "phone", "value": "+86 138-0013-8000"}, {"type": "card", "value": "V1"}],
        },
    )
    assert answer.status_code == 201, answer.json()
    body = answer.json()
    shown = {
        name: body[name] for name in ("name", "gender", "birthday", "registered_at", "home_store", "guide", "channel")
    }
    assert shown == {
        "name": "林晓",
        "gender": "female",
        "birthday": "1995-05-20",
        "registered_at": "2026-03-01T10:00:00+08:00",
        "home_store": "SH01",
        "guide": "guide1",
        "channel": "douyin",
    }
    assert body["city"] == {"name": "上海", "province": "上海", "tier": "first"}
    assert [one["value"] for one in body["identities"]] == ["V1", "138****8000"]
    assert Member.objects.get().name_key == "lin xiao"
    assert AuditEntry.objects.filter(action="members.create", object_id=str(body["id"])).count() == 1
    assert PHONE not in str(list(AuditEntry.objects.values_list("changes", "object_label")))


def test_identity_of_another_member_is_409_and_makes_nobody() -> None:
    with_phone(api.member())
    answer = api.client().post("/api/v1/members/", {"identities": [{"type": "phone", "value": PHONE}]})
    assert (answer.status_code, api.errors(answer)["code"], Member.objects.count()) == (409, "identity_taken", 1)


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("name", {"name": 5}),
        ("name", {"name": "x" * 101}),
        ("gender", {"gender": "unknown"}),
        ("gender", {"gender": []}),
        ("birthday", {"birthday": "20.05.1995"}),
        ("birthday", {"birthday": "2026-02-30"}),
        ("registered_at", {"registered_at": "2026-03-01"}),
        ("home_store", {"home_store": "NOWHERE"}),
        ("guide", {"guide": "nobody"}),
        ("city", {"city": "Atlantis"}),
        ("nickname", {"nickname": "Lin"}),
        ("identities.0.type", {"identities": [{"type": "passport", "value": "1"}]}),
        ("identities.0.value", {"identities": [{"type": "phone"}]}),
        ("phone", {"identities": [{"type": "phone", "value": "not a phone"}]}),
        ("identities", {"identities": {}}),
    ],
)
def test_bad_value_is_400_with_the_field(field: str, body: dict[str, Any]) -> None:
    answer = api.client().post("/api/v1/members/", body)
    assert (answer.status_code, list(api.errors(answer)["fields"])) == (400, [field])
    assert not Member.objects.exists()


def test_change_touches_only_what_is_sent() -> None:
    member = api.member(name="林晓", channel="douyin", home_store=api.store())
    answer = api.client().patch(f"/api/v1/members/{member.pk}/", {"name": "林晓晓"})
    assert answer.status_code == 200
    member.refresh_from_db()
    assert (member.name, member.channel, member.home_store_id is None) == ("林晓晓", "douyin", False)


def test_member_is_looked_up_in_the_body() -> None:
    member, client = with_phone(api.member()), api.client("members:read")
    answer = client.post("/api/v1/members/lookup/", {"type": "phone", "value": "0086 138 0013 8000"})
    assert (answer.status_code, answer.json()["id"]) == (200, member.pk)
    assert client.post("/api/v1/members/lookup/", {"type": "phone", "value": "13900139000"}).status_code == 404
    assert client.post("/api/v1/members/lookup/", {"type": "phone", "value": "home"}).status_code == 400


def test_identity_is_added() -> None:
    member = api.member("17850")
    answer = api.client().post(f"/api/v1/members/{member.pk}/identities/", {"type": "phone", "value": PHONE})
    assert answer.status_code == 201
    assert [one["value"] for one in answer.json()["identities"]] == ["17850", "138****8000"]


def test_list_comes_page_by_page_without_merged_ones() -> None:
    members = [api.member() for _place in range(7)]
    Member.objects.filter(pk=members[3].pk).update(merged_into=members[0])
    client, url, seen = api.client(), "/api/v1/members/?page_size=3", []
    while url:
        page = client.get(url).json()
        seen += [body["id"] for body in page["results"]]
        url = page["next"]
    assert seen == [member.pk for member in reversed(members) if member != members[3]]


def test_list_narrows_by_the_filters_of_members() -> None:
    here, there = api.store("SH01"), api.store("BJ01")
    one, two = api.member(home_store=here, gender="female"), api.member(home_store=there)
    client = api.client()

    def found(query: str) -> list[int]:
        return [body["id"] for body in client.get(f"/api/v1/members/?{query}").json()["results"]]

    assert found("store=SH01") == [one.pk]
    assert found("store=SH01&store=BJ01") == [two.pk, one.pk]
    assert found("gender=female") == [one.pk]
    assert found("registered_from=2026-02-01") == []


@pytest.mark.parametrize("query", ["stroe=SH01", "q=13800138000", "registered_from=soon", "birthday_month=13"])
def test_parameter_that_is_not_understood_is_400(query: str) -> None:
    answer = api.client().get(f"/api/v1/members/?{query}")
    assert (answer.status_code, list(api.errors(answer)["fields"])) == (400, [query.partition("=")[0]])


def test_every_filter_of_members_is_a_parameter_but_the_search() -> None:
    operation = api.described()["paths"]["/api/v1/members/"]["get"]
    named = {parameter["name"] for parameter in operation["parameters"]}
    wanted = {name for entry in member_filters for name in entry.names}
    assert wanted - named == {"q"}
    assert {FilterKind(entry.kind) for entry in member_filters} <= set(FilterKind)


def test_list_takes_as_many_queries_for_three_as_for_one() -> None:
    client, counts = api.client(), []
    client.get("/api/v1/tiers/")
    for number in (1, 2):
        for _place in range(number):
            with_phone(api.member(home_store=api.store()), f"1380013{8000 + Member.objects.count()}")
        with CaptureQueriesContext(connection) as queries:
            assert len(client.get("/api/v1/members/").json()["results"]) == Member.objects.count()
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8
    assert Identity.objects.filter(type="phone").count() == 3
