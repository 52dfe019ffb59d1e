"""Stores, keys and notices in the admin: what is done is recorded, a secret is shown once."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from accounts.models import ApiKey, InAppNotice, Region, Store, User
from accounts.services import send_notice
from audit.models import AuditEntry
from tests.brand import administrator, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    return signed_in(administrator(), "en")


def acts() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))


def test_store_is_made_and_changed_and_both_are_recorded(client: Client) -> None:
    region = Region.objects.create(code="east", name="East")
    form = {"name": "Lake", "code": "S1", "region": region.pk, "city": "", "is_open": "on"}
    assert client.post(reverse("admin:accounts_store_add"), form).status_code == 302
    store = Store.objects.get(code="S1")
    address = reverse("admin:accounts_store_change", args=(store.pk,))
    assert client.post(address, {**form, "name": "River"}).status_code == 302
    assert acts() == ["accounts.store.create", "accounts.store.change"]
    assert AuditEntry.objects.latest("pk").changes == {"name": ["Lake", "River"]}
    history = client.get(reverse("admin:accounts_store_history", args=(store.pk,)), follow=True)
    assert history.status_code == 200
    assert [entry.action for entry in history.context["cl"].result_list] == acts()[::-1]


def test_program_needs_no_password_and_a_person_does(client: Client) -> None:
    """The page of a new key leads to the form, with the role chosen."""
    address = reverse("admin:accounts_user_add") + "?role=api_client"
    assert address in client.get(reverse("admin:accounts_key_new")).content.decode()
    form = {
        "username": "till",
        "display_name": "",
        "role": "api_client",
        "region": "",
        "password1": "",
        "password2": "",
    }
    assert client.post(address, form).status_code == 302
    program = User.objects.get(username="till")
    assert (program.role, program.has_usable_password()) == (Role.API_CLIENT, False)
    answer = client.post(address, {**form, "username": "lin", "role": "guide"})
    assert "password1" in answer.context["adminform"].form.errors
    assert not User.objects.filter(username="lin").exists()


def test_key_is_shown_once_and_revoked(client: Client) -> None:
    program = User.objects.create(username="till", role=Role.API_CLIENT)
    new = {"user": program.pk, "name": "till", "scopes": ["members:read"], "expires_at": ""}
    page = client.post(reverse("admin:accounts_key_new"), new)
    secret = page.context["secret"]
    assert secret in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert secret not in client.get(reverse("admin:accounts_apikey_changelist")).content.decode()
    key = ApiKey.objects.get()
    assert client.post(reverse("admin:accounts_key_revoke", args=(key.pk,))).status_code == 302
    key.refresh_from_db()
    assert key.revoked_at is not None
    assert len(acts()) == 2


def test_key_without_a_scope_is_not_made(client: Client) -> None:
    program = User.objects.create(username="till", role=Role.API_CLIENT)
    page = client.post(reverse("admin:accounts_key_new"), {"user": program.pk, "name": "till"})
    assert page.context["form"].errors["scopes"] == ["Choose at least one scope."]
    assert not ApiKey.objects.exists()


def test_notice_is_read_when_it_is_opened_and_leads_nowhere_outside(client: Client) -> None:
    admin, other = User.objects.get(username="admin"), User.objects.create(username="other")
    for number, url in enumerate(("/admin/tiers/", "https://example.com/")):
        send_notice(to=[admin, other], key=f"n{number}", title="t", url=url, now=timezone.now())
    inside, outside = InAppNotice.objects.filter(recipient=admin).order_by("pk")
    assert client.post(reverse("admin:accounts_notice_open", args=(inside.pk,)))["Location"] == "/admin/tiers/"
    assert "example.com" not in client.post(reverse("admin:accounts_notice_open", args=(outside.pk,)))["Location"]
    assert not InAppNotice.objects.filter(recipient=admin, read_at=None).exists()
    theirs = InAppNotice.objects.filter(recipient=other).earliest("pk")
    assert client.post(reverse("admin:accounts_notice_open", args=(theirs.pk,))).status_code == 404
    assert InAppNotice.objects.filter(recipient=other, read_at=None).count() == 2
