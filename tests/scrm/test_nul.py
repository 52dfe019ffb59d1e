"""The character NUL, wherever it is sent, is the sender's fault and never ours."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.brand import administrator, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> User:
    return administrator()


@pytest.fixture
def client(admin: User) -> Client:
    return signed_in(admin)


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("admin:members_member_changelist", "q=a%00"),
        ("admin:members_member_changelist", "city=a%00"),
        ("admin:members_city_changelist", "q=a%00"),
        ("admin:members_city_changelist", "tier__exact=%00"),
        ("admin:audit_auditentry_changelist", "object_id=%00"),
        ("admin:accounts_user_changelist", "q=%00"),
        ("admin:timeline_product_changelist", "q=%00"),
        ("admin:autocomplete", "app_label=members&model_name=member&field_name=city&term=%00"),
    ],
)
def test_nul_in_an_address_is_refused(client: Client, name: str, query: str) -> None:
    assert client.get(f"{reverse(name)}?{query}").status_code == 400


def test_nul_in_a_path_is_refused(client: Client) -> None:
    assert client.get("/admin/members/city/%00/change/").status_code == 400


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("segments:tag_add", {"name": "a\x00", "new_group": "b"}),
        ("segments:tag_add", {"name": "a", "new_group": "b\x00"}),
        ("admin:members_view_add", {"name": "a\x00", "query": "gender=female"}),
        ("admin:members_member_changelist", {"q": "a\x00"}),
        ("admin:members_city_add", {"name": "a\x00"}),
        ("admin:login", {"username": "a\x00", "password": "b"}),
    ],
)
def test_nul_in_a_form_is_no_fault_of_ours(client: Client, name: str, data: dict[str, str]) -> None:
    assert client.post(reverse(name), data, follow=True).status_code in {200, 400, 422}


def test_the_api_says_it_in_its_own_form(client: Client) -> None:
    answer = client.get("/api/v1/tags/?name=%00")
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "invalid"
