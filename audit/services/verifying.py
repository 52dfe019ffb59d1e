"""Verifying everything: rows against their hashes and seals, seals against signature, chain and the places outside.

One pass in the order of sealing. Memory does not grow with the log: one block of hashes is held at a time.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import connection, transaction

from audit.enums import Fault, Place
from audit.models import AuditAnchor, AuditSeal, AuditVerification
from audit.rules import COLUMNS, id_ranges, row_hash
from audit.rules.merkle import root_of
from audit.rules.rows import column_texts
from audit.rules.seals import BEFORE_THE_FIRST, Position
from audit.services import seal_file
from audit.services.reading_back import faults_of_the_store
from core.keys import key_ring

CHUNK = 5_000
SEALS_AT_ONCE = 500
# The order is by the columns themselves: a bare `xid` would mean the text of that name.
ALL_ROWS = f"SELECT {column_texts('e.')}, e.hash FROM audit_auditentry AS e ORDER BY e.xid, e.id"  # noqa: S608  # ours
END: Position = (1 << 64, 0)
ID, XID = COLUMNS.index("id"), COLUMNS.index("xid")


@dataclass
class Found:
    """Counts, and the first fault in the order of the log."""

    rows: int = 0
    seals: int = 0
    unsealed: int = 0
    first_bad: dict[str, Any] | None = None

    def blame(self, fault: Fault, **where: Any) -> None:
        if self.first_bad is None:
            self.first_bad = {"fault": fault.value, **where}


def verify(*, now: datetime, keep: bool = True) -> AuditVerification:
    """Read the whole log once. What was found is kept as a row, unless `keep` is False."""
    began = time.perf_counter()
    found = Found()
    with transaction.atomic():
        seals = AuditSeal.objects.order_by("number")
        latest = AuditSeal.objects.first()
        with connection.connection.cursor(name="audit_verify") as cursor:
            # Rows are read as of after the latest seal that counts, so that each sealed row is among them.
            cursor.itersize = CHUNK
            cursor.execute(ALL_ROWS)
            _Pass(found, _Rows(cursor), latest).over(_in_chunks(seals, latest))
    for fault, number in faults_of_the_store(latest):
        found.blame(fault, seal=number, place=Place.STORE)
    result = AuditVerification(
        at=now,
        rows=found.rows,
        seals=found.seals,
        unsealed=found.unsealed,
        ok=found.first_bad is None,
        first_bad=found.first_bad,
        seconds=round(time.perf_counter() - began, 3),
    )
    if keep:
        result.save(force_insert=True)
    return result


def _in_chunks(seals: Any, latest: AuditSeal | None) -> Iterator[AuditSeal]:
    """Up to the latest seal there was at the beginning."""
    number, end = 0, latest.number if latest else 0
    while some := list(seals.filter(number__gt=number, number__lte=end)[:SEALS_AT_ONCE]):
        yield from some
        number = some[-1].number


@dataclass
class _Block:
    """The rows that lie where one seal's rows should lie."""

    ids: list[int] = field(default_factory=list)
    hashes: list[bytes] = field(default_factory=list)
    changed: int | None = None


class _Rows:
    """The rows in the order of sealing, taken block by block."""

    def __init__(self, cursor: Iterable[tuple[Any, ...]]) -> None:
        self._rows = iter(cursor)
        self._ahead: tuple[Any, ...] | None = next(self._rows, None)

    def until(self, last: Position) -> Iterator[tuple[Any, ...]]:
        """Rows up to this position, itself included."""
        row, rows, (last_xid, last_id) = self._ahead, self._rows, last
        while row is not None:
            xid = int(row[XID])
            if xid > last_xid or (xid == last_xid and int(row[ID]) > last_id):
                break
            yield row
            row = next(rows, None)
        self._ahead = row

    def block(self, last: Position) -> _Block:
        block = _Block()
        ids, hashes = block.ids, block.hashes
        for row in self.until(last):
            computed = row_hash(row[:-1])
            hashes.append(computed)
            ids.append(int(row[ID]))
            if computed != row[-1] and block.changed is None:
                block.changed = ids[-1]
        return block


