"""How a draw finds its winners: anybody with the revealed seed and the list of entries finds the same.

1. Before entries open, SHA-256 of the seed (64 hexadecimal digits, as ASCII) is published; so is SHA-256 of the prizes,
   written "number,pieces,kind,value,name" (the value with two decimals, UTF-8), a line each, in their order.
2. Entries are written "number,participant", a line each, by rising number; SHA-256 of the lines is kept.
3. Each entry's mark is HMAC-SHA-256 with the seed (as ASCII) as its key over "draw:<draw>:entry:<number>".
4. Entries are taken by rising mark. Each takes the next piece of the prizes in their order, unless its participant has
   won already. It ends when no piece or no entry is left.
"""

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from operator import itemgetter

#: Participants kept beyond twice as many as can win, so that they are sorted seldom.
SPARE = 10_000


@dataclass(frozen=True, order=True)
class Entry:
    """A chance and the number of the participant whose it is."""

    number: int
    participant: int


@dataclass(frozen=True, kw_only=True)
class Promised:
    """A prize as it is published."""

    prize: int
    quantity: int
    kind: str
    value: Decimal
    name: str


@dataclass(frozen=True)
class Won:
    """The place (from 1), the entry that won, and the prize."""

    place: int
    entry: int
    prize: int


def hash_of_seed(seed: str) -> str:
    return hashlib.sha256(seed.encode("ascii")).hexdigest()


class Tally:
    """Counts entries and takes their fingerprint while they pass by rising number: a million of them fill no memory."""

    def __init__(self) -> None:
        self.count = 0
        self._digest = hashlib.sha256()

    def passing(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        for entry in entries:
            self.count += 1
            self._digest.update(f"{entry.number},{entry.participant}\n".encode("ascii"))
            yield entry

    @property
    def fingerprint(self) -> str:
        return self._digest.hexdigest()


def hash_of_prizes(prizes: Iterable[Promised]) -> str:
    lines = (f"{each.prize},{each.quantity},{each.kind},{each.value:.2f},{each.name}\n" for each in prizes)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def mark_of(seed: str, draw: int, number: int) -> bytes:
    return hmac.digest(seed.encode("ascii"), f"draw:{draw}:entry:{number}".encode("ascii"), "sha256")


def winners_of(*, seed: str, draw: int, entries: Iterable[Entry], prizes: Sequence[tuple[int, int]]) -> list[Won]:
    """`prizes` are (number of the prize, pieces) in their order; one prize at most for each participant.

    Each participant wins by her lowest mark or not at all, so only the foremost participants are kept while entries pass.
    """
    pieces = [prize for prize, quantity in prizes for _piece in range(quantity)]
    lowest: dict[int, tuple[bytes, int]] = {}
    for entry in entries:
        mark = (mark_of(seed, draw, entry.number), entry.number)
        if entry.participant not in lowest or mark < lowest[entry.participant]:
            lowest[entry.participant] = mark
            if len(lowest) > 2 * len(pieces) + SPARE:
                lowest = _foremost(lowest, len(pieces))
    won = zip(_foremost(lowest, len(pieces)).values(), pieces, strict=False)
    return [Won(place, number, prize) for place, ((_mark, number), prize) in enumerate(won, 1)]


def _foremost(lowest: Mapping[int, tuple[bytes, int]], most: int) -> dict[int, tuple[bytes, int]]:
    """Those with the lowest marks, in their order."""
    return dict(sorted(lowest.items(), key=itemgetter(1))[:most])
