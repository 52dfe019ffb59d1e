"""Marking members whose facts are to be read again, though none is new."""

from collections.abc import Collection

from django.db import connection, transaction

from timeline.rules.facts import READ_ANEW


@transaction.atomic
def read_anew(*, member_ids: Collection[int], reason: str) -> None:
    """Whoever follows the facts computes what it keeps of these members from the facts alone. Inside the caller's act."""
    with connection.cursor() as cursor:
        for member_id in sorted(set(member_ids)):
            cursor.execute(READ_ANEW, {"member": member_id, "why": reason})
