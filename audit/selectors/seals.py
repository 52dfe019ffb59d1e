"""How the seals stand, and the proof of one row."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidSignature
from django.db import connection

from audit.enums import Fault, Place
from audit.models import AuditAnchor, AuditEntry, AuditSeal, AuditVerification
from audit.rules import row_hash
from audit.rules.merkle import Step, path_of, root_by_path
from audit.rules.rows import column_texts
from core.keys import key_ring

LATE = timedelta(minutes=5)
COUNTED = 10_000

_WAITING = """
SELECT count(*), min(at) FROM (
    SELECT at FROM audit_auditentry WHERE (xid, id) > (%s::text::xid8, %s) ORDER BY xid, id LIMIT %s
) AS waiting
"""
_ROW = f"SELECT {column_texts('e.')}, e.hash, e.xid::text::bigint FROM audit_auditentry AS e WHERE e.id = %s"  # noqa: S608  # ours
_BLOCK = """
SELECT id, hash FROM audit_auditentry
WHERE (xid, id) >= (%s::text::xid8, %s) AND (xid, id) <= (%s::text::xid8, %s) ORDER BY xid, id
"""


@dataclass(frozen=True, kw_only=True)
class AnchorState:
    """One second place: how many seals it lacks, and why it did when it was last tried."""

    place: Place
    number: int
    behind: int
    delivered_at: datetime | None
    error: str


@dataclass(frozen=True, kw_only=True)
class SealState:
    """What the page and the health of the product say. `waiting` counts up to COUNTED rows."""

    seal: AuditSeal | None
    waiting: int
    oldest: datetime | None
    anchors: tuple[AnchorState, ...]
    verification: AuditVerification | None

    def lag(self, now: datetime) -> timedelta:
        """For how long the oldest row has waited."""
        return max(now - self.oldest, timedelta()) if self.oldest else timedelta()

    def is_late(self, now: datetime) -> bool:
        return self.lag(now) > LATE

    @property
    def failing(self) -> tuple[AnchorState, ...]:
        return tuple(anchor for anchor in self.anchors if anchor.error)


@dataclass(frozen=True, kw_only=True)
class Proof:
    """Why one row is what was sealed. `seal` is None while it waits for its seal."""

    hash: bytes
    hash_fits: bool
    seal: AuditSeal | None = None
    place: int = 0
    steps: tuple[Step, ...] = ()
    root_fits: bool = False
    signature_fits: bool = False
    anchors: tuple[Place, ...] = ()

    @property
    def holds(self) -> bool:
        return self.hash_fits and (self.seal is None or (self.root_fits and self.signature_fits))


def latest_verification() -> AuditVerification | None:
    return AuditVerification.objects.first()


def seal_state(*, verified: bool = True) -> SealState:
    """With the latest verification, unless it is not asked for."""
    seal = AuditSeal.objects.first()
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [*(seal.last if seal else (0, 0)), COUNTED])
        waiting, oldest = cursor.fetchone()
    return SealState(
        seal=seal,
        waiting=waiting,
        oldest=oldest,
        anchors=tuple(_anchors(seal.number if seal else 0)),
        verification=latest_verification() if verified else None,
    )


def proof_of(entry: AuditEntry) -> Proof:
    """Read the row and its block anew, and compute everything that the seal stands for."""
    with connection.cursor() as cursor:
        cursor.execute(_ROW, [entry.pk])
        *texts, stored, xid = cursor.fetchone()
        computed = row_hash(texts)
        fits = computed == stored
        seal = _seal_over(xid, entry.pk)
        if seal is None:
            return Proof(hash=computed, hash_fits=fits)
        cursor.execute(_BLOCK, [seal.first_xid, seal.first_id, *seal.last])
        block = cursor.fetchall()
    ids = [number for number, _hash in block]
    hashes = [computed if number == entry.pk else hash_ for number, hash_ in block]
    if entry.pk not in ids:
        return Proof(hash=computed, hash_fits=fits, seal=seal)
    place = ids.index(entry.pk)
    steps = path_of(hashes, place)
    return Proof(
        hash=computed,
        hash_fits=fits,
        seal=seal,
        place=place + 1,
        steps=tuple(steps),
        root_fits=root_by_path(computed, steps) == bytes(seal.root),
        signature_fits=signature_fits(seal),
        anchors=tuple(anchor.place for anchor in _anchors(seal.number) if not anchor.behind),
    )


def says_first_bad(found: AuditVerification | None) -> str:
    """The fault as a sentence; empty where there is none."""
    bad = found.first_bad if found else None
    return Fault(bad["fault"]).says(bad) if bad else ""


def signature_fits(seal: AuditSeal) -> bool:
    key = key_ring().verifiers.get(seal.key_version)
    try:
        if key is not None:
            key.verify(bytes(seal.signature), seal.statement.to_sign())
    except InvalidSignature:
        return False
    return key is not None


def _seal_over(xid: int, number: int) -> AuditSeal | None:
    """The first seal that ends at this position or behind it."""
    found = AuditSeal.objects.raw(
        "SELECT * FROM audit_auditseal WHERE (last_xid, last_id) >= (%s, %s) ORDER BY last_xid, last_id LIMIT 1",
        [xid, number],
    )
    return next(iter(found), None)


def _anchors(latest: int) -> list[AnchorState]:
    return [
        AnchorState(
            place=Place(anchor.place),
            number=anchor.number,
            behind=max(latest - anchor.number, 0),
            delivered_at=anchor.delivered_at,
            error=anchor.error,
        )
        for anchor in AuditAnchor.objects.order_by("place")
    ]
