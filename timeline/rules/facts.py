"""The SQL that stores interactions and touches once each.

The key of a fact is the md5 of what it is, its source, its member and the key that the sender gave; without one, its
content counts (two equal events of one member in the same instant from one source are one). What was stored for a record
that was merged since is stored, and told once more for the record that stands for it is no other fact.
"""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

from collections.abc import Mapping
from dataclasses import dataclass

from timeline.rules.staging import INTERACTION_COLUMNS, TOUCH_COLUMNS

MONTHS = """
SELECT timeline_ensure_months(array(SELECT DISTINCT date_trunc('month', occurred_at, 'UTC')::date FROM {staging} AS given))
"""


_ONCE = "SELECT DISTINCT ON (content_key) *, 1 AS nth, content_key AS fact_key FROM"
_NTH = "CASE nth WHEN 1 THEN {key} ELSE md5({key}::text || nth)::uuid END"
_REPEATS = f"""SELECT *, {_NTH.format(key="content_key")} AS fact_key FROM (
    SELECT *, row_number() OVER (PARTITION BY content_key ORDER BY line_no) AS nth FROM"""
_NUMBERED = ") AS numbered WHERE nth = 1 OR coalesce(key, '') = ''"


@dataclass(frozen=True)
class FactTable:
    """One immutable fact: its table, what staging brings, and the columns that make its content."""

    what: str
    table: str
    staging_columns: Mapping[str, str]

    @property
    def stored_columns(self) -> list[str]:
        return [name for name in self.staging_columns if name not in {"line_no", "key"}]

    def record(self, staging: str, *, repeats: bool = False) -> str:
        """One statement: fresh keys in sorted order, then their facts. Takes `now`.

        With `repeats` equal rows without a sender's key are as many facts: the nth has the md5 of its content and n for
        a key, the first that of its content alone, so that the same rows once more are the same facts.
        """
        columns = self.stored_columns
        content = ", ".join(_as_text(name) for name in columns if name not in {"member_id", "source"})
        key = f"md5(concat_ws(E'\\x1f', '{self.what}', source, {{}}, told))::uuid"
        return f"""
WITH offered AS MATERIALIZED (
    {_REPEATS if repeats else _ONCE} (
        SELECT *, {key.format("member_id")} AS content_key FROM (
            SELECT *, CASE WHEN key <> '' THEN 'k' || key ELSE 'c' || concat_ws(E'\\x1f', {content}) END AS told
            FROM {staging} AS given
        ) AS telling
    ) AS keyed{_NUMBERED if repeats else ""}
    ORDER BY content_key, line_no
), before AS MATERIALIZED (
    SELECT offered.fact_key, {_NTH.format(key=key.format("gone.id"))} AS key
    FROM offered JOIN members_member AS gone ON gone.merged_into_id = offered.member_id
), fresh AS (
    INSERT INTO timeline_factkey (key) SELECT fact_key FROM offered
    WHERE fact_key NOT IN (SELECT before.fact_key FROM before JOIN timeline_factkey AS held USING (key))
    ORDER BY fact_key
    ON CONFLICT (key) DO NOTHING
    RETURNING key
)
INSERT INTO {self.table} (received_at, xid, {", ".join(columns)})
SELECT %(now)s, (SELECT timeline_xid()), {", ".join(f"offered.{name}" for name in columns)}
FROM offered JOIN fresh ON fresh.key = offered.fact_key
ORDER BY offered.member_id, offered.occurred_at
"""


def _as_text(name: str) -> str:
    return (
        "coalesce(extract(epoch FROM occurred_at)::text, '')"
        if name == "occurred_at"
        else f"coalesce({name}::text, '')"
    )


#: The keys of `FactTable.record`, of a sender's own keys.
UNKNOW = """
DELETE FROM timeline_factkey USING unnest(%(keys)s::text[]) AS given (key)
WHERE timeline_factkey.key = md5(concat_ws(E'\x1f', 'interaction', %(source)s::text, %(member)s::bigint, 'k' || given.key))::uuid
"""
RETRACT = """
DELETE FROM timeline_interaction
WHERE member_id = %(member)s AND source = %(source)s AND properties @> %(properties)s
"""
READ_ANEW = "INSERT INTO timeline_rebuild (member_id, reason, xid) SELECT %(member)s, %(why)s, timeline_xid()"

INTERACTIONS = FactTable("interaction", "timeline_interaction", INTERACTION_COLUMNS)
TOUCHES = FactTable("touch", "timeline_touch", TOUCH_COLUMNS)
