"""Counting working days: Monday to Friday. Public holidays are not known here, so a deadline is never too late."""

from datetime import date, datetime, time, timedelta, tzinfo

SATURDAY = 5


def add_working_days(start: date, days: int) -> date:
    """The last of so many working days after `start`."""
    day = start
    while days > 0:
        day += timedelta(days=1)
        days -= day.weekday() < SATURDAY
    return day


def deadline(received: datetime, days: int, *, zone: tzinfo) -> datetime:
    """The end of the last working day, in that time zone."""
    last = add_working_days(received.astimezone(zone).date(), days)
    return datetime.combine(last + timedelta(days=1), time.min, tzinfo=zone)
