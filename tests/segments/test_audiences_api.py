"""Audiences over the API: made, changed, counted, listed, within what the key sees."""

from typing import Any

import pytest

from members.models import Member
from segments.models import Audience
from tests import api

pytestmark = pytest.mark.django_db
URL = "/api/v1/audiences/"
RULE = {"all": [{"filter": {"gender": ["female"]}}]}


def test_an_audience_is_made_read_and_changed() -> None:
    client = api.client()
    made = client.post(URL, {"name": "老客", "rule": RULE})
    assert (made.status_code, made.json()["rule"], made.json()["sentence"]) == (201, RULE, "gender: Female")
    one = f"{URL}{made.json()['id']}/"
    assert client.get(one).json()["name"] == "老客"
    changed = client.patch(one, {"name": "新客", "version": 1})
    assert (changed.status_code, changed.json()["name"], changed.json()["version"]) == (200, "新客", 2)
    assert client.patch(one, {"name": "C", "version": 1}).status_code == 409
    assert [each["name"] for each in client.get(f"{URL}?state=active").json()["results"]] == ["新客"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "A"}, "rule"),
        ({"name": "A", "rule": []}, "rule"),
        ({"name": "A", "rule": {"all": []}}, "rule.all"),
        ({"name": "A", "rule": {"all": [{"filter": {"q": ["x"]}}]}}, "rule.all.0.filter"),
        ({"name": "", "rule": RULE}, "name"),
        ({"name": "A" * 10_000, "rule": RULE}, "name"),
        ({"name": "A", "rule": RULE, "other": 1}, "other"),
    ],
)
def test_what_cannot_be_kept_is_said(body: Any, field: str) -> None:
    answer = api.client().post(URL, body)
    assert answer.status_code == 400
    assert field in answer.json()["error"]["fields"]
    assert not Audience.objects.exists()


def test_the_same_key_makes_one_audience() -> None:
    client = api.client()
    answers = [client.post(URL, {"name": "A", "rule": RULE}, headers={"Idempotency-Key": "k"}) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert Audience.objects.count() == 1


def test_members_and_counts_are_those_that_the_key_sees() -> None:
    store = api.store()
    hers = api.member(home_store=store, gender="female")
    other = api.member(gender="female")
    api.member(gender="male")
    audience = Audience.objects.create(name="A", rule=RULE, size=2)
    for client, expected in ((api.client(), [other, hers]), (api.client(stores=[store]), [hers])):
        listed = client.get(f"{URL}{audience.pk}/members/").json()["results"]
        assert [each["member_id"] for each in listed] == [member.pk for member in expected]
        counted = client.post(f"{URL}estimate/", {"rule": RULE}).json()
        assert (counted["size"], sorted(counted["sample"])) == (len(expected), sorted(one.pk for one in expected))
        size = client.get(f"{URL}{audience.pk}/").json()["size"]
        assert size == (2 if len(expected) == 2 else None)  # everybody


def test_members_come_by_pages() -> None:
    rows = Member.objects.bulk_create(Member(gender="female") for _member in range(3))
    audience = Audience.objects.create(name="A", rule=RULE)
    client = api.client()
    first = client.get(f"{URL}{audience.pk}/members/?page_size=2").json()
    rest = client.get(first["next"]).json()
    found = [each["member_id"] for each in (*first["results"], *rest["results"])]
    assert found == sorted((row.pk for row in rows), reverse=True)


@pytest.mark.parametrize("scope", ["audiences:read", "audiences:write"])
def test_a_scope_opens_its_half(scope: str) -> None:
    client = api.client(scope)
    assert client.get(URL).status_code == (200 if scope.endswith("read") else 403)
    assert client.post(URL, {"name": "A", "rule": RULE}).status_code == (201 if scope.endswith("write") else 403)
    assert client.post(f"{URL}estimate/", {"rule": RULE}).status_code == (200 if scope.endswith("read") else 403)
