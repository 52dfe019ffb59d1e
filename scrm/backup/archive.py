"""The file of a backup: sealed parts one behind the other, the sealed manifest, and where the manifest begins.

    MAGIC (8) | mark of the key (8) | salt (32) | part … | manifest | offset and length of the manifest (8 + 8) | END (8)

Every part is sealed piece by piece (`core.files.sealed`) under a key derived from the backup key and the salt, and bound
to its name. The manifest names offset, length and SHA-256 of each part as it lies there, so that a file can be checked
before anything is done with it. Written and read in pieces: memory does not grow with the backup.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from core.files.appending import keep_name
from core.files.sealed import SealedWriter, read_sealed
from core.rules.crypto import SealBroken, Sealer, derive_key
from scrm.backup.errors import ArchiveBroken, BackupRefused
from scrm.backup.key import mark_of

MAGIC, END = b"SCRMBAK1", b"1KABMRCS"
SALT = 32
HEAD = len(MAGIC) + 8 + SALT
TRAILER = 8 + 8 + len(END)
CHUNK = 1 << 20
PARTIAL = ".partial"
MANIFEST = "manifest"
Note = Callable[[int], None]


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part as it lies in the file; `size` is that of its content."""

    name: str
    offset: int
    length: int
    size: int
    sha256: str


class _Hashing:
    """Counts and hashes what goes to the file."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.position = 0
        self.whole, self.part = hashlib.sha256(), hashlib.sha256()

    def write(self, data: bytes) -> int:
        self._stream.write(data)
        self.whole.update(data)
        self.part.update(data)
        self.position += len(data)
        return len(data)


class ArchiveWriter:
    """Writes parts, then the manifest."""

    def __init__(self, stream: IO[bytes], key: bytes) -> None:
        salt = os.urandom(SALT)
        self._out: Any = _Hashing(stream)
        self._salt, self._sealer = salt, _sealer(key, salt)
        self._out.write(MAGIC + mark_of(key) + salt)
        self.parts: list[Part] = []

    @contextmanager
    def part(self, name: str) -> Iterator[SealedWriter]:
        """What is written to it inside the block is the content."""
        offset = self._out.position
        self._out.part = hashlib.sha256()
        writer = SealedWriter(self._out, self._sealer, _context(self._salt, name))
        yield writer
        writer.close()
        length = self._out.position - offset
        digest = self._out.part.hexdigest()
        self.parts.append(Part(name=name, offset=offset, length=length, size=writer.size, sha256=digest))

    def finish(self, about: Mapping[str, Any]) -> str:
        """The manifest with `about` and the parts; answers the SHA-256 of the whole file."""
        manifest = {**about, "parts": [asdict(part) for part in self.parts]}
        with self.part(MANIFEST) as content:
            content.write(json.dumps(manifest, ensure_ascii=False).encode())
        last = self.parts[-1]
        self._out.write(last.offset.to_bytes(8, "big") + last.length.to_bytes(8, "big") + END)
        return str(self._out.whole.hexdigest())


class ArchiveReader:
    """Opens a backup by its manifest. Raises ArchiveBroken, or BackupRefused for a backup under another key."""

    def __init__(self, path: Path, key: bytes) -> None:
        self.path = path
        try:
            with path.open("rb") as file:
                head, trailer = file.read(HEAD), self._trailer(file)
        except OSError as error:
            raise BackupRefused(f"{path} cannot be read: {error.strerror}.") from error
        if head[: len(MAGIC)] != MAGIC or trailer[-len(END) :] != END:
            raise ArchiveBroken(f"{path} is no backup, or it was cut off.")
        if head[len(MAGIC) : -SALT] != mark_of(key):
            raise BackupRefused(f"{path} was made under another backup key than the one in SCRM_BACKUP_KEY.")
        self._salt = head[-SALT:]
        self._sealer = _sealer(key, self._salt)
        offset, length = int.from_bytes(trailer[:8], "big"), int.from_bytes(trailer[8:16], "big")
        self.manifest: dict[str, Any] = self._read_manifest(offset, length)
        self.parts = {part["name"]: Part(**part) for part in self.manifest["parts"]}

    def pieces(self, name: str) -> Iterator[bytes]:
        """The content of a part."""
        part = self.parts[name]
        yield from self._open(name, part.offset, part.length)

    def check(self, note: Note = lambda _done: None) -> None:
        """Read every part once and compare its SHA-256. Raises ArchiveBroken."""
        done = 0
        for part in self.parts.values():
            digest = hashlib.sha256()
            with self.path.open("rb") as file:
                piece = _Slice(file, part.offset, part.length)
                while data := piece.read(CHUNK):
                    digest.update(data)
                    done += len(data)
                    note(done)
            if digest.hexdigest() != part.sha256:
                raise ArchiveBroken(f"{self.path} was changed: part {part.name!r} is not what was written.")

    @staticmethod
    def _trailer(file: IO[bytes]) -> bytes:
        file.seek(max(0, file.seek(0, os.SEEK_END) - TRAILER))
        return file.read()

    def _read_manifest(self, offset: int, length: int) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(b"".join(self._open(MANIFEST, offset, length)))
        return found

    def _open(self, name: str, offset: int, length: int) -> Iterator[bytes]:
        try:
            with self.path.open("rb") as file:
                sliced: Any = _Slice(file, offset, length)
                yield from read_sealed(sliced, self._sealer, _context(self._salt, name))
        except SealBroken as error:
            raise ArchiveBroken(f"{self.path} was changed: part {name!r} does not open.") from error


class _Slice:
    """A piece of a file, read as if it were a file."""

    def __init__(self, file: IO[bytes], offset: int, length: int) -> None:
        self._file, self._left = file, length
        file.seek(offset)

    def read(self, size: int) -> bytes:
        data = self._file.read(min(size, self._left))
        self._left -= len(data)
        return data


@contextmanager
def whole_or_nothing(path: Path) -> Iterator[IO[bytes]]:
    """A new file under its name only when the block has ended well; what a kill left behind is cleared away."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left_over in path.parent.glob(f".*{PARTIAL}"):
        if not _is_at_work(left_over):
            left_over.unlink(missing_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}{PARTIAL}")
    try:
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(path)
        keep_name(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def _is_at_work(partial: Path) -> bool:
    """Its name ends in the number of the process that writes it."""
    number = partial.name.removesuffix(PARTIAL).rpartition(".")[2]
    try:
        os.kill(int(number), 0)
    except ValueError:
        return True  # not one of ours
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return int(number) != os.getpid()


def _sealer(key: bytes, salt: bytes) -> Sealer:
    return Sealer(key=derive_key(key, f"backup|{salt.hex()}"))


def _context(salt: bytes, name: str) -> bytes:
    return b"backup|%s|%s" % (salt, name.encode())
