"""What a key tells of itself."""

import pytest

from tests import api

pytestmark = [pytest.mark.django_db]


def test_key_tells_what_it_opens() -> None:
    user = api.program(stores=[api.store("SH01"), api.store("BJ01")])
    body = api.client("accounts:read", "tiers:read", user=user).get("/api/v1/key/").json()
    assert (body["name"], body["scopes"], body["stores"]) == ("till", ["accounts:read", "tiers:read"], ["BJ01", "SH01"])
    assert "key_hash" not in body


def test_key_without_bounds_has_no_stores() -> None:
    assert api.client().get("/api/v1/key/").json()["stores"] is None


def test_stores_are_those_of_the_key() -> None:
    here = api.store("SH01")
    api.store("BJ01")
    assert [one["code"] for one in api.client(stores=[here]).get("/api/v1/stores/").json()["results"]] == ["SH01"]
    assert [one["code"] for one in api.client().get("/api/v1/stores/").json()["results"]] == ["BJ01", "SH01"]
