"""The first second place: one file per log under SCRM_SEALS, one line per seal, only ever appended to.

It is outside the database: whoever rewrites the tables has not rewritten the file. Keep it on another disk or host, or
make it append-only there (`chattr +a`).
"""

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from django.conf import settings

from core.files.appending import append_lines

PREFIX, SUFFIX = "audit-", ".jsonl"
LONGEST_LINE = 4_000_000


class Line(NamedTuple):
    number: int
    text: bytes


def folder() -> Path:
    return Path(settings.SCRM_SEALS)


def path_of(log: UUID) -> Path:
    return folder() / f"{PREFIX}{log}{SUFFIX}"


def logs() -> list[str]:
    """Of which logs there are files here."""
    return sorted(path.name[len(PREFIX) : -len(SUFFIX)] for path in folder().glob(f"{PREFIX}*{SUFFIX}"))


def append(log: UUID, lines: Iterable[bytes]) -> None:
    """Add the lines and wait until they are on the disk."""
    append_lines(path_of(log), lines)


def read(log: UUID) -> Iterator[Line]:
    """The lines in their order; what is no whole line of a seal is passed over, and its number is missed by others."""
    try:
        file = path_of(log).open("rb")
    except FileNotFoundError:
        return
    with file:
        for text in file:
            number = _number_of(text)
            if number is not None:
                yield Line(number, text.rstrip(b"\n"))


def last(log: UUID) -> Line | None:
    """The line of the highest seal, found from the end of the file: behind it lines may stand that were written again."""
    try:
        with path_of(log).open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - LONGEST_LINE))
            lines = file.read().splitlines()
    except FileNotFoundError:
        return None
    found = (Line(number, text) for text in lines if (number := _number_of(text)) is not None)
    return max(found, key=lambda line: line.number, default=None)


def _number_of(text: bytes) -> int | None:
    try:
        content = json.loads(text)
    except ValueError:
        return None
    number = content.get("number") if isinstance(content, dict) else None
    return number if isinstance(number, int) else None
