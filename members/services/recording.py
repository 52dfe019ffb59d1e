"""Members from a delivery of many rows: decided first, then written, set-based."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg.sql import SQL

from core.models.relations import Relation, as_relation
from core.services.sealing import ERASED, SubjectErased, open_many, seal_many
from members.models import Identity
from members.rules import recording as statements
from members.services.duplicates import note_claims

SEALED = Identity._meta.get_field("sealed")


@dataclass(frozen=True, kw_only=True)
class MembersRecorded:
    """Rows that made or changed a member, rows that changed nothing, and how many members are new."""

    stored: int
    already_stored: int
    created: int


def decide_members(*, relation: Relation) -> str:
    """Find out who each row of the relation is; answers the name of a temporary table (line, target_id, first, reason).

    `reason` is empty for a row that can be written, `repeated` for one that says the same again, and otherwise why the
    row is refused; `first` is the line that named the same member before. Nothing is written. Call it inside the transaction of `record_members`.
    """
    place = as_relation(relation)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{statements.OFFERED}, pg_temp.{statements.KEYS}")
        for table, statement in ((statements.KEYS, statements.READ_KEYS), (statements.OFFERED, statements.DECIDE)):
            cursor.execute(statement.replace("{relation}", place))
            cursor.execute(f"ANALYZE {table}")
    return statements.OFFERED


@transaction.atomic
def record_members(*, relation: Relation, source: str, now: datetime) -> MembersRecorded:
    """Write the rows that `decide_members` left: new members, changed values, added identities.

    Rows that mean two members are kept as what speaks for these being one person.

    Raises IntegrityError when somebody else added one of the identities since; decide and record once more then. The
    caller records the act.
    """
    place = as_relation(relation)
    values: dict[str, datetime | str] = {"now": now, "source": source}
    with connection.cursor() as cursor:
        _seal_again(cursor, place)
        cursor.execute("DROP TABLE IF EXISTS pg_temp.members_touched")
        cursor.execute(statements.CITIES.replace("{relation}", place))
        cursor.execute(statements.CHANGES.replace("{relation}", place), values)
        cursor.execute(statements.MEMBERS.replace("{relation}", place), values)
        cursor.execute(statements.IDENTITIES, values)
        cursor.execute(statements.COUNTS)
        created, taken, repeated, stored = cursor.fetchone()
    note_claims(relation=SQL(statements.CONFLICTS), now=now)
    return MembersRecorded(stored=stored, already_stored=taken - stored + repeated, created=created)


def _seal_again(cursor: CursorWrapper, place: str) -> None:
    cursor.execute(statements.MOVED.replace("{relation}", place))
    moved: Sequence[tuple[int, str, int, int, bytes]] = cursor.fetchall()
    if not moved:
        return
    texts = open_many(SEALED, [(sealed_for, sealed) for _line, _type, sealed_for, _target, sealed in moved])
    if erased := [
        sealed_for for (_l, _t, sealed_for, _to, _s), text in zip(moved, texts, strict=True) if text is ERASED
    ]:
        raise SubjectErased(erased)
    pairs = [(target, str(text)) for (_line, _type, _for, target, _sealed), text in zip(moved, texts, strict=True)]
    fresh = seal_many(SEALED, pairs)
    cursor.executemany(
        statements.RESEAL, [(sealed, line, kind) for (line, kind, *_rest), sealed in zip(moved, fresh, strict=True)]
    )
