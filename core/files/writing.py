"""Tables as files that no spreadsheet program can be made to run: CSV and XLSX, row by row into any stream.

A text that a program could take for a formula gets an apostrophe in front, as a person would type it; `restore_text`
takes it away again, so that what was exported can be imported. Control characters are shown as �.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Protocol
from xml.sax.saxutils import escape

Cell = str | int | float | Decimal | date | datetime | bool | None

# What spreadsheet programs begin a formula, a command or another cell with; also where only spaces, invisible
# characters or apostrophes stand before it.
_LEAD = re.compile(r"[\s\x00-\x20'\u00a0\u200b-\u200f\u2060\u3000\ufeff\ufffd]*[=+\-@|;%\t\r\n＝＋－＠｜；％﹢﹣﹦﹫−]")
_NOT_SHOWN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_LINE_END = re.compile(r"\r\n?")
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
LONGEST = 32_767  # characters that a cell of a workbook may hold


class Sink(Protocol):
    """Where the bytes go."""

    def write(self, data: bytes, /) -> object: ...


def safe_text(text: str) -> str:
    """The text as it may stand in a cell."""
    plain = _NOT_SHOWN.sub("�", _LINE_END.sub("\n", text))
    return f"'{plain}" if _LEAD.match(plain) else plain


def restore_text(text: str) -> str:
    """The text that `safe_text` was given, apart from control characters."""
    return text[1:] if text.startswith("'") and _LEAD.match(text[1:]) else text


def write_csv(sink: Sink, rows: Iterable[Sequence[Cell]]) -> int:
    """UTF-8 with a byte order mark, every cell quoted; answers how many rows."""
    sink.write(b"\xef\xbb\xbf")
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL)
    count = 0
    for row in rows:
        writer.writerow([_as_text(cell) for cell in row])
        sink.write(buffer.getvalue().encode())
        buffer.seek(0)
        buffer.truncate()
        count += 1
    return count


def write_xlsx(sink: Sink, rows: Iterable[Sequence[Cell]], *, about: Sequence[str] = ()) -> int:
    """A workbook with one sheet of rows and one that says what the file is; answers how many rows.

    Texts stand in the cells themselves and are never formulas; nothing is kept in memory or in another file.
    """
    stream = _Unseekable(sink)
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in _PARTS.items():
            package.writestr(name, text)
        with _sheet(package, "xl/worksheets/sheet2.xml") as part:
            _write_rows(part, ([line] for line in about))
        with _sheet(package, "xl/worksheets/sheet1.xml") as part:
            return _write_rows(part, rows)


def _as_text(cell: Cell) -> str:
    """Numbers and dates as they are: they are no text, so no sign in front of them is a formula."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    return safe_text(cell) if isinstance(cell, str) else str(cell)


def _as_xml(cell: Cell) -> str:
    if isinstance(cell, int | float | Decimal) and not isinstance(cell, bool):
        return f"<c><v>{cell}</v></c>"
    text = escape(_LOOKS_ESCAPED.sub("_x005F_", _as_text(cell))[:LONGEST])
    return f'<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _write_rows(part: IO[bytes], rows: Iterable[Sequence[Cell]]) -> int:
    count = 0
    for row in rows:
        part.write(f"<row>{''.join(map(_as_xml, row))}</row>".encode())
        count += 1
    return count


@contextmanager
def _sheet(package: zipfile.ZipFile, name: str) -> Iterator[IO[bytes]]:
    with package.open(name, "w", force_zip64=True) as part:
        part.write(f'{_XML}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
        yield part
        part.write(b"</sheetData></worksheet>")


class _Unseekable:
    """What zipfile needs of a stream that only goes forward."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def write(self, data: bytes) -> int:
        self._sink.write(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing waits here."""

    def close(self) -> None:
        """Whoever gave the sink closes it."""


_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet2.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>',
    "_rels/.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
    '<sheet name="Data" sheetId="1" r:id="r1"/><sheet name="About" sheetId="2" r:id="r2"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="r2" Type="{_OFFICE}/worksheet" Target="worksheets/sheet2.xml"/></Relationships>',
}
