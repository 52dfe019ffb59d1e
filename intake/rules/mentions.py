"""Whether a file names a person: her values are sought in its bytes, in every encoding that files come in."""

import zipfile
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import IO

from core.files import UnreadableFile
from core.files.bytestreams import open_seekable

ENCODINGS = ("utf-8", "gb18030", "utf-16-le", "utf-16-be")
CHUNK = 1 << 20
MOBILE = 11
#: A packed file that is cut off, damaged, locked, or packed in a way that nobody here can open.
CLOSED = (UnreadableFile, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)


def mentions(path: Path, values: Collection[str]) -> bool:
    """As `named_in`; of a file that cannot be read to its end nobody can say that she is not in it: True."""
    return named_in(path, values) is not False


def named_in(path: Path, values: Collection[str]) -> bool | None:
    """Whether any of the values stands in the file, unpacked where it is packed, or in one of the parts of a workbook.

    None: it cannot be read to its end, and does not name her until there. A name may stand in pieces.
    """
    needles = {written.encode(encoding) for value in values for written in _written(value) for encoding in ENCODINGS}
    if not needles:
        return False
    overlap = max(map(len, needles)) - 1
    try:
        return any(_found(stream, needles, overlap) for stream in _streams(path))
    except CLOSED:
        return None


def _written(value: str) -> set[str]:
    """A phone number also without its country, and as people space it."""
    digits = value.removeprefix("+86")
    if digits.isdigit() and len(digits) == MOBILE:
        parts = (digits[:3], digits[3:7], digits[7:])
        return {value, digits, " ".join(parts), "-".join(parts)}
    return {value}


def _streams(path: Path) -> Iterator[IO[bytes]]:
    with open_seekable(path) as file:
        yield file
        if not zipfile.is_zipfile(file):
            return
        with zipfile.ZipFile(file) as archive:
            for part in archive.infolist():
                with archive.open(part) as unpacked:
                    yield unpacked


def _found(stream: IO[bytes], needles: Collection[bytes], overlap: int) -> bool:
    kept = b""
    while chunk := stream.read(CHUNK):
        window = kept + chunk
        if any(needle in window for needle in needles):
            return True
        kept = window[-overlap:] if overlap else b""
    return False
