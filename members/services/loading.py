"""Members by the million: prepared in batches (spelling, sealing), then loaded by a handful of statements."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.utils import DataError, IntegrityError

from core.models.relations import Relation, as_relation, stage
from core.services.sealing import subject_keys
from members.enums import PROTECTED_TYPES, Gender, IdentityType
from members.errors import IdentityTaken, MemberNotSaved
from members.models import Identity
from members.rules import loading as statements
from members.rules.loading import MEMBER_COLUMNS
from members.rules.names import name_key
from members.selectors import lookup_function, members_with

REFUSED = "members_refused"
SEALED = Identity._meta.get_field("sealed")


@dataclass(frozen=True, kw_only=True, slots=True)
class MemberIn:
    """One line about a member; identities are normalised (`members.rules.identities.normalise`), None where unknown."""

    line_no: int
    source: str
    name: str = ""
    gender: Gender = Gender.UNKNOWN
    birthday: date | None = None
    city: str = ""
    registered_at: datetime | None = None
    store_id: int | None = None
    guide_id: int | None = None
    channel: str = ""
    external_id: str | None = None
    phone: str | None = None
    email: str | None = None
    unionid: str | None = None
    openid: str | None = None
    external_userid: str | None = None
    card: str | None = None


@dataclass(frozen=True, kw_only=True)
class MembersLoaded:
    """`offered` lines; members `created` and `updated`; `refused` lines (which and why: temporary table REFUSED)."""

    offered: int
    created: int
    updated: int
    refused: int


def prepare_members(rows: Sequence[MemberIn]) -> list[tuple[Any, ...]]:
    """Rows of staging (`MEMBER_COLUMNS`) for a batch of some thousand lines: numbers reserved, phone and e-mail sealed.

    Four statements however many rows. A number reserved and not used leaves a gap, nothing else.
    """
    reserved = _reserve(len(rows))
    lookups = _lookups(rows)
    owners = members_with((kind, value) for kind, values in lookups.items() for value in values if value)
    subjects = [
        next((owners[kind, lookups[kind][place]] for kind in lookups if (kind, lookups[kind][place]) in owners), number)
        for place, number in enumerate(reserved)
    ]
    sealed = _sealed(rows, subjects, lookups, owners)
    texts = ("external_id", "unionid", "openid", "external_userid", "card")
    return [
        (
            row.line_no, subject, row.source, row.name, name_key(row.name), row.gender, row.birthday, row.city,
            row.registered_at, row.store_id, row.guide_id, row.channel, row.external_id,
            lookups[IdentityType.PHONE][place], lookups[IdentityType.EMAIL][place],
            *(getattr(row, name) for name in texts[1:]),
            sealed[IdentityType.PHONE].get(place), sealed[IdentityType.EMAIL].get(place),
        )
        for place, (row, subject) in enumerate(zip(rows, subjects, strict=True))
    ]  # fmt: skip


@transaction.atomic
def load_members(
    *, now: datetime, staging: Relation | None = None, rows: Iterable[MemberIn] | None = None
) -> MembersLoaded:
    """Create and complete members from a staging relation that `prepare_members` filled, or from `rows`.

    Raises MemberNotSaved for a value that does not fit and IdentityTaken when somebody else made one of the identities
    at the same moment (nothing is stored: load again). The caller records the act.
    """
    try:
        if staging is None:
            staging = stage("members_rows", MEMBER_COLUMNS, prepare_members(list(rows or ())))
        return _load(as_relation(staging), now)
    except DataError as error:
        raise MemberNotSaved(hint=str(error).splitlines()[0]) from error
    except IntegrityError as error:
        raise IdentityTaken(hint=str(error).splitlines()[0]) from error


def _load(staging: str, now: datetime) -> MembersLoaded:
    with connection.cursor() as cursor:

        def run(statement: str) -> int:
            parameters = {"now": now} if "%(now)s" in statement else None
            cursor.execute(statement.replace("{staging}", staging), parameters)
            return int(cursor.rowcount)

        run("DROP TABLE IF EXISTS " + ", ".join(f"pg_temp.{name}" for name in statements.TEMPORARY))
        claims = run(statements.CLAIMS)
        run("ANALYZE members_claims")
        run(statements.LINES)
        if run(statements.SHARED) > 0 and claims:
            run("ANALYZE members_lines, members_shared")
            while run(statements.SPREAD):
                pass
        refused = run(statements.REFUSED)
        run(statements.TARGETS)
        run("ANALYZE members_targets")
        run(statements.CITIES)
        created = run(statements.CREATE)
        updated = run(statements.UPDATE)
        run(statements.FRESH)
        run("ANALYZE members_fresh")
        _reseal(cursor, staging)
        run(statements.IDENTITIES)
        if run(statements.UNUSED):
            run(statements.UNUSED_KEYS)
        run("SELECT count(*) FROM {staging} AS staged")
        (offered,) = cursor.fetchone()
    return MembersLoaded(offered=offered, created=created, updated=updated, refused=refused)


def _reseal(cursor: Any, staging: str) -> None:
    """Values that were sealed for a reserved number, but belong to a member that another line made or that came since."""
    cursor.execute(statements.MOVED.replace("{staging}", staging))
    moved = cursor.fetchall()
    rows: list[tuple[str, str, bytes]] = []
    if moved:
        before = subject_keys("member", (row[2] for row in moved))
        after = subject_keys("member", (row[3] for row in moved))
        texts = before.open_all(SEALED, [(row[2], bytes(row[4])) for row in moved])
        again = after.seal_all(SEALED, [(row[3], str(text)) for row, text in zip(moved, texts, strict=True)])
        rows = [(row[0], row[1], sealed) for row, sealed in zip(moved, again, strict=True)]
    stage("members_resealed", {"type": "varchar(20)", "lookup": "varchar(128)", "sealed": "bytea"}, rows)


def _reserve(count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('members_member', 'id')) FROM generate_series(1, %s)", [count]
        )
        return [number for (number,) in cursor.fetchall()]


def _lookups(rows: Sequence[MemberIn]) -> dict[IdentityType, list[str | None]]:
    lookups: dict[IdentityType, list[str | None]] = {}
    for kind in IdentityType:
        indexed = lookup_function(kind)
        lookups[kind] = [indexed(value) if (value := getattr(row, kind)) else None for row in rows]
    return lookups


def _sealed(
    rows: Sequence[MemberIn],
    subjects: Sequence[int],
    lookups: dict[IdentityType, list[str | None]],
    owners: dict[tuple[IdentityType, str], int],
) -> dict[IdentityType, dict[int, bytes]]:
    """Sealed values by place in the batch, of those that are not stored yet."""
    wanted = {
        kind: [place for place, value in enumerate(lookups[kind]) if value and (kind, value) not in owners]
        for kind in PROTECTED_TYPES
    }
    keys = subject_keys("member", {subjects[place] for places in wanted.values() for place in places})
    return {
        kind: dict(
            zip(places, keys.seal_all(SEALED, [(subjects[p], getattr(rows[p], kind)) for p in places]), strict=True)
        )
        for kind, places in wanted.items()
    }
