"""Interactions and touches are stored once, also after the record that they were told for was merged into another."""

from collections.abc import Callable
from typing import Any

import pytest

from members.models import Member
from tests.timeline.facts import AT, NOW
from timeline.models import Interaction, Touch
from timeline.services import InteractionIn, TouchIn, make_months, record_interactions, record_touches

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _months() -> None:
    make_months(today=AT.date())


def acts(member: Member, *keys: str) -> None:
    rows = [
        InteractionIn(line_no=number, member_id=member.pk, source="app", kind="browse", occurred_at=AT, key=key)
        for number, key in enumerate(keys, 1)
    ]
    record_interactions(rows=rows, now=NOW)


def equals(member: Member, *keys: str) -> None:
    """Rows without a key that are as many facts as there are rows."""
    rows = [
        InteractionIn(line_no=number, member_id=member.pk, source="app", kind="browse", occurred_at=AT)
        for number, _key in enumerate(keys, 1)
    ]
    record_interactions(rows=rows, now=NOW, repeats=True)


def touches(member: Member, *keys: str) -> None:
    rows = [
        TouchIn(line_no=number, member_id=member.pk, source="app", occurred_at=AT, key=key)
        for number, key in enumerate(keys, 1)
    ]
    record_touches(rows=rows, now=NOW)


@pytest.mark.parametrize(("tell", "table"), [(acts, Interaction), (equals, Interaction), (touches, Touch)])
def test_what_was_told_for_a_merged_record_is_told(tell: Callable[..., None], table: Any) -> None:
    gone, stays = Member.objects.create(name="甲"), Member.objects.create(name="乙")
    tell(gone, "1", "2")
    Member.objects.filter(pk=gone.pk).update(merged_into=stays)
    for _turn in range(2):
        tell(stays, "1", "2", "3")
    assert sorted(table.objects.values_list("member", flat=True)) == sorted([gone.pk, gone.pk, stays.pk])


def test_the_same_of_another_person_is_another_fact() -> None:
    gone, stays, other = (Member.objects.create(name=name) for name in "甲乙丙")
    Member.objects.filter(pk=gone.pk).update(merged_into=stays)
    for each in (gone, other):
        acts(each, "1")
    assert sorted(Interaction.objects.values_list("member", flat=True)) == sorted([gone.pk, other.pk])
