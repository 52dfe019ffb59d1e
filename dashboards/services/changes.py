"""Noticing what changed in the past where no fact of a member says so: what was said in groups, credited, or decided."""

from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from dashboards.models import ChangedDay, SourceDay
from dashboards.models.facts import TOLD_FROM
from dashboards.rules.changes_sql import digests
from timeline.models import FactSource, fact_sources


def mark_changed_sources(*, first: date, last: date, now: datetime) -> None:
    """Mark the days from `first` to `last` on which a watched source tells something else than it did last time.

    Where another source tells of it later, also the days of which that tells from `first` on. A day that is looked at
    for the first time is marked by nobody: it is measured as it is.
    """
    for source in fact_sources:
        if source.watched:
            later = [fact_sources.get(code).delay for code, of in TOLD_FROM.items() if of == source.code]
            _compare(source, first - timedelta(days=max(later, default=0)), last, now)


def _compare(source: FactSource, first: date, last: date, now: datetime) -> None:
    """Everything is read before anything is written: whoever follows the facts waits for the writing alone."""
    with connection.cursor() as cursor:
        values: dict[str, Any] = {"first": first, "last": last, "zone": settings.TIME_ZONE}
        cursor.execute(digests(source.rows, lasting=source.lasting), values)
        found = dict(cursor.fetchall())
    known = dict(SourceDay.objects.filter(source=source.code).values_list("day", "digest"))
    fresh = [day for day, digest in found.items() if known.get(day) != digest]
    with transaction.atomic():
        SourceDay.objects.filter(source=source.code, day__lt=first).delete()
        SourceDay.objects.bulk_create(
            (SourceDay(source=source.code, day=day, digest=found[day]) for day in fresh),
            update_conflicts=True,
            unique_fields=["source", "day"],
            update_fields=["digest"],
        )
        ChangedDay.objects.bulk_create(
            (ChangedDay(source=source.code, day=day, at=now) for day in fresh if day in known),
            update_conflicts=True,
            unique_fields=["source", "day"],
            update_fields=["at"],
        )
