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
    "segments_tierchange",
    "segments_tiersnapshot",
    "segments_goalprogress",
    "segments_memberstanding",
    "segments_tierrun",
    "members_identity",
    "members_member",
)


def wipe() -> None:
    """Facts, members and what runs left; definitions stay."""
    with connection.cursor() as cursor:
        for table in WRITTEN:
            cursor.execute(f"DELETE FROM {table}")


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The database without a transaction around the test."""
    with django_db_blocker.unblock():
        wipe()
        tiers, criteria = list(Tier.objects.all()), list(TierCriterion.objects.all())
        yield
        wipe()
        TierCriterion.objects.all().delete()
        for tier in tiers:
            tier.save()
        TierCriterion.objects.bulk_create(criteria)
