"""Rules that refer to others are saved one after the other, so that no two of them close a circle unseen."""

from django.db import connection

_ALONE = "SELECT pg_advisory_xact_lock(hashtextextended('segments_references', 0))"


def alone() -> None:
    """Until the end of the transaction nobody else saves a rule that refers to another. Take it before any row."""
    with connection.cursor() as cursor:
        cursor.execute(_ALONE)
