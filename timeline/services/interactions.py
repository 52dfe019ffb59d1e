"""Recording interactions and touches: facts that come once and never change; those of a mistake are taken back whole."""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.utils import DataError, IntegrityError
from psycopg.types.json import Jsonb

from core.models.relations import Relation, as_relation, stage
from core.rules.faults import scrubbed
from timeline.enums import InteractionKind
from timeline.errors import FactNotRecorded
from timeline.rules.facts import INTERACTIONS, MONTHS, READ_ANEW, RETRACT, TOUCHES, UNKNOW, FactTable


@dataclass(frozen=True, kw_only=True)
class InteractionIn:
    """Something a member did. `key` is the sender's own; without it equal content is taken for the same fact."""

    line_no: int
    member_id: int
    source: str
    key: str | None = None
    occurred_at: datetime
    kind: InteractionKind
    channel: str = ""
    subject: str = ""
    store_id: int | None = None
    properties: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class TouchIn:
    """Where a member came from, once."""

    line_no: int
    member_id: int
    source: str
    key: str | None = None
    occurred_at: datetime
    channel: str = ""
    utm_source: str = ""
    utm_medium: str = ""
    utm_campaign: str = ""
    utm_content: str = ""
    utm_term: str = ""
    code: str = ""
    inviter_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class FactsRecorded:
    """`offered` = `stored` + `already_stored`."""

    offered: int
    stored: int

    @property
    def already_stored(self) -> int:
        return self.offered - self.stored


@transaction.atomic
def record_interactions(
    *,
    now: datetime,
    staging: Relation | None = None,
    rows: Iterable[InteractionIn] | None = None,
    repeats: bool = False,
) -> FactsRecorded:
    """Store what is new in a staging relation (`INTERACTION_COLUMNS`) or among `rows`; nothing on FactNotRecorded.

    `repeats` is for a delivery that is whole, as a file is: equal rows without a key then happened as often as they
    stand there.
    """
    return _record(INTERACTIONS, now, staging, rows, repeats=repeats)


@transaction.atomic
def retract_interactions(
    *, member_id: int, source: str, properties: Mapping[str, Any], keys: Sequence[str], reason: str
) -> int:
    """Take facts back that were never hers: those of the source with these properties; answers how many.

    With the keys by which they were sent gone, they may be told of her again. Whoever follows the facts reads the
    member anew. The caller records the act.
    """
    values: dict[str, Any] = {
        "member": member_id,
        "source": source,
        "properties": Jsonb(properties),
        "keys": list(keys),
        "why": reason,
    }
    with connection.cursor() as cursor:
        cursor.execute(UNKNOW, values)
        cursor.execute(RETRACT, values)
        retracted = int(cursor.rowcount)
        if retracted:
            cursor.execute(READ_ANEW, values)
    return retracted


@transaction.atomic
def record_touches(
    *, now: datetime, staging: Relation | None = None, rows: Iterable[TouchIn] | None = None
) -> FactsRecorded:
    """Store what is new in a staging relation (`TOUCH_COLUMNS`) or among `rows`; nothing on FactNotRecorded."""
    return _record(TOUCHES, now, staging, rows)


def _record(
    fact: FactTable,
    now: datetime,
    staging: Relation | None,
    rows: "Iterable[InteractionIn] | Iterable[TouchIn] | None",
    *,
    repeats: bool = False,
) -> FactsRecorded:
    try:
        if staging is None:
            staging = stage(f"{fact.table}_rows", fact.staging_columns, (_values(row) for row in rows or ()))
        relation = as_relation(staging)
        with connection.cursor() as cursor:
            cursor.execute(MONTHS.replace("{staging}", relation))
            cursor.execute(f"SELECT count(*) FROM {relation} AS given")
            (offered,) = cursor.fetchone()
            cursor.execute(fact.record(relation, repeats=repeats), {"now": now})
            return FactsRecorded(offered=offered, stored=cursor.rowcount)
    except (DataError, IntegrityError) as error:
        raise FactNotRecorded(hint=scrubbed(str(error))) from error


def _values(row: InteractionIn | TouchIn) -> list[Any]:
    values = [getattr(row, field.name) for field in fields(row)]
    return [Jsonb(value) if isinstance(value, Mapping) else value for value in values]
