"""Staff, API keys and notices."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from accounts.errors import LastAdministrator, OwnRoleFixed, StaffNotSaved
from accounts.models import ApiKey, InAppNotice, Region, Store, User
from accounts.services import (
    change_staff,
    create_api_key,
    create_staff,
    find_api_key,
    mark_read,
    revoke_api_key,
    send_notice,
)
from audit.models import AuditEntry
from core.registries import permissions_of
from tests.brand import administrator

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def staff(username: str = "mei", role: Role = Role.MARKETER, **values: Any) -> User:
    return create_staff(username=username, role=role, by=None, now=NOW, **values)


@pytest.fixture
def store() -> Store:
    return Store.objects.create(code="lake", name="西湖店", region=Region.objects.create(code="east", name="华东"))


def test_create_staff_stores_role_and_scope_with_a_record(store: Store) -> None:
    manager = staff("wang", Role.STORE_MANAGER, password="long-enough-1", stores=[store])
    assert manager.check_password("long-enough-1")
    assert (manager.is_staff, list(manager.stores.all())) == (True, [store])
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.object_id) == ("accounts.create_staff", str(manager.pk))
    assert entry.changes["stores"] == [None, ["lake"]]
    assert "long-enough-1" not in str(entry.changes)


def test_a_program_cannot_sign_in() -> None:
    program = staff("shop", Role.API_CLIENT, password="long-enough-1")
    assert (program.is_staff, program.has_usable_password()) == (False, False)


@pytest.mark.parametrize("wrong", [{"username": "a b"}, {"role": "invented"}, {"display_name": "x" * 81}])
def test_create_staff_says_what_is_wrong(wrong: dict[str, Any]) -> None:
    with pytest.raises(StaffNotSaved) as caught:
        staff(**wrong)
    assert set(caught.value.fields) == set(wrong)
    assert not User.objects.exists()


def test_create_staff_refuses_a_name_that_is_taken() -> None:
    staff()
    with pytest.raises(StaffNotSaved) as caught:
        staff()
    assert set(caught.value.fields) == {"username"}


def test_change_staff_records_old_and_new(store: Store) -> None:
    boss, person = staff("boss", Role.ADMINISTRATOR), staff()
    change_staff(person=person, by=boss, now=NOW, role=Role.STORE_MANAGER, stores=[store], reason="moved")
    person.refresh_from_db()
    assert (person.role, person.reach) == ("store_manager", "stores")
    entry = AuditEntry.objects.get(action="accounts.change_staff")
    assert (entry.actor_id, entry.reason) == (boss.pk, "moved")
    assert entry.changes == {"role": ["marketer", "store_manager"], "stores": [[], ["lake"]]}


def test_change_staff_to_the_same_leaves_no_record() -> None:
    person = staff()
    change_staff(person=person, by=None, now=NOW, role=Role.MARKETER)
    assert not AuditEntry.objects.filter(action="accounts.change_staff").exists()


@pytest.mark.parametrize("change", [{"role": Role.MARKETER}, {"is_active": False}, {"stores": ["store"]}])
def test_nobody_changes_her_own_rights(store: Store, change: dict[str, Any]) -> None:
    boss = staff("boss", Role.ADMINISTRATOR)
    staff("other", Role.ADMINISTRATOR)
    values: dict[str, Any] = {name: [store] if name == "stores" else value for name, value in change.items()}
    with pytest.raises(OwnRoleFixed):
        change_staff(person=boss, by=boss, now=NOW, **values)
    boss.refresh_from_db()
    assert (boss.role, boss.is_active, boss.stores.count()) == ("administrator", True, 0)


def test_one_may_change_ones_own_name() -> None:
    boss = staff("boss", Role.ADMINISTRATOR)
    assert change_staff(person=boss, by=boss, now=NOW, display_name="陈").display_name == "陈"


@pytest.mark.parametrize("change", [{"role": Role.MARKETER}, {"is_active": False}])
def test_the_last_administrator_stays(change: dict[str, Any]) -> None:
    boss = staff("boss", Role.ADMINISTRATOR)
    staff("former", Role.ADMINISTRATOR)
    User.objects.filter(username="former").update(is_active=False)
    with pytest.raises(LastAdministrator):
        change_staff(person=boss, by=None, now=NOW, **change)


def test_a_role_gives_what_its_apps_granted() -> None:
    guide, analyst = staff("chen", Role.GUIDE), staff("li", Role.ANALYST)
    assert guide.has_perm("members.view_identity")
    assert not guide.has_perm("members.delete_identity")
    assert not guide.has_perm("accounts.view_user")
    assert analyst.has_perm("timeline.view_purchase")
    assert not analyst.has_perm("members.view_identity")
    assert permissions_of("legal") & {"members.view_member", "timeline.view_purchase"} == frozenset()


def test_whoever_is_not_active_may_nothing() -> None:
    boss = staff("boss", Role.ADMINISTRATOR)
    boss.is_active = False
    assert not boss.has_perm("members.view_member")
    assert not boss.has_module_perms("members")


def key_of(user: User, **values: Any) -> tuple[ApiKey, str]:
    return create_api_key(user=user, name="shop", scopes=["members:read"], by=None, now=NOW, **values)


def test_an_api_key_is_found_by_its_secret_which_is_stored_nowhere() -> None:
    key, secret = key_of(staff("shop", Role.API_CLIENT))
    found = find_api_key(secret=secret, now=NOW)
    assert found == key
    assert (found.user.username, found.scopes) == ("shop", ["members:read"])
    assert secret not in str(list(ApiKey.objects.values()) + list(AuditEntry.objects.values()))
    assert len(secret) >= 43


@pytest.mark.parametrize("wrong", ["", "scrm", "scrm_", "scrm_x_y", "scrm__", "\x00", "é" * 50])
def test_another_secret_finds_nothing(wrong: str) -> None:
    _key, secret = key_of(staff("shop", Role.API_CLIENT))
    assert find_api_key(secret=secret[:-1] + ("a" if secret[-1] != "a" else "b"), now=NOW) is None
    if wrong != "\x00":
        assert find_api_key(secret=wrong, now=NOW) is None


def test_an_expired_a_revoked_and_a_dismissed_programs_key_open_nothing() -> None:
    user = staff("shop", Role.API_CLIENT)
    _key, short = key_of(user, expires_at=NOW + timedelta(days=1))
    assert find_api_key(secret=short, now=NOW + timedelta(hours=23)) is not None
    assert find_api_key(secret=short, now=NOW + timedelta(days=1)) is None
    key, secret = key_of(user)
    assert revoke_api_key(key=key, by=None, now=NOW) is True
    assert revoke_api_key(key=key, by=None, now=NOW) is False
    assert find_api_key(secret=secret, now=NOW) is None
    _key, secret = key_of(user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert find_api_key(secret=secret, now=NOW) is None


def test_a_notice_arrives_once() -> None:
    people = [staff("a"), staff("b")]
    people[1].is_active = False
    values: dict[str, Any] = {"to": people, "key": "import:1", "title": "Done", "now": NOW}
    assert send_notice(**values) == 1
    assert send_notice(**values) == 0
    assert send_notice(**{**values, "key": "import:2"}) == 1
    notice = InAppNotice.objects.get(key="import:1")
    assert (notice.recipient, notice.created_at, notice.read_at) == (people[0], NOW, None)


def test_a_notice_is_read_once() -> None:
    send_notice(to=[staff()], key="k", title="t", now=NOW)
    assert mark_read(InAppNotice.objects.all(), now=NOW) == 1
    assert mark_read(InAppNotice.objects.all(), now=NOW + timedelta(days=1)) == 0
    assert InAppNotice.objects.get().read_at == NOW


def test_the_record_does_not_say_what_a_person_is_called() -> None:
    person = staff(display_name="王小明")
    change_staff(person=person, by=None, now=NOW, display_name="王大明")
    said = [entry.changes["display_name"] for entry in AuditEntry.objects.order_by("id")]
    assert "王" not in str(said)
    assert [bool(pair[1]) for pair in said] == [True, True]


def test_a_password_given_in_the_admin_is_recorded_without_it(admin_client: Client, admin_user: User) -> None:
    person = staff("wang")
    answer = admin_client.post(
        reverse("admin:auth_user_password_change", args=(person.pk,)),
        {"password1": "long-enough-1", "password2": "long-enough-1", "usable_password": "true"},
    )
    assert answer.status_code == 302
    person.refresh_from_db()
    assert person.check_password("long-enough-1")
    entry = AuditEntry.objects.get(action="accounts.set_password")
    assert (entry.actor_id, entry.object_id, entry.changes) == (admin_user.pk, str(person.pk), {})


def test_a_password_that_is_refused_leaves_no_record(admin_client: Client) -> None:
    person = staff("wang")
    answer = admin_client.post(
        reverse("admin:auth_user_password_change", args=(person.pk,)),
        {"password1": "long-enough-1", "password2": "other-enough-1", "usable_password": "true"},
    )
    assert answer.status_code == 200
    assert not AuditEntry.objects.filter(action="accounts.set_password").exists()


def test_list_tells_the_last_sign_in_as_other_lists_do(client: Client) -> None:
    admin = administrator()
    client.force_login(admin)
    User.objects.create_user("never", role=Role.GUIDE, is_staff=True)
    User.objects.filter(pk=admin.pk).update(last_login=timezone.now())
    page = client.get(reverse("admin:accounts_user_changelist"), headers={"accept-language": "en"}).content.decode()
    assert re.search(r'field-last_seen[^>]*>\s*<time datetime="[^"]+" title="[^"]+">just now</time>', page)
    assert re.search(r"field-last_seen[^>]*>\s*—", page)
