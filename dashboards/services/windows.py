"""Windows of whole local days that end with yesterday, as the statements of the night take them."""

from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from dashboards.enums import NightlyCount
from dashboards.models import CountDone

DAY = timedelta(days=1)


def window(*, now: datetime, days: int) -> dict[str, Any]:
    """As local days (`first`, `last`) and as moments (`since`, `until`), with the zone they are local in."""
    last = timezone.localdate(now) - DAY
    first = last - (days - 1) * DAY
    return {
        "first": first,
        "last": last,
        "since": _midnight(first),
        "until": _midnight(last + DAY),
        "days": days,
        "zone": settings.TIME_ZONE,
        "now": now,
    }


def counted(sql: str, values: dict[str, Any]) -> list[dict[str, Any]]:
    """What a statement counts, by its names: read before anything is written.

    A transaction that has written holds up whoever follows the facts; sums over all of them take minutes.
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def done(count: NightlyCount, *, now: datetime) -> None:
    """Note that it was counted to its end, in the transaction that writes its figures."""
    CountDone.objects.update_or_create(code=count, defaults={"at": now})


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))
