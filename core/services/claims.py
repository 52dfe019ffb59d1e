"""Work that one process does at a time, and that any other leaves to it without waiting.

PostgreSQL's advisory locks: no row is locked, nothing is written, and a killed process holds nothing up.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable

NUMBER = "hashtextextended(%s, 0)"


@contextmanager
def claimed(work: str, number: int = 0) -> Iterator[bool]:
    """Whether this session has `work` on row `number` to itself until the end of the block. Outside of a transaction.

    Read the row after the claim: whoever had it before may have done the work. The claim is the session's and not a
    transaction's, so that the work may commit in parts and an idle transaction keeps nobody from tidying up.
    """
    mine = _answered("pg_try_advisory_lock", work, number)
    try:
        yield mine
    finally:
        if mine and _is_alive():
            _answered("pg_advisory_unlock", work, number)


@contextmanager
def claimed_in_turn(work: str, number: int = 0, *, seconds: float) -> Iterator[bool]:
    """The same claim, waited for: False when whoever has it is not done after `seconds`. Whoever waits is next at once.

    For short work whose result the others need too, and find done when it is their turn.
    """
    mine = _waited(work, number, seconds)
    try:
        yield mine
    finally:
        if mine and _is_alive():
            _answered("pg_advisory_unlock", work, number)


def claim_until_commit(work: str, number: int = 0) -> bool:
    """The same claim for the rest of a transaction: False while somebody has it."""
    return _answered("pg_try_advisory_xact_lock", work, number)


def _answered(function: str, work: str, number: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}({NUMBER})", [f"{work}|{number}"])
        return bool(cursor.fetchone()[0])


def _waited(work: str, number: int, seconds: float) -> bool:
    """The claim is the session's, so it outlives the transaction that holds how long it is waited for."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{math.ceil(seconds * 1000)}ms"])
            cursor.execute(f"SELECT pg_advisory_lock({NUMBER})", [f"{work}|{number}"])
            cursor.execute("SELECT set_config('lock_timeout', '0', true)")
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            return False
        raise
    return True


def _is_alive() -> bool:
    """A connection that is lost has let go already; one in a failed transaction takes no statement."""
    session = connection.connection
    return session is not None and not session.broken and not connection.needs_rollback
