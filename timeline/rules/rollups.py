"""The SQL of the sums per member and local day.

A batch never adds to a sum: it names days, and those days are computed anew from the facts. So a row seen twice, or
seen before its turn, does no harm. `{batch}` is the relation of a batch; `zone` is a parameter.
"""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

from dataclasses import dataclass

TOUCHED = """
CREATE TEMP TABLE timeline_touched ON COMMIT DROP AS
SELECT member_id, day, day::timestamp AT TIME ZONE %(zone)s AS begins,
    (day + 1)::timestamp AT TIME ZONE %(zone)s AS ends
FROM (SELECT DISTINCT member_id, (occurred_at AT TIME ZONE %(zone)s)::date AS day FROM {batch} AS row) AS days
"""


@dataclass(frozen=True)
class Rollup:
    """One table of sums: where it counts from, by what besides member and day, and what."""

    table: str
    facts: str
    by: tuple[str, ...]
    sums: tuple[tuple[str, str], ...]

    def compute(self, days: str) -> str:
        """Sums of the facts of `days`: a relation with member_id, day, begins, ends."""
        by = "".join(f", fact.{name}" for name in self.by)
        sums = ", ".join(expression for _name, expression in self.sums)
        return f"""
INSERT INTO {self.table} ({self._columns})
SELECT touched.member_id, touched.day{by}, {sums}
FROM {days} AS touched
JOIN {self.facts} AS fact ON fact.member_id = touched.member_id
    AND fact.occurred_at >= touched.begins AND fact.occurred_at < touched.ends
GROUP BY touched.member_id, touched.day{by}
ORDER BY touched.member_id, touched.day
ON CONFLICT ({self._key}) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name, _sum in self.sums)}
"""

    def compute_all(self, which: str = "true") -> str:
        """Sums of all facts, or of those that `which` allows; their rows must not stand there yet."""
        by = "".join(f", fact.{name}" for name in self.by)
        places = ", ".join(str(place) for place in range(1, 3 + len(self.by)))
        sums = ", ".join(expression for _name, expression in self.sums)
        return f"""
INSERT INTO {self.table} ({self._columns})
SELECT fact.member_id, (fact.occurred_at AT TIME ZONE %(zone)s)::date{by}, {sums}
FROM {self.facts} AS fact WHERE {which}
GROUP BY {places} ORDER BY {places}
"""

    @property
    def _key(self) -> str:
        return ", ".join(("member_id", "day", *self.by))

    @property
    def _columns(self) -> str:
        return ", ".join((self._key, *(name for name, _expression in self.sums)))


_SOLD = "fact.kind = 'order' AND fact.sold"
PURCHASE_DAYS = Rollup(
    table="timeline_purchaseday",
    facts="timeline_purchase",
    by=(),
    sums=(
        ("orders", f"count(*) FILTER (WHERE {_SOLD})"),
        ("coupon_orders", f"count(*) FILTER (WHERE {_SOLD} AND fact.coupon_code <> '')"),
        ("amount", "sum(fact.amount)"),
    ),
)
INTERACTION_DAYS = Rollup(
    table="timeline_interactionday", facts="timeline_interaction", by=("kind",), sums=(("count", "count(*)"),)
)
