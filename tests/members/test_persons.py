"""Whose record it is: asked in one place, of any record of a person."""

import re

import pytest
from django.conf import settings
from django.db import connection

from members.models import Identity, Member, owner_number
from members.rules.persons import of_absorbed, owned, owner_at_hand, owner_of, records_of
from members.selectors.persons import of_person, owners_of, records_behind, records_of_owners, records_of_person

#: Files that still spell it out by hand. Take out what no longer does; put nothing in.
BY_HAND = {
    "compliance/selectors/gate.py",  # a relation of its own, whose columns are not a member's
    "compliance/services/turns.py",  # a lock's number and no row: in the order of the numbers, by one statement
}
RESOLVED = re.compile(r"coalesce\((\w+\.)?merged_into_id,|Coalesce\(\"(\w+__)?merged_into(_id)?\"|merged_into_id or ")


def people() -> tuple[Member, Member, Member, Member]:
    """One with two records that were merged into hers, and another."""
    owner, other = Member.objects.create(name="甲"), Member.objects.create(name="乙")
    first, second = (Member.objects.create(name="甲", merged_into=owner) for _each in range(2))
    return owner, first, second, other


def test_nobody_new_spells_it_out_by_hand() -> None:
    apps = [app for app in settings.BASE_DIR.iterdir() if (app / "apps.py").exists() and app.name != "members"]
    found = {
        str(path.relative_to(settings.BASE_DIR))
        for app in apps
        for path in app.rglob("*.py")
        if app.name != "scrm" and "migrations" not in path.parts and RESOLVED.search(path.read_text(encoding="utf-8"))
    }
    assert found == BY_HAND


@pytest.mark.django_db
def test_every_record_leads_to_the_person() -> None:
    owner, first, second, other = people()
    hers = [owner.pk, first.pk, second.pk]
    for each in (owner, first, second):
        assert records_of_person(each.pk) == hers
        assert each.owner_id == owner.pk
    assert records_of_person(other.pk) == [other.pk]
    assert records_of_person(4711) == [4711], "of nobody there is this number alone"
    assert owners_of([first.pk, other.pk]) == {first.pk: owner.pk, other.pk: other.pk}
    assert records_of_owners([owner.pk]) == dict.fromkeys(hers, owner.pk)
    assert set(records_behind(Member.objects.filter(pk=owner.pk)).values_list("pk", flat=True)) == set(hers)
    for each in (owner, first, other):
        Identity.objects.create(member=each, type="external_id", lookup=f"M{each.pk}", source="test")
    assert dict(Member.objects.values_list("pk", owner_number())) == {
        **dict.fromkeys(hers, owner.pk),
        other.pk: other.pk,
    }
    told = Identity.objects.values_list("member", owner_number("member"))
    assert dict(told) == {owner.pk: owner.pk, first.pk: owner.pk, other.pk: other.pk}
    found = Identity.objects.filter(of_person(owner.pk)).order_by("pk").values_list("member", flat=True)
    assert list(found) == [owner.pk, first.pk]


@pytest.mark.django_db
def test_sql_says_the_same() -> None:
    owner, first, second, other = people()
    whose = {owner.pk: owner.pk, first.pk: owner.pk, second.pk: owner.pk, other.pk: other.pk}
    rows = "SELECT id AS member_id FROM members_member"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT row.member_id, {owner_of('row')} FROM ({rows}) AS row {of_absorbed('row')}")
        assert dict(cursor.fetchall()) == whose
        cursor.execute(f"SELECT id, {owner_at_hand('hers')} FROM members_member AS hers")
        assert dict(cursor.fetchall()) == whose
        cursor.execute(f"SELECT member_id, owner FROM ({owned(rows)}) AS row")
        assert dict(cursor.fetchall()) == whose
        cursor.execute(f"SELECT member_id FROM ({owned(rows, str(first.pk))}) AS row")
        assert cursor.fetchall() == [(first.pk,)]
        cursor.execute(records_of(f"SELECT {owner.pk} AS member_id"))
        assert {pk for (pk,) in cursor.fetchall()} == {owner.pk, first.pk, second.pk}
