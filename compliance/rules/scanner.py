"""Finds the phrases of the lexicon in a text and says where they stand in the original."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

import ahocorasick
import numpy as np

from compliance.enums import Severity
from compliance.rules.folding import Places, fold, fold_character

RANK = {Severity.ALLOW: 0, Severity.BLOCK: 1, Severity.WARN: 2}
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

    It runs over UTF-8 bytes, not characters: its nodes look through their children one by one, and the root of a
    Chinese lexicon has thousands of characters, but of bytes at most 64 in a place (six times as fast, measured).
    Where two terms have the same key, the allowing one counts, then the forbidding one.
    """

    def __init__(self, terms: Iterable[Term]) -> None:
        self._automaton = ahocorasick.Automaton()
        for term in sorted(terms, key=lambda term: -RANK[Severity(term.severity)]):
            if term.key:
                self._automaton.add_word(_bytes(term.key), term)
        self._empty = len(self._automaton) == 0
        if not self._empty:
            self._automaton.make_automaton()

    def __len__(self) -> int:
        return len(self._automaton)

    def scan(self, text: str) -> list[Hit]:
        """Hits in the order of the text, none overlapping.

        An allowing phrase silences what lies within it; then the forbidding ones win, then the longer ones.
        """
        if self._empty:
            return []
        folded, origins = fold(text)
        raw = list(self._automaton.iter(_bytes(folded)))
        if not raw:
            return []
        hits = [hit for hit in _located(folded, origins, raw) if _stands(text, hit)]
        return list(_resolved(list(_not_allowed(hits))))


def _bytes(text: str) -> str:
    """UTF-8 as a text of characters below 256, which is what the automaton takes."""
    return text.encode("utf-8", "surrogatepass").decode("latin-1")


def _located(folded: str, origins: Places, raw: Sequence[tuple[int, Term]]) -> Iterator[Hit]:
    """From last bytes of the folded text to spans of the original one."""
    encoded = np.frombuffer(folded.encode("utf-8", "surrogatepass"), dtype=np.uint8)
    characters = np.cumsum((encoded & 0xC0) != 0x80, dtype=np.int64)  # noqa: PLR2004  # the first byte of each
    last = characters[np.fromiter((end for end, _term in raw), dtype=np.int64, count=len(raw))] - 1
    lengths = np.fromiter((len(term.key) for _end, term in raw), dtype=np.int64, count=len(raw))
    starts, ends = origins[last - lengths + 1].tolist(), (origins[last] + 1).tolist()
    for start, end, (_place, term) in zip(starts, ends, raw, strict=True):
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
