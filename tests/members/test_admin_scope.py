"""What a form of the admin may do to whom a person sees."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.enums import Role
from accounts.models import Region, Store, User
from members.models import Member

pytestmark = pytest.mark.django_db
FORM = {"gender": "", "birthday": "", "city": "", "registered_at_0": "", "registered_at_1": "", "channel": ""}


@pytest.fixture
def stores() -> list[Store]:
    region = Region.objects.create(code="east", name="华东")
    return [Store.objects.create(code=code, name=code, region=region) for code in ("hers", "other")]


def person(role: Role, *stores: Store) -> User:
    made = User.objects.create(username=str(role), role=role, is_staff=True)
    made.stores.set(stores)
    return made


def send(user: User, address: str, **values: Any) -> int:
    browser = Client()
    browser.force_login(user)
    return browser.post(address, {**FORM, "home_store": "", "guide": "", **values}).status_code


def test_a_guide_adds_members_of_her_own_only(stores: list[Store]) -> None:
    guide, other = person(Role.GUIDE, stores[0]), person(Role.ADMINISTRATOR)
    add = reverse("admin:members_member_add")
    assert send(guide, add, name="a", home_store=stores[0].pk, guide=other.pk) == 200
    assert send(guide, add, name="a", home_store=stores[1].pk, guide=guide.pk) == 200
    assert send(guide, add, name="a", home_store=stores[0].pk) == 200
    assert not Member.objects.exists()
    assert send(guide, add, name="a", home_store=stores[0].pk, guide=guide.pk) == 302
    assert Member.objects.get().guide == guide


def test_a_manager_moves_nobody_to_a_store_that_is_not_hers(stores: list[Store]) -> None:
    manager = person(Role.STORE_MANAGER, stores[0])
    member = Member.objects.create(name="a", home_store=stores[0])
    edit = reverse("admin:members_member_edit", args=(member.pk,))
    assert send(manager, edit, name="b", home_store=stores[1].pk) == 200
    assert send(manager, edit, name="b") == 200
    member.refresh_from_db()
    assert (member.name, member.home_store) == ("a", stores[0])
    assert send(manager, edit, name="b", home_store=stores[0].pk) == 302


def test_what_a_member_has_already_stays_possible(stores: list[Store]) -> None:
    guide, keeper = person(Role.GUIDE, stores[0]), person(Role.MARKETER)
    member = Member.objects.create(name="a", home_store=stores[1], guide=guide)
    edit = reverse("admin:members_member_edit", args=(member.pk,))
    assert send(guide, edit, name="b", home_store=stores[1].pk, guide=guide.pk) == 302
    assert send(keeper, edit, name="c", home_store=stores[0].pk) == 302
    member.refresh_from_db()
    assert (member.name, member.home_store, member.guide) == ("c", stores[0], None)
