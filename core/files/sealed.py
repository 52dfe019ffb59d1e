"""Files that lie sealed: written and read piece by piece, so that neither the whole nor a part is ever in clear on disk."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from core.rules.crypto import SealBroken, Sealer

PIECE = 1 << 16
_LENGTH = 4


class SealedWriter:
    """Seals what is written. Each piece is bound to its file, its place and to being the last one or not."""

    def __init__(self, stream: IO[bytes], sealer: Sealer, context: bytes) -> None:
        self._stream, self._sealer, self._context = stream, sealer, context
        self._waiting = bytearray()
        self._number = 0
        self.size = 0

    def write(self, data: bytes) -> int:
        self._waiting += data
        self.size += len(data)
        while len(self._waiting) > PIECE:
            self._put(bytes(self._waiting[:PIECE]), last=False)
            del self._waiting[:PIECE]
        return len(data)

    def close(self) -> None:
        """The last piece; without it the file does not open."""
        self._put(bytes(self._waiting), last=True)
        self._waiting.clear()

    def _put(self, piece: bytes, *, last: bool) -> None:
        sealed = self._sealer.seal(piece, _place(self._context, self._number, last=last))
        self._stream.write(len(sealed).to_bytes(_LENGTH, "big") + sealed)
        self._number += 1


def read_sealed(stream: IO[bytes], sealer: Sealer, context: bytes) -> Iterator[bytes]:
    """The pieces in clear. Raises SealBroken if any was changed, moved, or cut off."""
    number, head = 0, stream.read(_LENGTH)
    while head:
        body = stream.read(int.from_bytes(head, "big"))
        head = stream.read(_LENGTH)
        yield sealer.open(body, _place(context, number, last=not head))
        number += 1
    if not number:
        raise SealBroken("the file is empty")


@contextmanager
def sealed_file(path: Path, sealer: Sealer, context: bytes) -> Iterator[SealedWriter]:
    """A new file that no other account may read; it opens only where the block ended well."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("wb") as stream:
        path.chmod(0o600)
        writer = SealedWriter(stream, sealer, context)
        yield writer
        writer.close()


def sealed_pieces(path: Path, sealer: Sealer, context: bytes) -> Iterator[bytes]:
    """What such a file holds, in clear. Raises SealBroken."""
    with path.open("rb") as stream:
        yield from read_sealed(stream, sealer, context)


def _place(context: bytes, number: int, *, last: bool) -> bytes:
    return b"%s|%d|%d" % (context, number, last)
