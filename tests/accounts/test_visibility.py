"""Whom each of a small cast may see: a guide, her store manager, a regional manager, outsiders, programs."""

from dataclasses import dataclass

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts.enums import Role
from accounts.models import Region, Store, User
from members.models import Member

pytestmark = pytest.mark.django_db


@dataclass
class Cast:
    """Two regions; the west lake and river stores in the east, the harbour store in the south."""

    members: dict[str, Member]
    stores: dict[str, Store]
    regions: dict[str, Region]
    guide: User

    def seen_by(self, user: "User | AnonymousUser") -> set[str]:
        rows = list(Member.objects.visible_to(user).values_list("pk", flat=True))
        assert len(rows) == len(set(rows))
        return {code for code, member in self.members.items() if member.pk in rows}


EVERYBODY = {"lake_own", "lake", "river", "harbour", "homeless"}


def person(role: Role, *stores: Store, region: Region | None = None, **values: bool) -> User:
    user = User.objects.create(username=f"u{User.objects.count()}", role=role, region=region, **values)
    user.stores.set(stores)
    return user


@pytest.fixture
def cast() -> Cast:
    regions = {code: Region.objects.create(code=code, name=code) for code in ("east", "south")}
    places = {"lake": "east", "river": "east", "harbour": "south"}
    stores = {
        code: Store.objects.create(code=code, name=code, region=regions[region]) for code, region in places.items()
    }
    guide = person(Role.GUIDE, stores["lake"])
    members = {code: Member.objects.create(name=code, home_store=store) for code, store in stores.items()}
    members["lake_own"] = Member.objects.create(name="lake_own", home_store=stores["lake"], guide=guide)
    members["homeless"] = Member.objects.create(name="homeless")
    return Cast(members, stores, regions, guide)


def test_a_guide_sees_her_own_members(cast: Cast) -> None:
    assert cast.seen_by(cast.guide) == {"lake_own"}
    assert cast.seen_by(person(Role.GUIDE, cast.stores["lake"])) == set()


def test_a_store_manager_sees_her_stores(cast: Cast) -> None:
    assert cast.seen_by(person(Role.STORE_MANAGER, cast.stores["lake"])) == {"lake", "lake_own"}
    assert cast.seen_by(person(Role.STORE_MANAGER, cast.stores["lake"], cast.stores["harbour"])) == {
        "lake",
        "lake_own",
        "harbour",
    }


def test_a_manager_of_another_store_sees_none_of_them(cast: Cast) -> None:
    assert cast.seen_by(person(Role.STORE_MANAGER, cast.stores["harbour"])) == {"harbour"}


def test_a_regional_manager_sees_the_stores_of_the_region(cast: Cast) -> None:
    assert cast.seen_by(person(Role.STORE_MANAGER, region=cast.regions["east"])) == {"lake", "lake_own", "river"}


def test_a_regional_manager_who_has_a_store_of_it_sees_each_member_once(cast: Cast) -> None:
    manager = person(Role.STORE_MANAGER, cast.stores["lake"], cast.stores["river"], region=cast.regions["east"])
    assert cast.seen_by(manager) == {"lake", "lake_own", "river"}


def test_a_store_manager_without_store_and_region_sees_nobody(cast: Cast) -> None:
    assert cast.seen_by(person(Role.STORE_MANAGER)) == set()


@pytest.mark.parametrize(
    "role", [Role.ADMINISTRATOR, Role.MARKETER, Role.JUNIOR_SERVICE, Role.EXPERT, Role.AUDITOR, Role.ANALYST]
)
def test_roles_of_the_whole_brand_see_everybody(cast: Cast, role: Role) -> None:
    assert cast.seen_by(person(role)) == EVERYBODY
    assert cast.seen_by(person(role, cast.stores["lake"])) == EVERYBODY


def test_a_legal_reviewer_sees_nobody(cast: Cast) -> None:
    assert cast.seen_by(person(Role.LEGAL)) == set()


def test_a_program_sees_everybody_unless_it_is_held_to_stores(cast: Cast) -> None:
    assert cast.seen_by(person(Role.API_CLIENT)) == EVERYBODY
    assert cast.seen_by(person(Role.API_CLIENT, cast.stores["river"])) == {"river"}
    assert cast.seen_by(person(Role.API_CLIENT, region=cast.regions["south"])) == {"harbour"}


@pytest.mark.parametrize("role", Role)
def test_whoever_is_not_active_sees_nobody(cast: Cast, role: Role) -> None:
    assert cast.seen_by(person(role, is_active=False)) == set()
    assert cast.seen_by(person(role, is_active=False, is_superuser=True)) == set()


def test_a_superuser_sees_everybody(cast: Cast) -> None:
    assert cast.seen_by(person(Role.GUIDE, is_superuser=True)) == EVERYBODY


def test_an_unknown_role_sees_nobody(cast: Cast) -> None:
    user = person(Role.MARKETER)
    user.role = "invented"
    assert cast.seen_by(user) == set()


def test_who_is_not_signed_in_sees_nobody(cast: Cast) -> None:
    assert cast.seen_by(AnonymousUser()) == set()
    assert cast.seen_by(User(username="unsaved", role=Role.MARKETER)) == set()


def test_visible_to_survives_further_filters(cast: Cast) -> None:
    """The planted violation: `|` of two scopes must not widen either."""
    manager = person(Role.STORE_MANAGER, cast.stores["lake"])
    assert Member.objects.visible_to(manager).filter(name="harbour").count() == 0
    assert Member.objects.visible_to(manager).exclude(name="lake").get() == cast.members["lake_own"]
