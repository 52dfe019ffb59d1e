"""Erasing and counting by the paths that lead to a person, by one statement for each."""

# ruff: noqa: S608  # names of tables come from the registry alone; every value is a bound parameter

from collections.abc import Callable, Iterable, Sequence

from django.db import connection

from core.enums import Ending
from core.registries import PersonPath


def delete_by(paths: Sequence[PersonPath]) -> Callable[[int], int]:
    """An eraser that deletes the rows of every path to be deleted, in the order given."""
    doomed = [path for path in paths if path.ending == Ending.DELETE]

    def erase(subject_id: int) -> int:
        return sum(run(f"DELETE FROM {path.table} WHERE {path.column} = %(id)s", id=subject_id) for path in doomed)

    return erase


def run(statement: str, **values: object) -> int:
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
