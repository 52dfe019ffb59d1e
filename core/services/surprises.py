"""Rows that wait in a table are done one by one: one that fails must not hold up all that stand behind it."""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import connection

log = logging.getLogger(__name__)

Row = TypeVar("Row")
Done = TypeVar("Done")


class Surprises:
    """What nobody expected while rows were worked on: each is logged with its traceback, the first raised at the end."""

    def __init__(self) -> None:
        self.first: Exception | None = None

    @contextmanager
    def kept(self, row: object) -> Iterator[None]:
        """What the block raises ends this row only. A lost connection is dropped, so that the next row has a new one."""
        try:
            yield
        except Exception as surprise:
            log.exception("%s failed; the others go on", row)
            self.first = self.first or surprise
            if not connection.in_atomic_block:
                connection.close_if_unusable_or_obsolete()

    def raise_first(self) -> None:
        """So that a task in which something failed is seen to have failed."""
        if self.first is not None:
            raise self.first


def each_by_itself(rows: Iterable[Row], act: Callable[[Row], Done]) -> list[Done]:
    """What `act` answers for each. Raises the first surprise after all the others are done."""
    surprises, done = Surprises(), []
    for row in rows:
        with surprises.kept(row):
            done.append(act(row))
    surprises.raise_first()
    return done
