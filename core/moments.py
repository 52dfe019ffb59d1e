"""Moments that people and programs say, within what every calendar, sum of days and reader of the database can bear.

PostgreSQL keeps years that Python cannot read again: one such row would close every page and answer that it stands on.
"""

from datetime import UTC, datetime

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

#: What is planned lies from here…
FIRST = datetime(2000, 1, 1, tzinfo=UTC)
#: …to here; nothing at all lies later.
END = datetime(2101, 1, 1, tzinfo=UTC)
NO_MOMENT = _("Say the day and the time, in the years 2000 to 2100.")


def read_moment(text: str) -> datetime | None:
    """Local time as a browser sends it, or a time with its offset; None for NO_MOMENT."""
    try:
        found = parse_datetime(text.strip())
    except ValueError:
        return None
    if found is not None and timezone.is_naive(found):
        found = timezone.make_aware(found)
    return found if found is not None and FIRST <= found < END else None
