"""Keys of programs that are held to networks, and the page that changes them."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import LazySettings
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.errors import NotANetwork
from accounts.models import ApiKey
from accounts.services import create_api_key
from accounts.services.api_keys import parse_networks
from audit.models import AuditEntry
from tests import api
from tests.brand import administrator, signed_in

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def status_from(address: str, *networks: str, **headers: str) -> int:
    _key, secret = create_api_key(
        user=api.program(), name="till", scopes=["tiers:read"], by=None, now=NOW, networks=networks
    )
    client = APIClient(headers={"Authorization": f"Bearer {secret}", **headers})
    return int(client.get("/api/v1/tiers/", REMOTE_ADDR=address).status_code)


@pytest.mark.parametrize(
    ("address", "networks", "expected"),
    [
        ("198.51.100.7", (), 200),
        ("198.51.100.7", ("198.51.100.7",), 200),
        ("198.51.100.7", ("203.0.113.0/24", "198.51.100.0/24"), 200),
        ("198.51.100.7", ("203.0.113.0/24",), 401),
        ("198.51.100.7", ("2001:db8::/32",), 401),
        ("2001:db8::1", ("2001:db8::/32",), 200),
        ("::ffff:198.51.100.7", ("198.51.100.0/24",), 200),
    ],
)
def test_a_key_works_from_its_networks_only(address: str, networks: tuple[str, ...], expected: int) -> None:
    assert status_from(address, *networks) == expected


def test_a_forged_header_does_not_move_the_caller(settings: LazySettings) -> None:
    forged = {"X-Forwarded-For": "203.0.113.5"}
    assert status_from("198.51.100.7", "203.0.113.0/24", **forged) == 401
    settings.SCRM_TRUSTED_PROXIES = ["198.51.100.7"]
    assert status_from("198.51.100.7", "203.0.113.0/24", **forged) == 200


def test_networks_are_written_in_one_form() -> None:
    assert parse_networks([" 203.0.113.7 ", "203.0.113.0/24", "", "203.0.113.7/32", "2001:DB8::/32"]) == [
        "203.0.113.7/32",
        "203.0.113.0/24",
        "2001:db8::/32",
    ]


@pytest.mark.parametrize("text", ["nowhere", "203.0.113.7/24", "203.0.113.0/33", "1.2.3", "203.0.113.7-9", "*"])
def test_what_is_no_network_is_refused(text: str) -> None:
    with pytest.raises(NotANetwork):
        parse_networks([text])


def change(key: ApiKey, **values: Any) -> Any:
    client = signed_in(administrator(), "en")
    page = reverse("admin:accounts_key_edit", args=(key.pk,))
    assert client.get(page).status_code == 200
    return client.post(page, {"name": "till", "scopes": ["tiers:read"], "expires_at": "", "networks": "", **values})


def test_the_page_changes_everything_but_the_secret() -> None:
    key, _secret = api.key_of(api.program())
    before = (key.key_hash, key.user_id)
    answer = change(key, name="shop", networks="203.0.113.0/24\n198.51.100.7", expires_at="2027-01-31")
    assert answer.status_code == 302
    key.refresh_from_db()
    assert (key.name, key.scopes, key.networks) == ("shop", ["tiers:read"], ["203.0.113.0/24", "198.51.100.7/32"])
    assert key.expires_at is not None
    assert (key.key_hash, key.user_id) == before
    row = AuditEntry.objects.get(action="accounts.change_api_key")
    assert set(row.changes) == {"expires_at", "name", "networks", "scopes"}


def test_the_page_shows_what_is_wrong() -> None:
    key, _secret = api.key_of(api.program())
    answer = change(key, networks="203.0.113.7/24")
    assert answer.status_code == 200
    assert "203.0.113.7/24" in answer.content.decode()
    key.refresh_from_db()
    assert key.networks == []


def test_a_revoked_key_is_not_changed() -> None:
    key, _secret = api.key_of(api.program())
    ApiKey.objects.filter(pk=key.pk).update(revoked_at=NOW)
    client = signed_in(administrator())
    assert client.get(reverse("admin:accounts_key_edit", args=(key.pk,))).status_code == 404
