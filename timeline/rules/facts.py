"""The SQL that stores interactions and touches once each.

The key of a fact is the md5 of what it is, its source, its member and the key that the sender gave; without one, its
content counts (two equal events of one member in the same instant from one source are one).
"""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

from collections.abc import Mapping
from dataclasses import dataclass

from timeline.rules.staging import INTERACTION_COLUMNS, TOUCH_COLUMNS

MONTHS = """
SELECT timeline_ensure_months(array(SELECT DISTINCT date_trunc('month', occurred_at, 'UTC')::date FROM {staging} AS given))
"""


@dataclass(frozen=True)
class FactTable:
    """One immutable fact: its table, what staging brings, and the columns that make its content."""

    what: str
    table: str
    staging_columns: Mapping[str, str]

    @property
    def stored_columns(self) -> list[str]:
        return [name for name in self.staging_columns if name not in {"line_no", "key"}]

    def record(self, staging: str) -> str:
        """One statement: fresh keys in sorted order, then their facts. Takes `now`."""
        columns = self.stored_columns
        content = ", ".join(_as_text(name) for name in columns if name not in {"member_id", "source"})
        return f"""
WITH offered AS MATERIALIZED (
    SELECT DISTINCT ON (fact_key) * FROM (
        SELECT *, md5(concat_ws(E'\\x1f', '{self.what}', source, member_id, CASE WHEN key <> '' THEN 'k' || key
            ELSE 'c' || concat_ws(E'\\x1f', {content}) END))::uuid AS fact_key
        FROM {staging} AS given
    ) AS keyed
    ORDER BY fact_key, line_no
), fresh AS (
    INSERT INTO timeline_factkey (key) SELECT fact_key FROM offered ORDER BY fact_key
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


INTERACTIONS = FactTable("interaction", "timeline_interaction", INTERACTION_COLUMNS)
TOUCHES = FactTable("touch", "timeline_touch", TOUCH_COLUMNS)
