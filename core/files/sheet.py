"""Rows of one sheet of a workbook, streamed: one row is in memory at a time."""

import math
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import IO

from core.files.bytestreams import Meter
from core.files.faults import UnreadableFile
from core.files.workbook import MAX_TOKEN, Attributes, Workbook, XmlPart, local, open_workbook

MAX_COLUMNS = 1024
_EPOCHS = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}  # noqa: DTZ001 - workbook times have no zone
_MAX_SERIAL = 2_958_465  # 9999-12-31
_EXACT = 1e15  # whole numbers up to here are exact in the 15 digits that a workbook keeps


def read_sheet(path: Path, *, sheet: str | None = None, meter: Meter | None = None) -> Iterator[tuple[int, list[str]]]:
    """Yield `(row number, cells)` of the named or first sheet, as text, without blank rows.

    Numbers come in their shortest form (`17850`, `2.55`), dates as `2026-01-02T03:04:05` or `2026-01-02`, error cells
    as the sheet shows them (`#N/A`). Rows are as long as their last filled cell.
    """
    with open_workbook(path) as workbook, workbook.open_sheet(sheet, meter) as stream:
        yield from _Rows(workbook).read(stream)


class _Rows:
    """Turns the events of the XML parser into rows."""

    def __init__(self, workbook: Workbook) -> None:
        self._strings = workbook.strings.text
        self._date_styles = workbook.date_styles
        self._epoch_1904 = workbook.epoch_1904
        self._part = XmlPart()
        self._parser = self._part.parser
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._ready: list[tuple[int, list[str]]] = []
        self._line = 0
        self._cells: list[str] = []
        self._column = 0
        self._kind = ""
        self._style = ""
        self._pieces: list[str] = []

    def read(self, stream: IO[bytes]) -> Iterator[tuple[int, list[str]]]:
        more = True
        while more:
            more = self._part.feed(stream)
            yield from self._ready
            self._ready.clear()

    def _start(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            reference = attributes.get("r")
            self._column = _column(reference.rstrip("0123456789")) if reference else self._column + 1
            self._kind = attributes.get("t", "n")
            self._style = attributes.get("s", "")
        elif name in {"v", "t"}:
            self._parser.CharacterDataHandler = self._collect
        elif name == "row":
            number = attributes.get("r")
            self._line = max(int(number), self._line + 1) if number and number.isdigit() else self._line + 1
            self._column = 0
        elif ":" in name:
            self._start(local(name), attributes)

    def _collect(self, text: str) -> None:
        self._pieces.append(text)
        if len(self._pieces) > MAX_TOKEN >> 8:
            raise UnreadableFile("bomb", line=self._line, column=self._column)

    def _end(self, name: str) -> None:
        if name in {"v", "t"}:
            self._parser.CharacterDataHandler = None
        elif name == "c":
            if self._pieces:
                self._put(self._value("".join(self._pieces)))
                self._pieces.clear()
        elif name == "row":
            if self._cells:
                self._ready.append((self._line, self._cells))
                self._cells = []
        elif ":" in name:
            self._end(local(name))

    def _put(self, value: str) -> None:
        if not value:
            return
        cells, gap = self._cells, self._column - len(self._cells) - 1
        if self._column > MAX_COLUMNS:
            raise UnreadableFile("too_many_columns", line=self._line, column=self._column, limit=MAX_COLUMNS)
        if gap:
            cells.extend([""] * gap)
        cells.append(value)

    def _value(self, text: str) -> str:
        kind = self._kind
        if kind == "s":
            return self._strings(int(text)) if text.isdigit() else ""
        if kind == "n":
            if self._style in self._date_styles:
                return serial_text(text, epoch_1904=self._epoch_1904)
            return text if text.isdigit() else number_text(text)
        if kind == "b":
            return "TRUE" if text == "1" else "FALSE"
        return text


@lru_cache(maxsize=4096)
def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


@lru_cache(maxsize=1 << 14)
def number_text(text: str) -> str:
    """The shortest way to write the same number: workbooks hold 2.55 as 2.5499999999999998."""
    try:
        number = float(text)
    except ValueError:
        return text
    if not math.isfinite(number):
        return text
    return str(int(number)) if number.is_integer() and abs(number) < _EXACT else repr(number)


@lru_cache(maxsize=1 << 14)
def serial_text(text: str, *, epoch_1904: bool) -> str:
    """The date and time that a day number stands for, to the second; a part of a day is a time of day."""
    try:
        serial = float(text)
    except ValueError:
        return text
    if not 0 <= serial <= _MAX_SERIAL:
        return number_text(text)
    moment = _EPOCHS[epoch_1904] + timedelta(seconds=round(serial * 86_400))
    if serial < 1:
        return moment.time().isoformat()
    return moment.date().isoformat() if serial.is_integer() else moment.isoformat()
