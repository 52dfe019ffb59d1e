"""Rows of a file of a chat: a table (CSV, XLSX) or JSON, one after the other, as texts by field.

A table is read as a stream. JSON is read at once, so it has a limit, unless it has one object per line.
"""

import codecs
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from community.enums.messages import ChatReason
from community.errors.chats import ChatNotUsable, ChatTooLarge
from community.rules.chat_fields import columns_of
from core.files import BadRow, Fault, FileFacts, Meter, UnreadableFile, read_rows, sniff
from core.files.bytestreams import open_unpacked
from core.files.encoding import detect_encoding, is_foreign

LARGEST_JSON = 128 << 20
HEAD = 4_096
LISTS = ("messages", "items", "data", "records", "list", "members", "participants")

Fields = Mapping[str, str]


@dataclass(frozen=True)
class Row:
    """`values` by field, or `fault` why there are none; `column` names the column at fault."""

    line: int
    values: Fields
    fault: str = ""


class ChatFile:
    """One file: its layout, the columns that were recognised, its rows. Raises UnreadableFile or ChatNotUsable."""

    def __init__(self, path: Path, names: Mapping[str, tuple[str, ...]]) -> None:
        self.path = path
        self.meter = Meter()
        self._names = names
        self._encoding = _json_encoding(path)
        self.layout = "json" if self._encoding else "csv"
        self._facts: FileFacts | None = None
        self._objects: list[tuple[int, Any]] = []
        self._place = 0
        if self.layout == "json":
            self._objects = _objects(path, self._encoding)
            titles: dict[str, None] = {}
            for _line, each in self._objects[:1_000]:
                titles.update(dict.fromkeys(each) if isinstance(each, dict) else {})
            self.header = tuple(titles)
        else:
            self._facts = sniff(path)
            self.header = self._facts.header
        self.columns = columns_of(self.header, names)

    @property
    def fraction(self) -> float:
        if self.layout == "json":
            return self._place / max(len(self._objects), 1)
        return self.meter.fraction

    def facts(self) -> dict[str, Any]:
        """What the page of the import says of the file."""
        encoding = self._encoding or (self._facts.encoding if self._facts else "")
        return {"layout": self.layout, "encoding": encoding, "header": list(self.header), "columns": self.columns}

    def rows(self) -> Iterator[Row]:
        """Every row, good or not, in the order of the file."""
        yield from self._of_objects() if self.layout == "json" else self._of_table()

    def _of_objects(self) -> Iterator[Row]:
        for place, (line, each) in enumerate(self._objects, 1):
            self._place = place
            if isinstance(each, str):
                yield Row(line, {}, each)
            elif not isinstance(each, dict):
                yield Row(line, {}, ChatReason.NOT_AN_OBJECT)
            else:
                values = {field: _as_text(each.get(title)) for field, title in self.columns.items()}
                yield Row(line, values, _unstorable(values, self._encoding))

    def _of_table(self) -> Iterator[Row]:
        if self._facts is None:
            return
        places = [(field, self._facts.position(title)) for field, title in self.columns.items()]
        waiting: list[BadRow] = []
        for line, cells in read_rows(self.path, self._facts, waiting.append, self.meter):
            while waiting:
                bad = waiting.pop(0)
                yield Row(bad.line, {}, bad.fault.value)
            yield Row(line, {field: cells[place] for field, place in places})
        for bad in waiting:
            yield Row(bad.line, {}, bad.fault.value)


def _json_encoding(path: Path) -> str:
    """The encoding of a file that begins like JSON; empty for a table."""
    with open_unpacked(path) as stream:
        head = stream.read(HEAD)
    if not head:
        raise UnreadableFile("empty_file")
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF")):
        return ""
    with open_unpacked(path) as stream:
        encoding = detect_encoding(stream)
    try:
        text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(head).lstrip("\ufeff \t\r\n")
    except UnicodeError as error:
        raise UnreadableFile("bad_encoding", encoding=encoding) from error
    return encoding if text[:1] in {"{", "["} else ""


def _objects(path: Path, encoding: str) -> list[tuple[int, Any]]:
    with open_unpacked(path) as stream:
        data = stream.read(LARGEST_JSON + 1)
    if len(data) > LARGEST_JSON:
        raise ChatTooLarge
    errors = "strict" if encoding.startswith(("utf-16", "utf-32")) else "surrogateescape"
    try:
        text = data.decode(encoding, errors).lstrip("\ufeff")
    except UnicodeError as error:
        raise UnreadableFile("bad_encoding", encoding=encoding) from error
    lines = text.splitlines()
    if len(lines) > 1 and lines[0].lstrip().startswith("{") and _is_object(lines[0]):
        return [(place, _of_line(line)) for place, line in enumerate(lines, 1) if line.strip()]
    try:
        found = json.loads(text, strict=False)
    except json.JSONDecodeError as error:
        raise ChatNotUsable("json_broken", line=error.lineno, column=error.colno) from error
    except RecursionError as error:
        raise ChatNotUsable("json_shape") from error
    return list(enumerate(_list_in(found), 1))


def _is_object(line: str) -> bool:
    return isinstance(_of_line(line), dict)


def _of_line(line: str) -> Any:
    try:
        return json.loads(line, strict=False)
    except (json.JSONDecodeError, RecursionError):
        return str(ChatReason.NOT_AN_OBJECT)


def _list_in(found: Any) -> list[Any]:
    if isinstance(found, dict):
        inner = next((found[name] for name in LISTS if isinstance(found.get(name), list)), None)
        found = inner if inner is not None else found
    if not isinstance(found, list):
        raise ChatNotUsable("json_shape")
    return found


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:  # noqa: PLR2004  # exact
        return str(int(value))
    return (
        value
        if isinstance(value, str)
        else json.dumps(value, ensure_ascii=False)
        if isinstance(value, dict | list)
        else str(value)
    )


def _unstorable(values: Fields, encoding: str) -> str:
    together = "".join(values.values())
    if "\0" in together:
        return Fault.BAD_CHARACTER.value
    if not together.isascii():
        try:
            together.encode()
        except UnicodeEncodeError:
            return Fault.BAD_ENCODING.value
    return Fault.BAD_ENCODING.value if is_foreign(together, encoding) else ""
