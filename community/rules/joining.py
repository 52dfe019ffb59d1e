"""Many short texts searched as one long one, and what is found brought back to its text."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from compliance.rules.folding import Places, Points, points_of, text_of

#: Between two texts: a private character that no phrase holds and that folding keeps, so nothing is found across it.
BREAK = "\ue000"
CODE_POINTS = 0x110000


@dataclass(frozen=True, slots=True)
class Place:
    """`texts[text][start:end]`."""

    text: int
    start: int
    end: int


class Joined:
    """Texts with a break between them; places of the long text become places of its parts."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self.text = BREAK.join(texts)
        lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
        self._starts = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(lengths + 1)))

    def places(self, spans: Iterable[tuple[int, int]]) -> Iterator[Place]:
        """In the order given."""
        pairs = list(spans)
        if not pairs:
            return
        texts = self.texts_at(np.fromiter((start for start, _end in pairs), dtype=np.int64, count=len(pairs)))
        offsets = self._starts[texts].tolist()
        for (start, end), text, offset in zip(pairs, texts.tolist(), offsets, strict=True):
            yield Place(text, start - offset, end - offset)

    def texts_at(self, places: Places) -> Places:
        """The number of the text in which each place lies."""
        return np.searchsorted(self._starts, places, side="right") - 1

    def with_any(self, table: npt.NDArray[np.bool_]) -> list[int]:
        """Numbers of the texts in which one of those characters stands."""
        found = self.texts_at(np.flatnonzero(table[points_of(self.text)]))
        return [int(number) for number in np.unique(found)]


class Part:
    """Some of the texts, joined anew; its places are those of the whole."""

    def __init__(self, whole: Sequence[str], numbers: Sequence[int]) -> None:
        self._numbers = numbers
        self._joined = Joined([whole[number] for number in numbers])

    @property
    def text(self) -> str:
        return self._joined.text

    def places(self, spans: Iterable[tuple[int, int]]) -> Iterator[Place]:
        for place in self._joined.places(spans):
            yield Place(self._numbers[place.text], place.start, place.end)


def characters(text: str) -> npt.NDArray[np.bool_]:
    """A table of all code points, true for those of the text."""
    table = np.zeros(CODE_POINTS, dtype=np.bool_)
    table[points_of(text)] = True
    return table


def translation(pairs: Iterable[tuple[str, str]]) -> Points:
    """A table from code point to code point: one character for one, so that places stay."""
    table = np.arange(CODE_POINTS, dtype=np.uint32)
    for old, new in pairs:
        table[ord(old)] = ord(new)
    return table


def translated(text: str, table: Points) -> str:
    return text_of(table[points_of(text)])


def runs(mask: npt.NDArray[np.bool_], least: int) -> Places:
    """Where runs of at least so many true values begin."""
    edges = np.diff(np.concatenate(([False], mask, [False])).astype(np.int8))
    begins, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    return begins[ends - begins >= least]
