"""Partitions of the fact tables, one for each month."""

from datetime import date

from django.db import connection

AHEAD = 3


def make_months(*, today: date, ahead: int = AHEAD) -> int:
    """The months from the last one to so many ahead; answers how many tables were made."""
    first = today.year * 12 + today.month - 2
    months = [date(number // 12, number % 12 + 1, 1) for number in range(first, first + ahead + 2)]
    return ensure_months(months)


def ensure_months(months: list[date]) -> int:
    """The months of these days. Call it before other writes of the transaction: a rival that makes months waits for it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT timeline_ensure_months(%s::date[])", [months])
        return int(cursor.fetchone()[0])
