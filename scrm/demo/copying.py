"""Columns of whole numbers into a temporary table by binary COPY, without a Python object per value."""

from typing import Any

import numpy as np
from django.db import connection

from scrm.demo.arrays import Array

HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
TRAILER = b"\xff\xff"
NULL = -1


def copy_numbers(name: str, columns: dict[str, Array]) -> None:
    """Make the temporary table `name` of bigint columns and fill it; it goes with the transaction.

    There is no null in it: callers write NULL (-1) and read it back with nullif.
    """
    length = len(next(iter(columns.values())))
    fields = [field for place in range(len(columns)) for field in ((f"size{place}", ">i4"), (f"value{place}", ">i8"))]
    rows = np.zeros(length, dtype=[("fields", ">i2"), *fields])
    rows["fields"] = len(columns)
    for place, values in enumerate(columns.values()):
        rows[f"size{place}"], rows[f"value{place}"] = 8, values
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{name}")
        cursor.execute(f"CREATE TEMP TABLE {name} ({', '.join(f'{key} bigint' for key in columns)}) ON COMMIT DROP")
        with cursor.copy(f"COPY {name} FROM STDIN (FORMAT BINARY)") as copy:
            copy.write(HEADER)
            copy.write(rows.tobytes())
            copy.write(TRAILER)


def materialise(name: str, query: str, parameters: dict[str, Any]) -> str:
    """A temporary table from a query, with statistics; it goes with the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{name}")
        cursor.execute(f"CREATE TEMP TABLE {name} ON COMMIT DROP AS {query}", parameters)
        cursor.execute(f"ANALYZE {name}")
    return name
