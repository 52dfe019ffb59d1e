"""Sealing: committed rows, in the order of (xid, id), become signed blocks that follow one another.

Writers are not held up: they insert, and the sealer comes behind them. It takes only rows of transactions below which
none is open any more, so nobody can commit a row into a block that is closed, and no row is sealed before its commit.
"""

import time
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import connection, transaction

from audit.errors import SealHeldBack, SealsAhead
from audit.models import AuditSeal
from audit.rules import id_ranges
from audit.rules.merkle import root_of
from audit.rules.seals import BEFORE_THE_FIRST, Statement
from audit.services import seal_file
from audit.services.recording import record
from core.keys import key_ring

BLOCK = 10_000
LOCK = 7_236_514_001
TRIES, PAUSE = 300, 0.1

_ROWS = """
SELECT xid::text::bigint, id, hash FROM audit_auditentry
WHERE (xid, id) > (%s::text::xid8, %s) AND xid < %s::text::xid8
ORDER BY xid, id LIMIT %s
"""


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """What one run has sealed."""

    seals: int
    rows: int


def seal_rows(*, now: datetime, block: int = BLOCK) -> Sealed:
    """Seal all that is committed for sure. A rival that is at it already makes this a no-op.

    Raises SealsAhead where the file beside the database knows seals that the database does not.
    """
    seals = rows = 0
    while (seal := _seal_next(now, block)) is not None:
        seals, rows = seals + 1, rows + seal.rows
    return Sealed(seals=seals, rows=rows)


def accept_loss(*, by: AbstractBaseUser | None, reason: str, now: datetime, block: int = BLOCK) -> AuditSeal | None:
    """After a restore: declare the seals that only the file still knows as lost, and seal on behind them.

    The declaration is an audit row, and it stands in the next seal's own statement, where the signature covers it. It
    is committed before that seal, which may have nothing else to cover. None where nothing is lost; raises
    SealHeldBack where an open transaction keeps the declaration from being sealed.
    """
    if not _declare(by, reason, now):
        return None
    for _try in range(TRIES):
        seal = _seal_declared(now, block)
        if seal is not None:
            return seal
        time.sleep(PAUSE)
    raise SealHeldBack


@transaction.atomic(durable=True)
def _declare(by: AbstractBaseUser | None, reason: str, now: datetime) -> bool:
    _wait_for_the_sealer()
    last = AuditSeal.objects.first()
    ahead = _last_in_file(last)
    if ahead is None:
        return False
    lost = [ahead[1], last.number if last else 0]
    record(by=by, action="audit.accept_loss", reason=reason, changes={"seals": lost}, at=now)
    return True


@transaction.atomic
def _seal_declared(now: datetime, block: int) -> AuditSeal | None:
    """The seal behind the lost ones, or None as long as no row is committed for sure."""
    _wait_for_the_sealer()
    last = AuditSeal.objects.first()
    ahead = _last_in_file(last)
    if ahead is None:
        return last  # a rival's declaration was sealed meanwhile
    rows = _rows_after(last, block)
    return _seal(last, rows, log=ahead[0], number=ahead[1] + 1, now=now) if rows else None


@transaction.atomic
def _seal_next(now: datetime, block: int) -> AuditSeal | None:
    if not _alone():
        return None
    last = AuditSeal.objects.first()
    rows = _rows_after(last, block)
    if not rows:
        return None
    if _last_in_file(last) is not None:
        raise SealsAhead
    return _seal(last, rows, log=last.log if last else uuid4(), number=last.number + 1 if last else 1, now=now)


def _alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return bool(cursor.fetchone()[0])


def _wait_for_the_sealer() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _rows_after(last: AuditSeal | None, block: int) -> list[tuple[int, int, bytes]]:
    position = last.last if last else (0, 0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit_horizon()")
        (horizon,) = cursor.fetchone()
        cursor.execute(_ROWS, [*position, horizon, block])
        return list(cursor.fetchall())


def _last_in_file(last: AuditSeal | None) -> tuple[UUID, int] | None:
    """Log and number of the last seal in the file, where the database knows less than the file."""
    known = [last.log] if last else [UUID(log) for log in seal_file.logs()]
    for log in known:
        line = seal_file.last(log)
        if line is not None and line.number > (last.number if last else 0):
            return log, line.number
    return None


def _seal(
    last: AuditSeal | None, rows: list[tuple[int, int, bytes]], *, log: UUID, number: int, now: datetime
) -> AuditSeal:
    version, key = key_ring().signer
    statement = Statement(
        log=log,
        number=number,
        follows=last.number if last else 0,
        rows=len(rows),
        first=rows[0][:2],
        last=rows[-1][:2],
        ids=id_ranges.written(row[1] for row in rows),
        root=root_of(row[2] for row in rows),
        previous=last.hash if last else BEFORE_THE_FIRST,
        sealed_at=now,
        key_version=version,
    )
    return AuditSeal.objects.create(**_columns(statement), signature=key.sign(statement.to_sign()))


def _columns(statement: Statement) -> dict[str, object]:
    fields = dict(vars(statement))
    fields["first_xid"], fields["first_id"] = fields.pop("first")
    fields["last_xid"], fields["last_id"] = fields.pop("last")
    return fields
