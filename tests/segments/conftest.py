"""Tests that need transactions of their own clean up by hand: a flush would take the seeded tiers away too."""

from collections.abc import Iterator

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from segments.models import Tier, TierCriterion

WRITTEN = (
    "timeline_purchase",
    "timeline_interaction",
    "timeline_touch",
    "timeline_rebuild",
    "segments_runrequest",
    "segments_tierchange",
    "segments_tiersnapshot",
    "segments_goalprogress",
    "segments_memberstanding",
    "segments_tierrun",
    "segments_membertag",
    "segments_membertagevent",
    "segments_tag",
    "segments_taggroup",
    "members_identity",
    "members_member",
)


def wipe() -> None:
    """Facts, members and what runs left; definitions stay."""
    with connection.cursor() as cursor:
        for table in WRITTEN:
            cursor.execute(f"DELETE FROM {table}")


@pytest.fixture
def transactional_db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """In place of pytest-django's: the name makes it create the test database, the flush at the end is left out."""
    with django_db_blocker.unblock():
        _refuse_a_real_database()
        wipe()
        tiers, criteria = list(Tier.objects.all()), list(TierCriterion.objects.all())
        yield
        wipe()
        TierCriterion.objects.all().delete()
        for tier in tiers:
            tier.save()
        TierCriterion.objects.bulk_create(criteria)


@pytest.fixture
def committed(transactional_db: None) -> None:
    """The database without a transaction around the test."""


def _refuse_a_real_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        (name,) = cursor.fetchone()
    assert name.startswith("test_"), f"{name} is not a test database; its members would be deleted"
