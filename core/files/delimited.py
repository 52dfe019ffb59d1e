"""Rows of delimited text, one after the other, however large the file and however broken a line."""

import csv
import io
import re
from collections import deque
from collections.abc import Generator, Iterator
from functools import partial
from pathlib import Path
from typing import IO

from core.files.bytestreams import Meter, open_unpacked
from core.files.encoding import is_foreign
from core.files.faults import BadRow, Fault, OnBad, UnreadableFile

DELIMITERS = (",", "\t", ";", "|")
#: A longer line is no table row; also the most that one open quotation mark may swallow before it counts as an error.
MAX_LINE = 1 << 20
_UNREADABLE = re.compile("[\udc80-\udcff]")


class _Lines:
    """The physical lines of a text, numbered; those of the row in hand are held so that they can be given back."""

    def __init__(self, stream: IO[str], encoding: str) -> None:
        self._encoding = encoding
        self._readline = partial(stream.readline, MAX_LINE)
        self._returned: deque[str] = deque()
        self.number = 0
        self.held: list[str] = []
        self.fault: Fault | None = None

    def feed(self) -> Iterator[str]:
        held, returned, readline = self.held, self._returned, self._readline
        while line := returned.popleft() if returned else readline():
            self.number += 1
            if not line.isascii() or "\0" in line or len(line) == MAX_LINE:
                line = self._inspect(line)
            held.append(line)
            yield line

    def _inspect(self, line: str) -> str:
        if "\0" in line:
            self.fault = Fault.BAD_CHARACTER
        elif _UNREADABLE.search(line) or is_foreign(line, self._encoding):
            self.fault = Fault.BAD_ENCODING
        if len(line) < MAX_LINE or line[-1] in "\r\n":
            return line
        self.fault = Fault.LINE_TOO_LONG
        while (rest := self._readline()) and rest[-1] not in "\r\n":
            pass
        return "\n"

    def given_up(self, fault: Fault) -> BadRow:
        """The row in hand ends with its first line, which cannot be read; the others will be read again."""
        text = self.held[0].rstrip("\r\n")
        return BadRow(self._give_back_all_but_first(), None, fault, (text,))

    def _give_back_all_but_first(self) -> int:
        first = self.number - len(self.held) + 1
        self._returned.extendleft(reversed(self.held[1:]))
        self.number = first
        self.held.clear()
        self.fault = None
        return first


def read_delimited(
    path: Path,
    *,
    encoding: str,
    delimiter: str,
    on_bad: OnBad,
    width: int | None = None,
    meter: Meter | None = None,
) -> Iterator[tuple[int, list[str]]]:
    """Yield `(line, cells)` for every row that can be read; the others go to `on_bad`. Blank rows are left out.

    `line` is the physical line the row begins on, from 1. With `width`, every row has exactly that many cells:
    empty cells beyond it are dropped, any other number is a fault. A quotation mark that is never closed costs its own
    line only: the lines that it swallowed are read again.
    """
    with (
        open_unpacked(path, meter) as data,
        io.TextIOWrapper(data, encoding=encoding, errors=_on_error(encoding), newline="") as text,
    ):
        lines = _Lines(text, encoding)
        done = False
        try:
            while not done:
                done = yield from _rows_to_first_open_quote(lines, delimiter, on_bad, width)
        except UnicodeError as error:
            raise UnreadableFile("bad_encoding", line=lines.number + 1, encoding=encoding) from error


def _on_error(encoding: str) -> str:
    """Wrong bytes stay visible in their row; in two-byte encodings everything after them would be wrong as well."""
    return "strict" if encoding.startswith(("utf-16", "utf-32")) else "surrogateescape"


def _rows_to_first_open_quote(
    lines: _Lines, delimiter: str, on_bad: OnBad, width: int | None
) -> Generator[tuple[int, list[str]], None, bool]:
    """Yield rows; return True at the end of the text, False where a quotation mark has to be given up."""
    rows = csv.reader(lines.feed(), delimiter=delimiter, strict=True)
    held = lines.held
    while True:
        try:
            cells = next(rows)
        except StopIteration:
            return True
        except csv.Error as error:
            too_long = len(held) == 1 and "limit" in str(error)  # the module's errors differ by their words only
            kind = Fault.LINE_TOO_LONG if too_long else Fault.BAD_QUOTE
            on_bad(lines.given_up(kind))
            return False
        fits = width is None or len(cells) == width
        if len(held) > 1 and not fits:  # a quotation mark left open, closed by one that was meant to open
            on_bad(lines.given_up(Fault.BAD_QUOTE))
            return False
        line, fault = lines.number - len(held) + 1, lines.fault
        held.clear()
        lines.fault = None
        if fault is None and not fits:
            fault = _fit(cells, width or 0)
        if fault is not None:
            on_bad(BadRow(line, _column_to_blame(cells, fault), fault, tuple(cells)))
        elif any(cells):
            yield line, cells


def _fit(cells: list[str], width: int) -> Fault | None:
    """Drop empty cells beyond the width, in place; a row with none at all is blank, not wrong."""
    if any(cells[width:]) or (len(cells) < width and any(cells)):
        return Fault.COLUMN_COUNT
    del cells[width:]
    return None


def _column_to_blame(cells: list[str], fault: Fault) -> int | None:
    if fault is Fault.BAD_CHARACTER:
        return next((place for place, cell in enumerate(cells, 1) if "\0" in cell), None)
    if fault is Fault.BAD_ENCODING:
        return next((place for place, cell in enumerate(cells, 1) if _UNREADABLE.search(cell)), None)
    return len(cells) if fault is Fault.COLUMN_COUNT else None


def detect_delimiter(path: Path, encoding: str, sample_rows: int = 200) -> str:
    """Return the delimiter under which the first rows agree best on how many cells they have; a comma if none does."""
    scores = {delimiter: _agreement(path, encoding, delimiter, sample_rows) for delimiter in DELIMITERS}
    return max(DELIMITERS, key=lambda delimiter: scores[delimiter])


def _agreement(path: Path, encoding: str, delimiter: str, sample_rows: int) -> tuple[float, int]:
    rows = read_delimited(path, encoding=encoding, delimiter=delimiter, on_bad=lambda _bad: None)
    widths = [len(cells) for (_line, cells), _count in zip(rows, range(sample_rows), strict=False)]
    if not widths or widths[0] < 2:  # noqa: PLR2004 - one column means that this is not the delimiter
        return (0.0, 0)
    return (widths.count(widths[0]) / len(widths), widths[0])
