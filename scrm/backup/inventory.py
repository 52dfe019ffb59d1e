"""What stands in a database: tables with their rows, the schema's version, the head of the seals; as of one snapshot."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

from scrm import databases
from scrm.backup.programs import LEFT_OUT

SCHEMAS = ("public", "pgmq")
ASIDE = "before_restore_"
Note = Callable[[int, int], None]
_TABLES = """
SELECT n.nspname, c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname = ANY(%s) ORDER BY 1, 2
"""
_OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


@contextmanager
def connected(parameters: databases.Parameters, *, autocommit: bool = False) -> Iterator[psycopg.Connection[Any]]:
    server = databases.embedded()
    if server is not None:
        server.ensure()
    connection = psycopg.connect(databases.conninfo(parameters), autocommit=autocommit)
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def snapshot(parameters: databases.Parameters) -> Iterator[tuple[psycopg.Connection[Any], str]]:
    """A reading of one moment, and its name for others to read the same."""
    with connected(parameters) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        yield connection, _one(connection, "SELECT pg_export_snapshot()")


def version_of(connection: psycopg.Connection[Any]) -> int:
    """Such as 18."""
    return connection.info.server_version // 10_000


def tables_of(connection: psycopg.Connection[Any]) -> list[tuple[str, str]]:
    """Schema and name of every table that holds rows itself."""
    return list(connection.execute(_TABLES, [list(SCHEMAS)]))


def count_rows(connection: psycopg.Connection[Any], note: Note = lambda _done, _all: None) -> dict[str, int]:
    """Rows by table, without those tables whose rows no backup takes along."""
    wanted = [table for table in tables_of(connection) if not _is_left_out(*table)]
    counts = {}
    for done, (schema, name) in enumerate(wanted, start=1):
        query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, name))
        counts[f"{schema}.{name}"] = int(connection.execute(query).fetchone()[0])  # type: ignore[index]
        note(done, len(wanted))
    return counts


def describe(connection: psycopg.Connection[Any]) -> dict[str, Any]:
    """What a restore has to know besides the rows."""
    migrations: dict[str, list[str]] = {}
    for app, name in connection.execute("SELECT app, name FROM django_migrations ORDER BY id"):
        migrations.setdefault(app, []).append(name)
    seal = connection.execute("SELECT log::text, number FROM audit_auditseal ORDER BY number DESC LIMIT 1").fetchone()
    return {
        "server_version": version_of(connection),
        "database": connection.info.dbname,
        "database_size": _one(connection, "SELECT pg_database_size(current_database())"),
        "system_identifier": str(_one(connection, "SELECT system_identifier FROM pg_control_system()")),
        "migrations": migrations,
        "seal": {"log": seal[0], "number": seal[1]} if seal else None,
    }


def other_sessions(connection: psycopg.Connection[Any]) -> int:
    """Programs that are connected to this database now."""
    return int(_one(connection, _OTHERS))


def is_cut_short(connection: psycopg.Connection[Any]) -> bool:
    """Whether what a restore set aside still stands there."""
    query = "SELECT count(*) FROM pg_namespace WHERE nspname = ANY(%s)"
    return bool(connection.execute(query, [[ASIDE + name for name in SCHEMAS]]).fetchone()[0])  # type: ignore[index]


def set_aside(connection: psycopg.Connection[Any]) -> None:
    """Make room for a restore; nothing is lost yet."""
    with connection.transaction():
        for name in _standing(connection, ""):
            _do(connection, "ALTER SCHEMA {} RENAME TO {}", name, ASIDE + name)
        connection.execute("CREATE SCHEMA public AUTHORIZATION pg_database_owner")
        connection.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")  # as it is in every new database


def put_back(connection: psycopg.Connection[Any]) -> None:
    """As if there had been no restore."""
    with connection.transaction():
        for name in SCHEMAS:
            _do(connection, "DROP SCHEMA IF EXISTS {} CASCADE", name)
        for name in _standing(connection, ASIDE):
            _do(connection, "ALTER SCHEMA {} RENAME TO {}", ASIDE + name, name)


def let_go(connection: psycopg.Connection[Any]) -> None:
    """What was set aside is not needed any more."""
    with connection.transaction():
        for name in _standing(connection, ASIDE):
            _do(connection, "DROP SCHEMA {} CASCADE", ASIDE + name)


def _standing(connection: psycopg.Connection[Any], prefix: str) -> list[str]:
    found = connection.execute("SELECT nspname FROM pg_namespace")
    there = {row[0] for row in found}
    return [name for name in SCHEMAS if prefix + name in there]


def _do(connection: psycopg.Connection[Any], statement: str, *names: str) -> None:
    connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _one(connection: psycopg.Connection[Any], query: str) -> Any:
    row = connection.execute(query).fetchone()
    return row[0] if row else None


def _is_left_out(schema: str, name: str) -> bool:
    return any(f"{schema}.{name}".startswith(each.rstrip("*")) for each in LEFT_OUT)
