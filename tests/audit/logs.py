"""A log of acts for tests: filled, sealed, and tampered with as a superuser of the database would."""

import random
import string
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

from audit.models import AuditEntry, AuditSeal
from audit.services import Target, deliver_seals, record_many, seal_rows, verify
from core import roles
from core.context import Origin, acting_from

NOW = datetime(2026, 6, 18, 20, 0, tzinfo=UTC)


def write_rows(count: int, *, seed: int = 0, each: int = 25) -> None:
    """Rows of all kinds, in transactions of some rows each."""
    chance = random.Random(seed)
    for start in range(0, count, each):
        with transaction.atomic(), acting_from(some_origin(chance)):
            targets = [some_target(chance, number) for number in range(start, min(start + each, count))]
            record_many(by=None, action=chance.choice(["members.change", "a"]), targets=targets, reason=text(chance))


def some_target(chance: random.Random, number: int) -> Target:
    changes = {text(chance) or "f": [chance.random(), None], "名": [text(chance), [1, {"b": 2, "aa": 1.50}]]}
    return Target(object_type="members.member", object_id=number, label=text(chance), changes=changes)


def some_origin(chance: random.Random) -> Origin:
    address = chance.choice([None, "203.0.113.9", "2001:db8::1"])
    return Origin(address=address, user_agent=text(chance), request_id=chance.choice(["", "request-1"]))


def text(chance: random.Random) -> str:
    letters = string.ascii_letters + "王明\"\\/\n\t\x07\x7f é😀'|-:"
    return "".join(chance.choices(letters, k=chance.randrange(12)))


def seal_all(*, block: int = 500, now: datetime = NOW) -> None:
    """Every row sealed, in blocks of this size, and brought to the file."""
    seal_without_delivering(block=block, now=now)
    deliver_seals(now=now)


def seal_without_delivering(*, block: int = 500, now: datetime = NOW) -> None:
    """Waits for other transactions of the server."""
    for _try in range(2_000):
        if _every_row_is_surely_committed():
            seal_rows(now=now, block=block)
        if sum(AuditSeal.objects.values_list("rows", flat=True)) == AuditEntry.objects.count():
            return
        time.sleep(0.05)
    raise AssertionError("another transaction of this server has been open for very long")


def _every_row_is_surely_committed() -> bool:
    """No older transaction of the server is open, in any of its databases: it would cut a block short."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(xid::text::bigint), 0) < audit_horizon() FROM audit_auditentry")
        return bool(cursor.fetchone()[0])


@contextmanager
def tampering() -> Iterator[Any]:
    """A cursor that may do everything to the tables, all guards off; what it did is undone at the end."""
    with roles.as_owner("tamper"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditentry DISABLE TRIGGER USER")
        cursor.execute("ALTER TABLE audit_auditseal DISABLE TRIGGER USER")
        yield cursor
        transaction.set_rollback(True)


def faults() -> dict[str, Any] | None:
    """The first fault of the log as it is now; nothing is kept."""
    return verify(now=NOW, keep=False).first_bad
