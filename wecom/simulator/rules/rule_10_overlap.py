"""Rule 10: too many calls of one API at once 45033 (threshold unpublished); two writes to one place at once 45035."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from wecom.simulator.errors import Refusal

Key = tuple[str, ...]


class InFlight:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: Counter[Key] = Counter()
        self._written: set[Key] = set()

    @contextmanager
    def call(self, key: Key, written: Key | None, *, most: int) -> Iterator[None]:
        """Holds a place of `key`, and `written` alone, while it lasts."""
        with self._lock:
            if self._calls[key] >= most:
                raise Refusal(45033)
            if written in self._written:
                raise Refusal(45035)
            self._calls[key] += 1
            if written:
                self._written.add(written)
        try:
            yield
        finally:
            with self._lock:
                self._calls[key] -= 1
                if written:
                    self._written.discard(written)
