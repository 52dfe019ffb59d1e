"""Relations handed from one set-based statement to the next: a table by name, a SELECT, rows copied into a temporary table."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection
from psycopg import sql

Relation = str | sql.Composable


def as_relation(relation: Relation) -> str:
    """What stands after FROM: a name, quoted here (also `schema.name`), or a composed SELECT in brackets."""
    if isinstance(relation, str):
        relation = sql.Identifier(*relation.split("."))
    connection.ensure_connection()
    return relation.as_string(connection.connection)


def column_list(columns: Mapping[str, str]) -> str:
    """The columns of CREATE TABLE, from name → type."""
    return ", ".join(f"{name} {kind}" for name, kind in columns.items())


def stage(name: str, columns: Mapping[str, str], rows: Iterable[Sequence[Any]]) -> str:
    """COPY rows (values in the order of `columns`) into a temporary table that goes with the transaction.

    Raises Django's DataError or IntegrityError for a value that does not fit.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{name}")
        cursor.execute(f"CREATE TEMP TABLE {name} ({column_list(columns)}) ON COMMIT DROP")
        with (
            connection.wrap_database_errors,
            cursor.copy(f"COPY {name} ({', '.join(columns)}) FROM STDIN") as copy,
        ):
            for row in rows:
                copy.write_row(row)
        cursor.execute(f"ANALYZE {name}")
    return name
