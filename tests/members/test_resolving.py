"""Members for the customer numbers of a delivery."""

from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from core.models.relations import stage
from members.enums import IdentityType
from members.models import Identity, Member
from members.services import RESOLVED, ensure_members

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def resolve(*external_ids: str) -> tuple[int, dict[str, int]]:
    with transaction.atomic():
        relation = stage("given_ids", {"external_id": "text"}, [(text,) for text in external_ids])
        created = ensure_members(relation=relation, source="file", now=NOW)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT external_id, member_id FROM {RESOLVED}")
            return created, dict(cursor.fetchall())


def test_ensure_members_makes_each_number_once() -> None:
    created, found = resolve("17850", "13047", "17850")
    assert created == 2
    assert set(found) == {"17850", "13047"}
    assert dict(Identity.objects.values_list("lookup", "member_id")) == found
    assert set(Member.objects.values_list("id", "registered_at")) == {(found["17850"], None), (found["13047"], None)}


def test_ensure_members_knows_them_again() -> None:
    _created, first = resolve("17850")
    created, second = resolve("17850", "13047")
    assert created == 1
    assert second["17850"] == first["17850"]
    assert Member.objects.count() == 2


def test_ensure_members_leaves_out_empty_numbers() -> None:
    assert resolve("", "1") == (1, {"1": Member.objects.get().pk})


def test_ensure_members_follows_a_merge() -> None:
    winner = Member.objects.create()
    loser = Member.objects.create(merged_into=winner)
    Identity.objects.create(member=loser, type=IdentityType.EXTERNAL_ID, lookup="1")
    assert resolve("1") == (0, {"1": winner.pk})


def test_ensure_members_leaves_no_member_without_identity() -> None:
    resolve("1", "2")
    resolve("2", "3")
    assert not Member.objects.filter(identities=None).exists()
