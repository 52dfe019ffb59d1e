"""What a seal states, and how it is signed and chained."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from audit.rules.rows import canonical_bytes

FORMAT = 1
BEFORE_THE_FIRST = bytes(32)
Position = tuple[int, int]  # (xid, id): the order in which rows are sealed


@dataclass(frozen=True, kw_only=True)
class Statement:
    """All that the signature covers.

    `follows` is the number of the seal before; it is less than `number` − 1 only where seals in between were lost with
    a restore, which somebody declared. `previous` is the hash of that seal, signature included.
    """

    log: UUID
    number: int
    follows: int
    rows: int
    first: Position
    last: Position
    ids: str
    root: bytes
    previous: bytes
    sealed_at: datetime
    key_version: int

    def to_sign(self) -> bytes:
        return canonical_bytes(self._plain())

    def line(self, signature: bytes) -> bytes:
        """One line of the anchor file, without its end."""
        return canonical_bytes({**self._plain(), "signature": signature})

    def hash(self, signature: bytes) -> bytes:
        """What the next seal chains to."""
        return sha256(self.line(signature)).digest()

    def _plain(self) -> Mapping[str, Any]:
        fields = asdict(self)
        return {**fields, "format": FORMAT, "log": str(self.log), "first": list(self.first), "last": list(self.last)}