class _Pass:
    """One reading of the log."""

    def __init__(self, found: Found, rows: _Rows, latest: AuditSeal | None) -> None:
        self.found, self.rows = found, rows
        self.keys: dict[int, Ed25519PublicKey] = key_ring().verifiers
        self.file = _File(found, latest)

    def over(self, seals: Iterable[AuditSeal]) -> None:
        before: AuditSeal | None = None
        for seal in seals:
            self._chain(seal, before)
            self._signature(seal)
            self.file.meet(seal)
            self._rows(seal)
            before = seal
        self.file.end()
        self._rest()

    def _chain(self, seal: AuditSeal, before: AuditSeal | None) -> None:
        self.found.seals += 1
        number = before.number if before else 0
        if seal.follows > number:
            self.found.blame(Fault.SEAL_MISSING, seal=number + 1)
        previous = before.hash if before else BEFORE_THE_FIRST
        another_log = before is not None and before.log != seal.log
        if seal.follows != number or bytes(seal.previous) != previous or another_log:
            self.found.blame(Fault.CHAIN_BROKEN, seal=seal.number)

    def _signature(self, seal: AuditSeal) -> None:
        key = self.keys.get(seal.key_version)
        if key is None:
            self.found.blame(Fault.KEY_UNKNOWN, seal=seal.number)
            return
        try:
            key.verify(bytes(seal.signature), seal.statement.to_sign())
        except InvalidSignature:
            self.found.blame(Fault.SEAL_CHANGED, seal=seal.number)

    def _rows(self, seal: AuditSeal) -> None:
        block = self.rows.block(seal.last)
        self.found.rows += len(block.ids)
        if block.changed is None and len(block.ids) == seal.rows and root_of(block.hashes) == bytes(seal.root):
            return
        self._locate(seal, block)

    def _locate(self, seal: AuditSeal, block: _Block) -> None:
        """Which row it is, as exactly as what is left lets it be told."""
        there, sealed = set(block.ids), _ids_of(seal)
        missing, added = min(sealed - there, default=None), min(there - sealed, default=None)
        if block.changed is not None:
            self.found.blame(Fault.ROW_CHANGED, row=block.changed, seal=seal.number)
        elif added is not None and (missing is None or added < missing):
            self.found.blame(Fault.ROW_ADDED, row=added, seal=seal.number)
        elif missing is not None:
            self.found.blame(Fault.ROW_MISSING, row=missing, seal=seal.number)
        else:
            self.found.blame(Fault.BLOCK_CHANGED, seal=seal.number, rows=seal.ids)

    def _rest(self) -> None:
        """Rows that no seal covers yet have their own hash only."""
        for row in self.rows.until(END):
            self.found.rows += 1
            self.found.unsealed += 1
            if row_hash(row[:-1]) != row[-1]:
                self.found.blame(Fault.ROW_CHANGED, row=int(row[ID]))


class _File:
    """The file beside the database, read in step with the seals."""

    def __init__(self, found: Found, latest: AuditSeal | None) -> None:
        self.found = found
        self.delivered = AuditAnchor.objects.filter(place=Place.FILE).values_list("number", flat=True).first() or 0
        strange = [log for log in seal_file.logs() if latest is None or log != str(latest.log)]
        self.strange = strange[0] if strange else None
        self.lines = seal_file.read(latest.log) if latest else iter(())
        self.highest = 0
        self.ahead: seal_file.Line | None = None
        self._step()

    def meet(self, seal: AuditSeal) -> None:
        while self.ahead is not None and self.ahead.number < seal.number:
            if self.ahead.number > seal.follows:
                self._step()  # declared as lost
                continue
            self.found.blame(Fault.SEAL_MISSING, seal=self.ahead.number, place=Place.FILE)
            self._step()
        if self.ahead is None or self.ahead.number > seal.number:
            if self.ahead is not None or seal.number <= self.delivered:
                self.found.blame(Fault.ANCHOR_MISSING, seal=seal.number, place=Place.FILE)
            return
        self._compare(self.ahead, seal)
        self._step()

    def end(self) -> None:
        """What the file holds beyond the latest seal was sealed meanwhile, or cut off from the database."""
        while self.ahead is not None and AuditSeal.objects.filter(number=self.ahead.number).exists():
            self._step()
        if self.ahead is not None:
            self.found.blame(Fault.SEAL_MISSING, seal=self.ahead.number, place=Place.FILE)
        if self.strange is not None:
            self.found.blame(Fault.LOG_REPLACED, log=self.strange, place=Place.FILE)

    def _compare(self, line: seal_file.Line, seal: AuditSeal) -> None:
        if line.text != seal.line:
            self.found.blame(Fault.ANCHOR_MISMATCH, seal=seal.number, place=Place.FILE)

    def _step(self) -> None:
        """To the next line that goes on. A deliverer that was killed, or had a rival, wrote some lines once more."""
        for line in self.lines:
            if line.number > self.highest:
                self.ahead, self.highest = line, line.number
                return
            again = AuditSeal.objects.filter(number=line.number).first()
            if again is not None:
                self._compare(line, again)
        self.ahead = None


def _ids_of(seal: AuditSeal) -> set[int]:
    try:
        return id_ranges.read(seal.ids)
    except ValueError:
        return set()  # the signature has told already that this seal was changed
