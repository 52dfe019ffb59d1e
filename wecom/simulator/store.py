"""One SQLite file, one connection, one writer at a time: every call sees the world as the last one left it."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from wecom.simulator.schema import SCHEMA

Row = sqlite3.Row


class Store:
    """Statements outside `transaction` are transactions of their own."""

    def __init__(self, path: Path | str) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Nested ones belong to the outermost; whoever else wants the store waits."""
        with self._lock:
            outermost = self._depth == 0
            if outermost:
                self._connection.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if outermost:
                    self._connection.execute("ROLLBACK")
                raise
            self._depth -= 1
            if outermost:
                self._connection.execute("COMMIT")

    def rows(self, sql: str, *values: Any) -> list[Row]:
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, *values: Any) -> Row | None:
        with self._lock:
            found: Row | None = self._connection.execute(sql, values).fetchone()
        return found

    def value(self, sql: str, *values: Any) -> Any:
        """The first column of the first row, None without one."""
        row = self.row(sql, *values)
        return row[0] if row else None

    def column(self, sql: str, *values: Any) -> list[Any]:
        return [row[0] for row in self.rows(sql, *values)]

    def run(self, sql: str, *values: Any) -> int:
        """How many rows it touched."""
        with self._lock:
            return self._connection.execute(sql, values).rowcount

    def run_many(self, sql: str, values: list[tuple[Any, ...]]) -> None:
        with self._lock:
            self._connection.executemany(sql, values)

    def insert(self, table: str, **values: Any) -> int:
        """The new row's number. Lists and mappings are kept as JSON."""
        columns, marks = ", ".join(values), ", ".join("?" * len(values))
        kept = [dumps(value) if isinstance(value, dict | list) else value for value in values.values()]
        with self._lock:
            cursor = self._connection.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", kept)  # noqa: S608  # names from this code
        return cursor.lastrowid or 0

    def close(self) -> None:
        with self._lock:
            self._connection.close()


def dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def marks(values: list[Any] | tuple[Any, ...]) -> str:
    """Question marks for an IN (…), `NULL` for none."""
    return ", ".join("?" * len(values)) or "NULL"
