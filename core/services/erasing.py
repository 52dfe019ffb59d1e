"""Erasing and counting by the paths that lead to a person, by one statement for each."""

# ruff: noqa: S608  # names of tables come from the registry alone; every value is a bound parameter

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from core.enums import Ending
from core.registries import PersonPath


def delete_by(paths: Sequence[PersonPath]) -> Callable[[int], int]:
    """An eraser that deletes the rows of every path to be deleted, in the order given."""
    doomed = [path for path in paths if path.ending == Ending.DELETE]

    def erase(subject_id: int) -> int:
        return sum(run(f"DELETE FROM {path.table} WHERE {path.column} = %(id)s", id=subject_id) for path in doomed)

    return erase


def run(statement: str, **values: Any) -> int:
    """One statement; answers how many rows it changed."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return max(int(cursor.rowcount), 0)


def count_by(paths: Iterable[PersonPath], subject_ids: Sequence[int]) -> dict[str, int]:
    """How many rows each path finds now, by its place."""
    counts = {}
    with connection.cursor() as cursor:
        for path in paths:
            cursor.execute(
                f"SELECT count(*) FROM {path.table} WHERE {path.column} = ANY(%(ids)s)", {"ids": list(subject_ids)}
            )
            counts[path.place] = int(cursor.fetchone()[0])
    return counts


def count_older(table: str, moment: str, *, member: str = "") -> Callable[[datetime, Sequence[int]], int]:
    """A counter of rows whose column `moment` is before a point in time, without those of held members."""

    def count(before: datetime, held: Sequence[int]) -> int:
        with connection.cursor() as cursor:
            condition = _older(moment, member)
            cursor.execute(f"SELECT count(*) FROM {table} WHERE {condition}", {"before": before, "held": list(held)})
            return int(cursor.fetchone()[0])

    return count


def purge_older(
    table: str, moment: str, *, key: str, member: str = ""
) -> Callable[[datetime, Sequence[int], int], int]:
    """A purge of such rows, so many at once; `key` names the columns of the primary key."""

    def purge(before: datetime, held: Sequence[int], batch: int) -> int:
        chosen = f"SELECT {key} FROM {table} WHERE {_older(moment, member)} LIMIT %(batch)s"
        return run(f"DELETE FROM {table} WHERE ({key}) IN ({chosen})", before=before, held=list(held), batch=batch)

    return purge


def _older(moment: str, member: str) -> str:
    held = f" AND NOT {member} = ANY(%(held)s::bigint[])" if member else ""
    return f"{moment} < %(before)s{held}"
