"""Tombstones outside the database: whoever was erased since a backup is erased again when that backup is restored.

One line for each erasure in a file beside the seals, only ever appended to, written before the first row goes. A line
holds numbers and keyed fingerprints: it tells nobody who she was, and a number that a restored database gives to
somebody else does not fit its fingerprint.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path

from django.conf import settings

from compliance.enums.rights import ErasureReason
from compliance.errors.rights import TombstoneNotKept
from compliance.models import Erasure
from core.files.appending import append_lines
from core.keys import indexer
from members.models import Member

FILE_NAME = "erasures.jsonl"
PURPOSE = "tombstone"
AT_ONCE = 500


@dataclass(frozen=True, kw_only=True)
class Tombstone:
    """One line: when, why, and the fingerprint of each record by its number."""

    at: datetime
    why: ErasureReason
    prints: dict[int, str]


def tombstone_file() -> Path:
    return Path(settings.SCRM_SEALS) / FILE_NAME


def keep_tombstone(erasure: Erasure, *, now: datetime) -> None:
    """Write its line unless it stands there. A crash in between writes it twice, which harms nobody.

    Raises TombstoneNotKept where the file cannot be written.
    """
    if erasure.kept_at is not None:
        return
    line = {"at": now.isoformat(), "why": erasure.why, "prints": _prints_of(erasure.subject_ids)}
    try:
        append_lines(tombstone_file(), [json.dumps(line, separators=(",", ":")).encode()])
    except OSError as error:
        raise TombstoneNotKept from error
    Erasure.objects.filter(pk=erasure.pk, kept_at=None).update(kept_at=now)


def read_tombstones(path: Path, *, since: datetime | None = None) -> Iterator[Tombstone]:
    """The lines in their order; what a crash cut short is passed over."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return
    with file:
        for text in file:
            tombstone = _understood(text)
            if tombstone is not None and (since is None or tombstone.at >= since):
                yield tombstone


def risen(tombstones: Iterable[Tombstone]) -> Iterator[tuple[Tombstone, list[int]]]:
    """Those of whom a record stands in the database again, with the numbers of these records."""
    for some in _batches(tombstones):
        found = _prints_of(chain.from_iterable(each.prints for each in some))
        for each in some:
            again = [number for number, known in each.prints.items() if found.get(number) == known]
            if again:
                yield each, again


def _batches(tombstones: Iterable[Tombstone]) -> Iterator[list[Tombstone]]:
    waiting: list[Tombstone] = []
    for tombstone in tombstones:
        waiting.append(tombstone)
        if len(waiting) == AT_ONCE:
            yield waiting
            waiting = []
    if waiting:
        yield waiting


def _prints_of(member_ids: Iterable[int]) -> dict[int, str]:
    """Bound to the moment when her row was made, which a number given out anew does not share."""
    index = indexer(PURPOSE)
    rows = Member.objects.filter(pk__in=set(member_ids)).order_by("pk").values_list("pk", "created_at")
    return {number: index(f"{number}|{made.timestamp():.6f}").hex() for number, made in rows}


def _understood(text: bytes) -> Tombstone | None:
    try:
        content = json.loads(text)
        return Tombstone(
            at=datetime.fromisoformat(content["at"]),
            why=ErasureReason(content["why"]),
            prints={int(number): str(known) for number, known in content["prints"].items()},
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
