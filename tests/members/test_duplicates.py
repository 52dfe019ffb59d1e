"""Likely duplicates: found, offered once, and remembered where they are two people."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.enums import Role
from accounts.models import Region, Store, User
from audit.models import AuditEntry
from members.enums import DuplicateSign
from members.errors import DecidedAlready
from members.models import City, DuplicatePair, Member
from members.selectors.duplicates import duplicates_of, pairs_for
from members.services import create_member, find_duplicates, merge_members, not_duplicates, note_claims
from tests.compliance.people import EVENING as NOW

pytestmark = pytest.mark.django_db
BORN = date(1990, 5, 1)


@pytest.fixture
def by() -> User:
    return User.objects.create(username="mei", role=Role.MARKETER)


def alike(number: int, name: str = "林晓") -> list[Member]:
    city, _new = City.objects.get_or_create(name="上海市")
    return [Member.objects.create(name=name, birthday=BORN, city=city) for _each in range(number)]


def claims(*lines: tuple[int, str, int | None]) -> int:
    """Lines of a delivery: (line, kind, whom that identifies)."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.said")
        cursor.execute("CREATE TEMP TABLE said (line bigint, type text, known_id bigint) ON COMMIT DROP")
        cursor.executemany("INSERT INTO said VALUES (%s, %s, %s)", lines)
    return note_claims(relation="said", now=NOW)


def pairs() -> set[tuple[int, int, tuple[str, ...], bool]]:
    return {(row.first_id, row.second_id, tuple(row.signs), row.is_strong) for row in DuplicatePair.objects.all()}


def test_same_name_birthday_and_city_are_a_weak_sign() -> None:
    one, other, third = alike(3)
    alike(1, "李雷")
    Member.objects.create(name="林晓", birthday=BORN)
    assert find_duplicates(now=NOW) == 3
    weak = ((DuplicateSign.PROFILE.value,), False)
    assert pairs() == {(one.pk, other.pk, *weak), (one.pk, third.pk, *weak), (other.pk, third.pk, *weak)}
    assert find_duplicates(now=NOW + timedelta(days=1)) == 0, "each is found once"


def test_name_that_everybody_has_is_no_sign() -> None:
    alike(6, "顾客")
    assert find_duplicates(now=NOW) == 0


def test_merged_records_are_not_found() -> None:
    one, other = alike(2)
    merge_members(keep=one, merge=other, by=None, reason="同一个人", now=NOW)
    assert find_duplicates(now=NOW) == 0


def test_row_that_names_two_members_is_a_strong_sign() -> None:
    one, other, third = alike(3, "")
    assert claims(
        (1, "external_id", other.pk), (1, "phone", one.pk), (1, "card", other.pk),
        (2, "external_id", one.pk), (2, "email", None),
        (3, "phone", one.pk), (3, "unionid", third.pk),
    ) == 2  # fmt: skip
    assert pairs() == {
        (one.pk, other.pk, ("card", "phone"), True),
        (one.pk, third.pk, ("phone", "unionid"), True),
    }
    assert claims((1, "external_id", one.pk), (1, "email", other.pk)) == 0
    assert (one.pk, other.pk, ("card", "email", "phone"), True) in pairs(), "what else speaks for it is added"


def test_weak_pair_becomes_strong_and_no_strong_one_weak() -> None:
    one, other = alike(2)
    find_duplicates(now=NOW)
    claims((1, "external_id", one.pk), (1, "phone", other.pk))
    find_duplicates(now=NOW)
    assert pairs() == {(one.pk, other.pk, ("phone", "profile"), True)}


def test_two_people_are_not_offered_again(by: User) -> None:
    one, other = alike(2)
    find_duplicates(now=NOW)
    pair = DuplicatePair.objects.get()
    assert not_duplicates(pairs=[pair], by=by, now=NOW) == 1
    find_duplicates(now=NOW)
    claims((1, "external_id", one.pk), (1, "phone", other.pk))
    assert list(pairs_for(by)) == []
    entry = AuditEntry.objects.get(action="members.not_duplicates")
    assert (entry.actor_id, entry.object_id, entry.changes) == (by.pk, str(one.pk), {"not": [None, other.pk]})
    with pytest.raises(DecidedAlready):
        not_duplicates(pairs=[pair], by=by, now=NOW)


def test_pairs_are_of_members_whom_one_may_see(by: User) -> None:
    region = Region.objects.create(code="e", name="East")
    stores = [Store.objects.create(region=region, code=code, name=code) for code in "AB"]
    manager = User.objects.create(username="manager", role=Role.STORE_MANAGER)
    manager.stores.add(stores[0])
    one, other = alike(2)
    find_duplicates(now=NOW)
    Member.objects.filter(pk=one.pk).update(home_store=stores[0])
    Member.objects.filter(pk=other.pk).update(home_store=stores[1])
    assert (pairs_for(by).count(), pairs_for(manager).count()) == (1, 0)
    Member.objects.filter(pk=other.pk).update(home_store=stores[0])
    assert (duplicates_of(one, manager), duplicates_of(other, manager)) == ([other.pk], [one.pk])


def test_pair_of_a_merged_record_is_not_open(by: User) -> None:
    one, other = alike(2)
    find_duplicates(now=NOW)
    merge_members(keep=other, merge=one, by=by, reason="同一个人", now=NOW)
    assert not pairs_for(by).exists()


def test_looking_through_all_members_is_one_statement() -> None:
    alike(3)
    create_member(by=None, now=NOW, name="王芳")
    with CaptureQueriesContext(connection) as queries:
        find_duplicates(now=NOW)
    assert len([each for each in queries if "members_member" in each["sql"]]) == 1
