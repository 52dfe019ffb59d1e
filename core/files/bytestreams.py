"""Bytes of a file, unpacked on the way when it is compressed, with a limit on what may come out."""

import gzip
import io
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO

from core.files.faults import UnreadableFile

GZIP_MAGIC = b"\x1f\x8b"
CHUNK = 1 << 20
#: Unpacked sizes up to this are harmless whatever the ratio; above it text packs 5 to 30 times, a bomb 1,000 times.
HARMLESS_BYTES = 64 << 20
MAX_RATIO = 250


class Meter:
    """How much of a file has been read, for whoever waits for it."""

    def __init__(self) -> None:
        self._stream: IO[bytes] | None = None
        self._size = 0

    def watch(self, stream: IO[bytes], size: int) -> None:
        self._stream, self._size = stream, size

    @property
    def fraction(self) -> float:
        """From 0 to 1; 1 when the file is closed again."""
        if self._stream is None or not self._size:
            return 0.0
        return 1.0 if self._stream.closed else min(self._stream.tell() / self._size, 1.0)


class _Guarded(io.RawIOBase):
    """A gzip stream that refuses to unpack beyond all proportion and says so when it is damaged."""

    def __init__(self, source: BinaryIO, packed_size: int) -> None:
        super().__init__()
        self._unpacked = gzip.GzipFile(fileobj=source)
        self._left = max(HARMLESS_BYTES, packed_size * MAX_RATIO)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            data = self._unpacked.read(len(buffer))
        except (EOFError, OSError, zlib.error) as error:
            raise UnreadableFile("broken_archive") from error
        self._left -= len(data)
        if self._left < 0:
            raise UnreadableFile("bomb")
        buffer[: len(data)] = data
        return len(data)


@contextmanager
def open_unpacked(path: Path, meter: Meter | None = None) -> Iterator[IO[bytes]]:
    """Open the file's bytes for reading from front to back, through gzip when its first bytes say so."""
    try:
        source = path.open("rb")
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        raise UnreadableFile("missing_file") from error
    with source:
        packed = source.read(2) == GZIP_MAGIC
        source.seek(0)
        if meter is not None:
            meter.watch(source, path.stat().st_size)
        if packed:
            yield io.BufferedReader(_Guarded(source, path.stat().st_size), CHUNK)
        else:
            yield source


@contextmanager
def open_seekable(path: Path) -> Iterator[IO[bytes]]:
    """As `open_unpacked`, but one can move about in it: what was compressed is unpacked into a temporary file."""
    with open_unpacked(path) as stream:
        if stream.seekable():
            yield stream
            return
        with tempfile.TemporaryFile() as unpacked:
            while chunk := stream.read(CHUNK):
                unpacked.write(chunk)
            unpacked.seek(0)
            yield unpacked
