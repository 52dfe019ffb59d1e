"""Moments that people and programs say, within what every calendar, sum of days and reader of the database can bear.

PostgreSQL keeps years that Python cannot read again: one such row would close every page and answer that it stands on.
"""

from datetime import UTC, date, datetime

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _

#: What is planned lies from here…
FIRST = datetime(2000, 1, 1, tzinfo=UTC)
#: …to here; nothing at all lies later.
END = datetime(2101, 1, 1, tzinfo=UTC)
#: The same bounds for calendar days.
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)
#: Nobody alive was born before, and nothing was recorded of anybody.
FIRST_BIRTHDAY = date(1900, 1, 1)
NO_MOMENT = _("Say the day and the time, in the years 2000 to 2100.")
NO_DAY = _("Say a day, in the years 2000 to 2100.")
NEVER = _("Say a day, in the years 1900 to 2100.")


def read_moment(text: str) -> datetime | None:
    """Local time as a browser sends it, or a time with its offset; None for NO_MOMENT."""
    try:
        found = parse_datetime(text.strip())
    except ValueError:
        return None
    if found is not None and timezone.is_naive(found):
        found = timezone.make_aware(found)
    return found if found is not None and FIRST <= found < END else None


def read_day(text: str) -> date | None:
    """A day as a browser's field or an address says it; None for NO_DAY."""
    try:
        found = parse_date(text.strip())
    except ValueError:
        return None
    return found if found is not None and FIRST_DAY <= found <= LAST_DAY else None


def bound_field(field: forms.Field) -> None:
    """Let a form's field take what is planned or recorded only; other fields stay as they are."""
    if isinstance(field, forms.DateTimeField | forms.SplitDateTimeField):
        field.validators.append(_planned_moment)
    elif isinstance(field, forms.DateField):
        field.validators.append(_planned_day)


def refuse_never(value: date) -> None:
    """For a day or a moment of a life: born, registered. Raises ValidationError."""
    if not FIRST_BIRTHDAY.year <= value.year <= LAST_DAY.year:
        raise ValidationError(NEVER)


def _planned_moment(value: datetime) -> None:
    if not FIRST <= value < END:
        raise ValidationError(NO_MOMENT)


def _planned_day(value: date) -> None:
    if not FIRST_DAY <= value <= LAST_DAY:
        raise ValidationError(NO_DAY)
