"""Finds the phrases of the lexicon in a text and says where they stand in the original."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

import ahocorasick
import numpy as np

from compliance.enums.content import Severity
from compliance.rules.folding import Folding, Places, Points, fold, fold_character, points_of, text_of

RANK = {Severity.ALLOW: 0, Severity.BLOCK: 1, Severity.WARN: 2}
PAIR_BITS = 20
LONGEST = 255  # the lexicon refuses longer phrases by far
NOWHERE: Places = np.zeros(0, dtype=np.int64)
# Between two sentences; a phrase that reaches over one is a phrase only if each of its characters stands alone.
BREAKS = frozenset("，。！？；：、…,!?;:\n\r\v\f\x85\u2028\u2029")


@dataclass(frozen=True, slots=True)
class Term:
    """One phrase: `key` is its folded form, `number` whatever the caller knows it by."""

    key: str
    severity: str
    number: int


@dataclass(frozen=True, slots=True)
class Hit:
    """`text[start:end]` is what was found, gaps and disguise included."""

    start: int
    end: int
    term: Term


class Scanner:
    """An Aho–Corasick automaton over folded phrases; built once per version of the lexicon, safe to share.

    Only neighbourhoods are walked in which some phrase could begin: pairs of characters are looked up in a table of
    the phrases' first two, by arrays. The automaton runs over UTF-8 bytes: its nodes look through their children one
    by one, and the root of a Chinese lexicon has thousands of characters, but of bytes at most 64 in a place.
    Where two terms have the same key, the allowing one counts, then the forbidding one.
    """

    def __init__(self, terms: Iterable[Term]) -> None:
        self._automaton = ahocorasick.Automaton()
        self._reach = np.zeros(1 << PAIR_BITS, dtype=np.uint8)  # by the first pair: length of the longest phrase
        self._everywhere = False
        for term in sorted(terms, key=lambda term: -RANK[Severity(term.severity)]):
            if term.key:
                self._add(term)
        if len(self):
            self._automaton.make_automaton()

    def __len__(self) -> int:
        return len(self._automaton)

    def scan(self, text: str, folding: Folding | None = None) -> list[Hit]:
        """Hits in the order of the text, none overlapping.

        An allowing phrase silences what lies within it; then the forbidding ones win, then the longer ones. `folding` is
        the text folded, for who needs it for more than one scan.
        """
        points, origins = folding or fold(text)
        near = self._near(points) if len(self) else NOWHERE
        encoded = text_of(points[near]).encode("utf-8", "surrogatepass")
        raw = list(self._automaton.iter(encoded.decode("latin-1"))) if encoded else []
        if not raw:
            return []
        hits = [hit for hit in _located(encoded, near, origins, raw) if _stands(text, hit)]
        return list(_resolved(list(_not_allowed(hits))))

    def _add(self, term: Term) -> None:
        self._automaton.add_word(term.key.encode("utf-8", "surrogatepass").decode("latin-1"), term)
        points = points_of(term.key)
        if len(points) == 1:
            self._everywhere = True
        else:
            pair = _pairs(points[:2])
            self._reach[pair] = np.maximum(self._reach[pair], min(len(points), LONGEST))

    def _near(self, points: Points) -> Places:
        """Places of the folded text that lie in the reach of a phrase's first two characters."""
        if self._everywhere:
            return np.arange(len(points))
        reach = self._reach[_pairs(points)]
        starts = np.flatnonzero(reach)
        ends = np.minimum(starts + reach[starts].astype(np.int64), len(points))
        size = len(points) + 1
        covered = np.cumsum(np.bincount(starts, minlength=size) - np.bincount(ends, minlength=size))
        return np.flatnonzero(covered[:-1])


def _pairs(points: Points) -> Places:
    """A number below 2^PAIR_BITS for each two neighbours; different pairs may share one, which only costs time."""
    mixed = points[:-1] * np.uint32(2_654_435_761) + points[1:] * np.uint32(2_246_822_519)
    return (mixed >> np.uint32(32 - PAIR_BITS)).astype(np.int64)


