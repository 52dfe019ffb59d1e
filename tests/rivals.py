"""Somebody else at the same time: another session, another thread."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from django.db import connection


@contextmanager
def rival() -> Iterator[Callable[..., Any]]:
    """Another session, in a transaction from its first statement on; answers the first value of a row, if there is one."""
    session = connection.copy()
    session.set_autocommit(False)

    def say(statement: str, values: list[Any] | None = None) -> Any:
        with session.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchone()[0] if cursor.description else None

    try:
        yield say
    finally:
        session.rollback()  # answers when its locks are gone; closing does not wait for that
        session.close()


@contextmanager
def claimed_elsewhere(work: str, number: int = 0) -> Iterator[None]:
    """Another session has the claim of `core.services.claims`."""
    with rival() as say:
        assert say("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"{work}|{number}"])
        yield


@contextmanager
def workers(count: int) -> Iterator[Callable[..., Future[Any]]]:
    """Start something in a thread, whose connection is closed behind it. Let go what they wait for before the end."""
    pool = ThreadPoolExecutor(count)

    def start(work: Callable[..., Any], **values: Any) -> Future[Any]:
        return pool.submit(_and_close, work, values)

    try:
        yield start
    finally:
        pool.shutdown()


def _and_close(work: Callable[..., Any], values: dict[str, Any]) -> Any:
    try:
        return work(**values)
    finally:
        connection.close()


def until(holds: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for something to come true."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.02)


def waiting_for_locks() -> int:
    """Sessions of this database that wait for a lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return int(cursor.fetchone()[0])
