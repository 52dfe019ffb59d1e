"""Who is one person must not change while facts are recorded: recording shares a lock that a merge has for itself."""

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.utils import OperationalError
from psycopg.errors import LockNotAvailable

from members.errors import RecordsInUse

KEY = "hashtextextended('members_merging', 0)"
PATIENCE = "3s"


def keep_records(cursor: CursorWrapper) -> None:
    """Until the end of the transaction nobody is merged; any number may ask for that at once.

    A statement of its own, so that those after it see whoever was merged while it waited.
    """
    cursor.execute(f"SELECT pg_advisory_xact_lock_shared({KEY})")


def take_records() -> None:
    """Until the end of the transaction nobody else merges, and no orders are recorded. Before any row is locked.

    Raises RecordsInUse where orders are being recorded for longer than a person waits.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'")
            cursor.execute(f"SELECT pg_advisory_xact_lock({KEY})")
            cursor.execute("SET LOCAL lock_timeout = DEFAULT")
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise RecordsInUse from error
        raise