def _located(encoded: bytes, near: Places, origins: Places, raw: Sequence[tuple[int, Term]]) -> Iterator[Hit]:
    """From last bytes of the neighbourhoods to spans of the original text; what reaches over a gap is no hit."""
    characters = np.cumsum((np.frombuffer(encoded, dtype=np.uint8) & 0xC0) != 0x80, dtype=np.int64)  # noqa: PLR2004  # first bytes
    last = characters[np.fromiter((end for end, _term in raw), dtype=np.int64, count=len(raw))] - 1
    lengths = np.fromiter((len(term.key) for _end, term in raw), dtype=np.int64, count=len(raw))
    first, last = near[last - lengths + 1], near[last]
    whole = (last - first + 1 == lengths).tolist()
    spans = zip(origins[first].tolist(), (origins[last] + 1).tolist(), whole, raw, strict=True)
    for start, end, is_whole, (_place, term) in spans:
        if is_whole:
            yield Hit(start, end, term)


def _stands(text: str, hit: Hit) -> bool:
    """Not a piece of a longer Latin word or number, and not two ends of neighbouring sentences."""
    if _joins(text, hit.start - 1, hit.start) or _joins(text, hit.end - 1, hit.end):
        return False
    if hit.end - hit.start == len(hit.term.key):
        return True
    pieces = _pieces(text[hit.start : hit.end])
    return len(pieces) == 1 or (hit.term.severity != Severity.ALLOW and all(len(piece) == 1 for piece in pieces))


def _joins(text: str, left: int, right: int) -> bool:
    return left >= 0 and right < len(text) and _latin(text[left]) and _latin(text[right])


def _latin(character: str) -> bool:
    """A letter or digit of those scripts that write words with spaces between them."""
    folded = fold_character(character)
    return folded.isalnum() and folded < "\u0590"


def _pieces(found: str) -> list[str]:
    """What stands between the breaks, folded."""
    broken = "".join("\n" if character in BREAKS else fold_character(character) for character in found)
    return [piece for piece in broken.split("\n") if piece]


def _not_allowed(hits: Sequence[Hit]) -> Iterator[Hit]:
    """Without the allowing phrases and what they cover."""
    allowed = sorted((hit.start, hit.end) for hit in hits if hit.term.severity == Severity.ALLOW)
    if not allowed:
        yield from hits
        return
    starts = np.array([start for start, _end in allowed])
    furthest = list(accumulate((end for _start, end in allowed), max))
    for hit in hits:
        place = int(np.searchsorted(starts, hit.start, side="right"))
        if hit.term.severity != Severity.ALLOW and not (place and furthest[place - 1] >= hit.end):
            yield hit


def _resolved(hits: list[Hit]) -> Iterator[Hit]:
    """Of hits that overlap, the weightier one stays."""
    hits.sort(key=lambda hit: (hit.start, hit.end))
    cluster: list[Hit] = []
    end = 0
    for hit in hits:
        if cluster and hit.start >= end:
            yield from _chosen(cluster)
            cluster = []
        cluster.append(hit)
        end = max(end, hit.end)
    yield from _chosen(cluster)


def _chosen(cluster: list[Hit]) -> list[Hit]:
    if len(cluster) <= 1:
        return cluster
    taken: list[Hit] = []
    for hit in sorted(cluster, key=_weight):
        if all(hit.end <= other.start or hit.start >= other.end for other in taken):
            taken.append(hit)
    return sorted(taken, key=lambda hit: hit.start)


def _weight(hit: Hit) -> tuple[int, int, int]:
    return RANK[Severity(hit.term.severity)], hit.start - hit.end, hit.start


def marked(text: str, hits: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    """The text in pieces, each with its hit or None: joined they are the text."""
    edges = [0, *(edge for hit in hits for edge in (hit.start, hit.end)), len(text)]
    for place, (start, end) in enumerate(pairwise(edges)):
        hit = hits[place // 2] if place % 2 else None
        if hit is not None or start < end:
            yield text[start:end], hit
