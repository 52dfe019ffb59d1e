"""Every address of the admin under every role: what the grants table says, never a fault, nobody in clear."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.utils import timezone

from accounts.enums import Role
from accounts.models import Store, User
from intake.services import receive_upload
from members.enums import IdentityType
from members.rules.identities import MASKS
from tests.brand import PHONE, found_brand, signed_in
from tests.scrm.pages_of_the_admin import covered, holds, names, pages

# Each request in a transaction of its own: one over hundreds of pages would hold back whoever waits for it to end.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

NEAR, FAR = "林晓1", "林晓2"
PLANTED = (PHONE, str(int(PHONE) + 1))
IN_A_FILE = "13700001111"


@pytest.fixture
def brand(settings: Any, tmp_path: Path) -> None:
    """Two members of everything, and a file with a phone number that waits for its columns to be named."""
    settings.MEDIA_ROOT = tmp_path
    found_brand(2)
    file = f"external_id,name,phone\nC9,周宁,{IN_A_FILE}\n".encode()
    by = User.objects.get(username="admin")
    receive_upload(kind="members", chunks=[file], file_name="members.csv", by=by, now=timezone.now())


def person(role: Role) -> User:
    """One of each role; who is held to stores or to her own members has the first one's."""
    if role == Role.GUIDE:
        return User.objects.get(username="guide1")
    if role == Role.ADMINISTRATOR:
        return User.objects.get(username="admin")
    made = User.objects.create(username=f"one-{role}", role=role, is_staff=role != Role.API_CLIENT)
    if role == Role.STORE_MANAGER:
        made.stores.add(Store.objects.get(code="store-1"))
    return made


@dataclass
class Walk:
    """What came of opening every address: answers other than the grants say, and what nobody of the role may read."""

    wrong: dict[str, tuple[int, list[int]]] = field(default_factory=dict)
    told: dict[str, list[str]] = field(default_factory=dict)


def walk(user: User) -> Walk:
    """Addresses that want a POST are posted to where the role is refused; a GET of them is never followed."""
    client, found, hidden = signed_in(user), Walk(), secrets_to(user)
    for page in pages():
        expected = page.expected(user)
        if page.posted and expected == page.refuses:
            status, body = read(client.post(page.address))
        else:
            status, body = read(client.get(page.address))
            expected = frozenset({405}) if page.posted and user.role != Role.API_CLIENT else expected
        if status not in expected:
            found.wrong[page.address] = (status, sorted(expected))
        if said := [secret for secret in hidden if secret in body]:
            found.told[page.address] = said
    return found


def read(response: Any) -> tuple[int, str]:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return response.status_code, body.decode()


def secrets_to(user: User) -> list[str]:
    """Phones are masked for everybody; the file's stands where its columns are named, for those who may import."""
    hidden = list(PLANTED)
    hidden += [] if holds(user.role, "members.view_member") else [NEAR, FAR]
    hidden += [FAR] if user.role in {Role.GUIDE, Role.STORE_MANAGER} else []
    return hidden + ([] if holds(user.role, "intake.add_importjob") else [IN_A_FILE])


def test_every_address_of_the_admin_is_looked_at(brand: None) -> None:
    assert names() - covered() == set()


@pytest.mark.parametrize("role", Role)
def test_role_is_answered_as_the_grants_say_and_reads_nobody_in_clear(brand: None, role: Role) -> None:
    found = walk(person(role))
    assert found.wrong == {}
    assert found.told == {}


def test_planted_page_that_lets_everybody_in_is_found(brand: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admin.site._registry[User], "has_view_permission", lambda *_args, **_options: True)
    assert walk(person(Role.LEGAL)).wrong["/admin/accounts/user/"] == (200, [403])


def test_planted_phone_in_clear_is_found(brand: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MASKS, IdentityType.PHONE, str)  # type: ignore[arg-type]
    assert [PHONE] in walk(person(Role.GUIDE)).told.values()
