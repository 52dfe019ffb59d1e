"""What a file is — kind, encoding, delimiter, sheets, header — and its rows under those facts."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from core.files.bytestreams import Meter, open_unpacked
from core.files.cells import looks_like_value
from core.files.delimited import detect_delimiter, read_delimited
from core.files.encoding import detect_encoding
from core.files.faults import BadRow, Fault, OnBad, UnreadableFile
from core.files.sheet import MAX_COLUMNS, read_sheet
from core.files.workbook import OLE_MAGIC, ZIP_MAGIC, open_workbook

SAMPLE_ROWS = 50
_BINARY = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"Rar!", b"7z\xbc\xaf", b"GIF8", b"BZh", b"\xfd7zXZ", b"SQLite")
_INVISIBLE = " \t\r\n\u00a0\u3000\ufeff\u200b\0"


@dataclass(frozen=True)
class FileFacts:
    """How to read a file. `header` has one name per column: `#3` where the file gives none. Plain enough for JSON."""

    kind: str
    size: int
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    header: tuple[str, ...] = ()
    header_line: int = 0
    has_header: bool = True
    sample_rows: tuple[tuple[int, list[str]], ...] = ()
    sample_bad: tuple[BadRow, ...] = ()

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "FileFacts":
        """The facts as `as_json` gave them."""
        values: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in kept.items()
        }
        return cls(**values)

    @property
    def duplicates(self) -> dict[str, int]:
        """Column names that occur again, each with the 1-based column of its second appearance."""
        seen: set[str] = set()
        again: dict[str, int] = {}
        for place, name in enumerate(self.header, 1):
            if name in seen:
                again.setdefault(name, place)
            seen.add(name)
        return again

    def position(self, name: str) -> int:
        """Return the 0-based place of a column by its name, or by `#3` whatever its name is.

        Raises:
            UnreadableFile: `duplicate_header` or `no_such_column`.

        """
        line = self.header_line or None
        if name in self.duplicates:
            raise UnreadableFile("duplicate_header", line=line, column=self.duplicates[name], name=name)
        if name in self.header:
            return self.header.index(name)
        if name[:1] == "#" and name[1:].isdecimal() and 0 < int(name[1:]) <= len(self.header):
            return int(name[1:]) - 1
        raise UnreadableFile("no_such_column", line=line, name=name, names=", ".join(self.header))

    def as_json(self) -> dict[str, object]:
        """The facts without the sample, to be kept with a job."""
        return asdict(replace(self, sample_rows=(), sample_bad=()))


def sniff(
    path: Path | str,
    *,
    encoding: str = "",
    delimiter: str = "",
    sheet: str = "",
    has_header: bool | None = None,
) -> FileFacts:
    """Find out how to read a file; what the caller declares is believed.

    Raises:
        UnreadableFile: the file as a whole is of no use, and why.

    """
    path = Path(path)
    kind = _kind(path)
    size = path.stat().st_size
    if kind == "xlsx":
        with open_workbook(path) as workbook:
            sheets = tuple(workbook.sheets)
        facts = FileFacts(kind, size, sheet=sheet or sheets[0], sheets=sheets)
    else:
        if not encoding:
            with open_unpacked(path) as stream:
                encoding = detect_encoding(stream)
        facts = FileFacts(kind, size, encoding, delimiter or detect_delimiter(path, encoding))
    return _with_header(path, facts, has_header=has_header)


def _kind(path: Path) -> str:
    with open_unpacked(path) as stream:
        head = stream.read(4096)
    if not head:
        raise UnreadableFile("empty_file")
    if head.startswith(OLE_MAGIC):
        raise UnreadableFile("old_excel")
    if head.startswith(_BINARY):
        raise UnreadableFile("unknown_kind")
    return "xlsx" if head.startswith(ZIP_MAGIC) else "text"


def _with_header(path: Path, facts: FileFacts, *, has_header: bool | None) -> FileFacts:
    bad: list[BadRow] = []
    rows = list(islice(_raw_rows(path, facts, bad.append, None), SAMPLE_ROWS + 1))
    if not rows:
        raise UnreadableFile("empty_file")
    first_line, first = rows[0]
    titles = [cell.strip(_INVISIBLE) for cell in first]
    while titles and not titles[-1]:
        titles.pop()
    if not titles and len(rows) == 1:
        raise UnreadableFile("empty_file")
    if has_header is None:
        has_header = not any(looks_like_value(title) for title in titles)
    width = len(titles) if has_header else max(len(cells) for _line, cells in rows)
    if width > MAX_COLUMNS:
        raise UnreadableFile("too_many_columns", line=first_line, column=MAX_COLUMNS + 1, limit=MAX_COLUMNS)
    names = [f"#{place + 1}" if not has_header or not titles[place] else titles[place] for place in range(width)]
    facts = replace(facts, header=tuple(names), header_line=first_line if has_header else 0, has_header=has_header)
    return replace(
        facts,
        sample_rows=tuple(islice(read_rows(path, facts, bad.append), SAMPLE_ROWS)),
        sample_bad=tuple(dict.fromkeys(bad)),
    )


def read_rows(
    path: Path | str, facts: FileFacts, on_bad: OnBad, meter: Meter | None = None
) -> Iterator[tuple[int, list[str]]]:
    """Yield `(line, cells)` below the header, each with as many cells as the header; the others go to `on_bad`.

    Memory is flat in the file's size. Blank rows are neither yielded nor reported. Lines only grow, also between the
    rows that are yielded and those that go to `on_bad`.
    """
    rows = _raw_rows(Path(path), facts, on_bad, len(facts.header), meter)
    if facts.has_header:
        next(rows, None)
    return rows


def _raw_rows(
    path: Path, facts: FileFacts, on_bad: OnBad, width: int | None, meter: Meter | None = None
) -> Iterator[tuple[int, list[str]]]:
    if facts.kind == "xlsx":
        rows = read_sheet(path, sheet=facts.sheet, meter=meter)
        return rows if width is None else _fitted(rows, width, on_bad)
    return read_delimited(
        path, encoding=facts.encoding, delimiter=facts.delimiter, on_bad=on_bad, width=width, meter=meter
    )


def _fitted(rows: Iterator[tuple[int, list[str]]], width: int, on_bad: OnBad) -> Iterator[tuple[int, list[str]]]:
    """A sheet leaves out empty cells at a row's end, and may hold notes beside the table: neither is a fault."""
    padding = [""] * width
    for line, cells in rows:
        if len(cells) != width:
            cells[width:] = padding[len(cells) :]
        if "\0" in "".join(cells):
            on_bad(BadRow(line, None, Fault.BAD_CHARACTER, tuple(cells)))
        elif any(cells):
            yield line, cells
