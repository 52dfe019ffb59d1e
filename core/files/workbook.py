"""XLSX: the package around the sheets — parts, sheets, shared texts, date formats — with caps on everything."""

import mmap
import re
import tempfile
import zipfile
import zlib
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import IO
from xml.parsers import expat

from core.files.bytestreams import HARMLESS_BYTES, MAX_RATIO, Meter, open_seekable
from core.files.faults import UnreadableFile

MAX_PARTS = 10_000
MAX_UNPACKED = 8 << 30
#: The parser holds one token in memory until it is whole; no honest one is larger.
MAX_TOKEN = 1 << 20
XML_CHUNK = 1 << 16
ENCRYPTED_FLAG = 0x1
OLE_MAGIC = b"\xd0\xcf\x11\xe0"
ZIP_MAGIC = b"PK\x03\x04"
WORKBOOK = "xl/workbook.xml"

#: Number formats that show a date or time although the file does not spell them out (ECMA-376 part 1, 18.8.30).
BUILTIN_DATE_FORMATS = frozenset([*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)])
_NOT_FORMAT = re.compile(r'"[^"]*"|\\.|\[(?!h+\]|m+\]|s+\])[^\]]*\]|_.|\*.', re.IGNORECASE)
_DATE_LETTERS = re.compile(r"[dmyhse]", re.IGNORECASE)

Attributes = dict[str, str]


class XmlPart:
    """One XML part, fed to handlers by its local element names; refuses document types, and with them all entities."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._refuse
        self._fed = 0

    def _refuse(self, *_args: object) -> None:
        raise UnreadableFile("broken_workbook")

    def feed(self, stream: IO[bytes]) -> bool:
        """Parse the next piece; False at the end."""
        chunk = stream.read(XML_CHUNK)
        self.parser.Parse(chunk, not chunk)
        self._fed += len(chunk)
        if self._fed - self.parser.CurrentByteIndex > MAX_TOKEN:
            raise UnreadableFile("bomb")
        return bool(chunk)


def local(name: str) -> str:
    """The element's name without its prefix; some programs write `x:row`."""
    return name.rpartition(":")[2]


