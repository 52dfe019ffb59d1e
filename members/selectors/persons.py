"""Whose record it is: a record that was merged into another is its person's. The SQL of it is `rules.persons`."""

from collections.abc import Collection
from datetime import date

from django.db import connection
from django.db.models import F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from core.reading import read_once
from members.models import Member
from members.models.member import MemberQuerySet
from members.rules.persons import kin_of


@read_once
def records_of_person(member_id: int) -> list[int]:
    """The record that stands for her, then those merged into it, whichever of them is asked about."""
    asked = Subquery(Member.objects.filter(pk=member_id).values(owner=Coalesce("merged_into_id", "pk")))
    hers = Member.objects.filter(Q(pk=asked) | Q(merged_into=asked)).order_by(
        F("merged_into").asc(nulls_first=True), "pk"
    )
    return list(hers.values_list("pk", flat=True)) or [member_id]


def youngest_birthday(record_ids: Collection[int]) -> date | None:
    """The latest birthday that any of a person's records gives: whoever may be a child is taken for one."""
    return _latest_birthday(Member.objects.filter(pk__in=record_ids))


def birthday_of(member: Member) -> date | None:
    """As it is shown and congratulated on: her own record's, else the latest of those merged into it."""
    if member.birthday is not None or member.merged_into_id is not None:
        return member.birthday
    return _latest_birthday(records_behind(Member.objects.filter(pk=member.pk)))


def with_birthdays(members: MemberQuerySet) -> MemberQuerySet:
    """The same members, each with its `birthday_of` as `person_birthday`."""
    absorbed = Member.objects.filter(merged_into=OuterRef("pk")).order_by().values("merged_into")
    return members.annotate(
        person_birthday=Coalesce("birthday", Subquery(absorbed.annotate(latest=Max("birthday")).values("latest")))
    )


def _latest_birthday(records: QuerySet[Member]) -> date | None:
    latest: date | None = records.aggregate(latest=Max("birthday"))["latest"]
    return latest


def owners_of(member_ids: Collection[int]) -> dict[int, int]:
    """Each record with the one that stands for its person."""
    merged = Member.objects.filter(pk__in=member_ids, merged_into__isnull=False).values_list("pk", "merged_into_id")
    return {pk: pk for pk in member_ids} | dict(merged)


def records_of_owners(owners: Collection[int]) -> dict[int, int]:
    """Every record of these persons with the one that stands for her."""
    return {pk: pk for pk in owners} | dict(
        Member.objects.filter(merged_into__in=owners).values_list("pk", "merged_into_id")
    )


def records_with(member_ids: Collection[int]) -> QuerySet[Member]:
    """These records and those merged into them: a sub-query that two indexes answer, for large tables of rows."""
    return Member.objects.filter(Q(pk__in=member_ids) | Q(merged_into__in=member_ids)).order_by()


def records_behind(members: QuerySet[Member]) -> QuerySet[Member]:
    """All records of these persons."""
    chosen = members.order_by().values("pk")
    return Member.objects.filter(Q(pk__in=chosen) | Q(merged_into__in=chosen)).order_by()


def of_person(owner_id: int, path: str = "member") -> Q:
    """Rows of a person by any of her records, where `path` leads to a member."""
    return Q(**{path: owner_id}) | Q(**{f"{path}__merged_into": owner_id})


def told_under(member_id: int) -> list[int]:
    """Every record that may hold what is told of this one now: all of the person, and those that stood for them once."""
    owner = records_of_person(member_id)[0]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT record_id FROM ({kin_of('SELECT %s::bigint AS member_id')}) AS kin", [owner])  # noqa: S608
        found = {record for (record,) in cursor.fetchall()}
    return sorted(found | {owner})
