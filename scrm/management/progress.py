"""A line that says how far it is, where somebody looks."""

from collections.abc import Callable
from typing import Protocol

WORDS = {"count": "Counting rows", "database": "Database", "files": "Files", "check": "Checking the file",
         "verify": "Verifying", "items": "Items"}  # fmt: skip


class Terminal(Protocol):
    """Where somebody may look."""

    def isatty(self) -> bool: ...

    def write(self, text: str, /) -> object: ...

    def flush(self) -> None: ...


def shown(stream: Terminal, *, quiet: bool = False) -> Callable[[str, int, int], None]:
    """Called with stage, done and all; rewrites one line of a terminal and says nothing elsewhere."""
    if quiet or not stream.isatty():
        return lambda _stage, _done, _all: None
    last = ""

    def show(stage: str, done: int, whole: int) -> None:
        nonlocal last
        line = f"{WORDS[stage]}: {min(100, done * 100 // max(whole, 1))} %"
        if line != last:
            last = line
            stream.write(f"\r{line:<40}{chr(10) if done >= whole else ''}")
            stream.flush()

    return show