class SharedStrings:
    """The texts that cells refer to by number, kept in a temporary file so that a million of them cost no memory."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the workbook
        self._ends = array("Q", [0])
        self._map: mmap.mmap | None = None
        self._pieces: list[str] = []
        self._phonetic = False
        self.text = lru_cache(maxsize=1 << 15)(self._text)

    def load(self, stream: IO[bytes]) -> None:
        part = XmlPart()
        part.parser.StartElementHandler = self._start
        part.parser.EndElementHandler = self._end
        self._parser = part.parser
        while part.feed(stream):
            pass
        self._file.flush()
        if self._ends[-1]:
            self._map = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)

    def _start(self, name: str, _attributes: Attributes) -> None:
        tag = local(name)
        if tag == "rPh":  # how to pronounce a Japanese word: not part of the text
            self._phonetic = True
        elif tag == "t" and not self._phonetic:
            self._parser.CharacterDataHandler = self._collect

    def _collect(self, text: str) -> None:
        self._pieces.append(text)
        if len(self._pieces) > MAX_TOKEN >> 8:
            raise UnreadableFile("bomb")

    def _end(self, name: str) -> None:
        tag = local(name)
        if tag == "t":
            self._parser.CharacterDataHandler = None
        elif tag == "rPh":
            self._phonetic = False
        elif tag == "si":
            data = "".join(self._pieces).encode()
            self._pieces.clear()
            self._file.write(data)
            self._ends.append(self._ends[-1] + len(data))

    def _text(self, index: int) -> str:
        if not 0 <= index < len(self._ends) - 1:
            raise UnreadableFile("broken_workbook")
        start, end = self._ends[index], self._ends[index + 1]
        return self._map[start:end].decode() if self._map is not None and end > start else ""

    def close(self) -> None:
        if self._map is not None:
            self._map.close()
        self._file.close()


@dataclass
class Workbook:
    """An opened XLSX file: its sheets in order, and what the cells need to be understood."""

    package: zipfile.ZipFile
    strings: SharedStrings
    sheets: dict[str, str] = field(default_factory=dict)
    date_styles: frozenset[str] = frozenset()
    epoch_1904: bool = False

    @contextmanager
    def open_sheet(self, name: str | None, meter: Meter | None = None) -> Iterator[IO[bytes]]:
        """Open the XML of the named sheet, or of the first one."""
        chosen = name if name is not None else next(iter(self.sheets))
        if chosen not in self.sheets:
            raise UnreadableFile("no_such_sheet", sheet=chosen, sheets=", ".join(self.sheets))
        with _open_part(self.package, self.sheets[chosen]) as stream:
            if meter is not None:
                meter.watch(stream, self.package.getinfo(self.sheets[chosen]).file_size)
            yield stream


@contextmanager
def open_workbook(path: Path) -> Iterator[Workbook]:
    """Open an XLSX file whose parts are of honest size; damage anywhere inside becomes one `UnreadableFile`."""
    with open_seekable(path) as data:
        strings = SharedStrings()
        try:
            with zipfile.ZipFile(data) as package:
                _refuse_bombs(package)
                workbook = Workbook(package, strings)
                _read_directory(workbook)
                _read_styles(workbook)
                if "xl/sharedStrings.xml" in package.namelist():
                    with _open_part(package, "xl/sharedStrings.xml") as part:
                        strings.load(part)
                yield workbook
        except (zipfile.BadZipFile, zlib.error, EOFError, expat.ExpatError, KeyError, NotImplementedError) as error:
            raise UnreadableFile("broken_workbook") from error
        finally:
            strings.close()


def _refuse_bombs(package: zipfile.ZipFile) -> None:
    """Sizes come from the directory; a part that lies about its own is cut off there and fails its checksum."""
    parts = package.infolist()
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise UnreadableFile("bomb")
    for part in parts:
        if part.file_size > HARMLESS_BYTES and part.file_size > part.compress_size * MAX_RATIO:
            raise UnreadableFile("bomb")
        if part.flag_bits & ENCRYPTED_FLAG:
            raise UnreadableFile("password")


def _open_part(package: zipfile.ZipFile, name: str) -> IO[bytes]:
    return package.open(name)


def _scan(package: zipfile.ZipFile, name: str, visit: Callable[[str, Attributes], None]) -> None:
    part = XmlPart()
    part.parser.StartElementHandler = lambda tag, attributes: visit(local(tag), attributes)
    with _open_part(package, name) as stream:
        while part.feed(stream):
            pass


def _read_directory(workbook: Workbook) -> None:
    """Sheet names in order, each with the part that its relation names; charts and macros are no sheets of cells."""
    targets: dict[str, str] = {}
    base = dirname(WORKBOOK)

    def relation(tag: str, attributes: Attributes) -> None:
        if tag == "Relationship" and attributes.get("Type", "").endswith("/worksheet"):
            target = attributes["Target"]
            targets[attributes["Id"]] = target.lstrip("/") if target.startswith("/") else normpath(join(base, target))

    def sheet(tag: str, attributes: Attributes) -> None:
        if tag == "workbookPr":
            workbook.epoch_1904 = attributes.get("date1904") in {"1", "true"}
        elif tag == "sheet":
            relation_id = next((value for key, value in attributes.items() if local(key) == "id"), "")
            if relation_id in targets:
                workbook.sheets[attributes["name"]] = targets[relation_id]

    _scan(workbook.package, f"{base}/_rels/workbook.xml.rels", relation)
    _scan(workbook.package, WORKBOOK, sheet)
    if not workbook.sheets:
        raise UnreadableFile("broken_workbook")


def _read_styles(workbook: Workbook) -> None:
    """Which cell styles show dates: in the file a date is a number that only its style gives away."""
    if "xl/styles.xml" not in workbook.package.namelist():
        return
    custom: dict[str, str] = {}
    styles: list[str] = []
    inside = ""

    def style(tag: str, attributes: Attributes) -> None:
        nonlocal inside
        if tag in {"cellXfs", "cellStyleXfs", "cellStyles", "dxfs"}:
            inside = tag
        elif tag == "numFmt" and inside != "dxfs":
            custom[attributes["numFmtId"]] = attributes.get("formatCode", "")
        elif tag == "xf" and inside == "cellXfs":
            styles.append(attributes.get("numFmtId", "0"))

    _scan(workbook.package, "xl/styles.xml", style)
    dates = {key for key, code in custom.items() if shows_date(code)} | {str(key) for key in BUILTIN_DATE_FORMATS}
    workbook.date_styles = frozenset(str(place) for place, key in enumerate(styles) if key in dates)


def shows_date(format_code: str) -> bool:
    """True when a number format has a part of a date outside its quoted text, colours and conditions."""
    plain = _NOT_FORMAT.sub("", format_code.split(";", maxsplit=1)[0])
    return plain.lower() != "general" and "0e" not in plain.lower() and bool(_DATE_LETTERS.search(plain))
