"""The scanner of content law: megabytes of Chinese text a second, with 20,000 phrases."""

import random
import time
from collections.abc import Iterator
from statistics import median

from compliance.rules.folding import folded
from compliance.rules.scanner import Scanner, Term
from compliance.rules.shipped import shipped
from scrm.bench.figures import Figure, at_least
from scrm.bench.options import Options

PHRASES = 20_000
MEGABYTES = 8
TARGET = 5.0
SEED = 20_261_122
COMMON = [chr(point) for point in range(0x4E00, 0x4E00 + 3_500)]


def measure(options: Options) -> Iterator[Figure]:
    """Processor time counts, so that a busy machine does not; a phrase in every fifth clause."""
    draw = random.Random(SEED)  # noqa: S311  # the same text every time
    terms = _terms(draw)
    began = time.process_time()
    scanner = Scanner(terms)
    built = time.process_time() - began
    text = _text(draw, terms)
    size = len(text.encode()) / 1e6
    scanner.scan(text[:10_000])
    took = [_seconds(scanner, text) for _round in range(options.rounds)]
    hits = len(scanner.scan(text))
    yield at_least(
        "megabytes of UTF-8 a second",
        size / median(took),
        TARGET,
        unit="MB/s",
        phrases=len(scanner),
        megabytes=round(size, 1),
        hits=hits,
        built_seconds=round(built, 2),
    )


def _seconds(scanner: Scanner, text: str) -> float:
    began = time.process_time()
    scanner.scan(text)
    return time.process_time() - began


def _terms(draw: random.Random) -> list[Term]:
    """The shipped phrases and invented ones of two to six characters."""
    terms = {folded(wording.phrase): wording.severity for wording in shipped()}
    while len(terms) < PHRASES:
        terms.setdefault("".join(draw.choices(COMMON, k=draw.randint(2, 6))), "warn")
    return [Term(key, severity, number) for number, (key, severity) in enumerate(terms.items())]


def _text(draw: random.Random, terms: list[Term]) -> str:
    clauses, size = [], 0
    while size < MEGABYTES * 1_000_000:
        clause = "".join(draw.choices(COMMON, k=draw.randint(6, 24)))
        if draw.random() < 0.2:  # noqa: PLR2004
            clause += draw.choice(terms).key
        clauses.append(clause + draw.choice("，。"))
        size += len(clauses[-1]) * 3
    return "".join(clauses)
