"""From rows in memory to a relation, so that a call from the API takes the same road as a file."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.utils import DataError, IntegrityError
from psycopg import sql

from timeline.errors import FactNotRecorded
from timeline.rules.staging import column_list

Relation = str | sql.Composable


def as_relation(relation: Relation) -> str:
    """SQL that stands after FROM: a quoted name (also `schema.name`), or a SELECT in brackets."""
    if isinstance(relation, str):
        relation = sql.Identifier(*relation.split("."))
    return relation.as_string(connection.connection) if connection.connection else _connected(relation)


def stage(name: str, columns: Mapping[str, str], rows: Iterable[Sequence[Any]]) -> str:
    """COPY rows into a temporary table that goes with the transaction. Raises FactNotRecorded for a value that does not fit."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{name}")
        cursor.execute(f"CREATE TEMP TABLE {name} ({column_list(columns)}) ON COMMIT DROP")
        try:
            with (
                connection.wrap_database_errors,
                cursor.copy(f"COPY {name} ({', '.join(columns)}) FROM STDIN") as copy,
            ):
                for row in rows:
                    copy.write_row(row)
        except (DataError, IntegrityError) as error:
            raise FactNotRecorded(hint=str(error).splitlines()[0]) from error
        cursor.execute(f"ANALYZE {name}")
    return name


def _connected(relation: sql.Composable) -> str:
    connection.ensure_connection()
    return relation.as_string(connection.connection)
