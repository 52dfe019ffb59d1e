"""A database of its own for a bench: made on the configured server, used as the run-time role, dropped at the end."""

import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, cast

from celery import current_app
from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import override_settings
from kombu.connection import ConnectionPool

from core import roles
from core.keys import create_key_ring

PREFIX = "scrm_bench_"
MAINTENANCE = "bench"


@contextmanager
def own_database() -> Iterator[str]:
    """Inside, the default connection is the run-time role in an empty, migrated database; keys and files are new too.

    Nothing stays, whether the block ends, fails, or is ended by Ctrl-C or SIGTERM.
    """
    used = dict(connection.settings_dict)
    name = f"{PREFIX}{os.getpid()}"
    with _ended_in_order(), tempfile.TemporaryDirectory(prefix=PREFIX) as folder, _own_files(Path(folder)):
        try:
            _create(name)
            yield name
        finally:
            _drop(name, used)


@contextmanager
def as_owner() -> Iterator[None]:
    """The schema's owner, past the guards of evidence."""
    with roles.as_owner(MAINTENANCE):
        yield


def execute(sql: str, values: Any = None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return int(cursor.rowcount)


def fetch(sql: str, values: Any = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def server_cpu() -> float:
    """Processor seconds so far of the server process behind the connection; 0 where it runs on another machine."""
    ((pid, name),) = fetch("SELECT pg_backend_pid(), current_database()")
    process = Path(f"/proc/{pid}")
    try:
        if name.encode() not in (process / "cmdline").read_bytes():
            return 0.0
        user, system = (process / "stat").read_text().rpartition(")")[2].split()[11:13]
    except FileNotFoundError:
        return 0.0
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def empty(*tables: str) -> None:
    """TRUNCATE, as the owner."""
    with as_owner():
        execute(f"TRUNCATE {', '.join(tables)} CASCADE")


def analyze(*tables: str) -> None:
    with as_owner():
        execute(f"VACUUM ANALYZE {', '.join(tables)}")


def _create(name: str) -> None:
    roles.switch("owner")
    _refuse_to_create_without_right()
    if settings.SCRM_BENCH_TEMPLATE:
        copy_database(settings.SCRM_BENCH_TEMPLATE, name)
        connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = name
    else:
        make_migrated(name)
    roles.switch("app")


def make_migrated(name: str) -> None:
    """A database with all migrations, made by the owner; the default connection is to it."""
    with override_settings():
        connection.settings_dict["TEST"] = {**connection.settings_dict["TEST"], "NAME": name}
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)


def copy_database(source: str, name: str) -> None:
    """A database just as `source`, to which nobody may be connected."""
    connection.close()
    drop_database(name)
    with connection._nodb_cursor() as cursor:  # noqa: SLF001  # Django's own way to where databases are made
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')


def drop_database(name: str) -> None:
    # Not WITH (FORCE): that may end an autovacuum worker only as a superuser, while the plain form makes it step aside.
    with connection._nodb_cursor() as cursor:  # noqa: SLF001  # Django's own way to where databases are made
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')


def _drop(name: str, used: dict[str, Any]) -> None:
    roles.switch("owner")
    connection.settings_dict["NAME"] = name
    base = used["NAME"]
    connection.close()
    # What was sent here went through connections to this database; force_close_all alone would leave the pool without
    # a slot, and the next send waiting for ever.
    pool = cast("ConnectionPool", current_app.pool)  # its stubs say a pool of producers
    pool.resize(pool.limit or 0, reset=True)  # 0 is "as many as asked for", as None is
    drop_database(name)
    connection.close()
    connection.settings_dict.update(used)
    settings.DATABASES["default"]["NAME"] = base


def _refuse_to_create_without_right() -> None:
    with connection._nodb_cursor() as cursor:  # noqa: SLF001  # Django's own way to where databases are made
        cursor.execute("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user")
        allowed = cursor.fetchone()
    connection.close()
    if not allowed or not allowed[0]:
        raise CommandError(
            f"The database role {roles.owner_role()!r} may not create databases: a bench needs one of its own. "
            "Run ALTER ROLE … CREATEDB, or unset DATABASE_URL to use the embedded server."
        )


@contextmanager
def _own_files(folder: Path) -> Iterator[None]:
    with override_settings(
        SCRM_MASTER_KEYS=folder / "keys" / "master.json", SCRM_SEALS=folder / "seals", MEDIA_ROOT=folder / "files"
    ):
        create_key_ring(settings.SCRM_MASTER_KEYS)
        yield


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """SIGTERM ends the bench as Ctrl-C does, so that the database is dropped."""

    def end(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
