"""The SQL that counts cohorts, once for whoever looks at them later.

What a member did lies in the bits of one number: bit n says that she was there at step n. So one pass over the sums per
day does for every step, and keeps a number per member.
"""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

from typing import Final

from dashboards.rules.retention_sql import RETURN_AFTER, RETURN_DAYS, arrivals, facts
from members.rules.persons import ABSORBED, of_absorbed, owner_at_hand, owner_of

STEPS: Final = 24
BEGAN: Final = "dashboards_began"
_FIRST_ORDERS: Final = f"""
    SELECT {owner_of("hers")} AS member_id, min(hers.day) AS day
    FROM (
        SELECT member_id, min(day) AS day FROM timeline_purchaseday
        WHERE orders > 0 AND day <= %(last)s GROUP BY member_id
    ) AS hers {of_absorbed("hers")}
    GROUP BY 1
"""


def _began(rows: str, cohort: str) -> str:
    """A row for every record that is, or was merged into, one of `rows` (member_id, day): its facts are hers."""
    return f"""
        CREATE TEMP TABLE {BEGAN} ON COMMIT DROP AS
        SELECT record.id AS record, began.member_id, {cohort} AS cohort, member.home_store_id AS store_id
        FROM ({rows}) AS began
        JOIN members_member AS member ON member.id = began.member_id
        JOIN members_member AS record ON {owner_at_hand("record")} = member.id
        WHERE began.day >= %(first)s
    """


def _cells(counted: str) -> str:
    """Rows of cohort, store, step and members from arrays with a place for each step from 0 on."""
    return f"""
        SELECT counted.cohort, counted.store_id, cell.place - 1 AS step, cell.members
        FROM ({counted}) AS counted CROSS JOIN LATERAL unnest(counted.members) WITH ORDINALITY AS cell (members, place)
        WHERE cell.members > 0
    """


def _bits(first: int) -> str:
    """How many have each bit: a sum of whole numbers below 2^31, which is quicker than one of larger ones."""
    return ", ".join(f"sum(bits & {1 << step}) / {1 << step}" for step in range(first, STEPS + 1))


def _month(day: str) -> str:
    """Its number: what a calendar needs some steps for, ten million times, stands in a list by days."""
    return f"(%(months)s::integer[])[{day} - %(first)s::date + 1]"


_INTO: Final = "INSERT INTO dashboards_cohortcount (kind, cohort, store_id, step, members, amount, day)"
_BOUGHT: Final = f"""
    timeline_purchaseday AS fact JOIN {BEGAN} AS began ON began.record = fact.member_id
        AND fact.day >= began.cohort AND fact.day <= %(last)s
"""
_AGE: Final = f"{_month('fact.day')} - {_month('began.cohort')}"
BEGAN_BY_ORDER: Final = _began(_FIRST_ORDERS, "date_trunc('month', began.day::timestamp)::date")
COUNT_BY_ORDER: Final = f"""
{_INTO}
WITH steps AS (
    SELECT began.cohort, began.store_id, bit_or(1 << ({_AGE})) AS bits
    FROM {_BOUGHT} WHERE fact.orders > 0 GROUP BY began.member_id, began.cohort, began.store_id
), cell AS (
    {_cells(f"SELECT cohort, store_id, ARRAY[{_bits(0)}] AS members FROM steps GROUP BY 1, 2")}
), brought AS (
    SELECT began.cohort, began.store_id, {_AGE} AS step, sum(fact.amount) AS amount FROM {_BOUGHT} GROUP BY 1, 2, 3
)
SELECT 'order', cohort, store_id, step, sum(members), sum(amount), %(day)s::date
FROM (
    SELECT cohort, store_id, step, members, 0 AS amount FROM cell
    UNION ALL SELECT cohort, store_id, step, 0, amount FROM brought
) AS told GROUP BY cohort, store_id, step
"""
# One statement, which reads the members once: who came, with her store, is kept aside in memory. Only the latest cohorts
# are told by day, the others are summed by month at once. What lies within 24 months lies within 24 steps.
COUNT_BY_REGISTRATION: Final = f"""
{_INTO}
WITH person AS MATERIALIZED (
    SELECT member_id, day AS cohort, home_store_id AS store_id, {_month("day")} AS month,
        CASE WHEN day BETWEEN %(first_day)s AND %(last_day)s THEN day END AS told
    FROM ({arrivals("%(first)s::date", "%(last)s::date", "home_store_id")}) AS came
), began AS (
    SELECT member_id AS record, * FROM person
    UNION ALL SELECT absorbed.member_id, person.* FROM person JOIN ({ABSORBED}) AS absorbed
        ON absorbed.person_id = person.member_id
), steps AS (
    SELECT began.month, began.told, began.store_id, bit_or(1 << ((fact.day - began.cohort) / {RETURN_AFTER})) AS bits
    FROM ({facts("%(first)s::date", "%(last)s::date")}) AS fact JOIN began ON began.record = fact.member_id
    WHERE fact.day - began.cohort >= {RETURN_AFTER} AND (fact.day - began.cohort) %% {RETURN_AFTER} < {RETURN_DAYS}
    GROUP BY began.member_id, began.month, began.told, began.store_id
), cell AS MATERIALIZED (
    SELECT month, told, store_id, 0 AS step, count(*) AS members FROM person GROUP BY month, told, store_id
    UNION ALL
    SELECT counted.month, counted.told, counted.store_id, reached.step, reached.members
    FROM (SELECT month, told, store_id, ARRAY[{_bits(1)}] AS members FROM steps GROUP BY month, told, store_id) AS counted
    CROSS JOIN LATERAL unnest(counted.members) WITH ORDINALITY AS reached (members, step)
    WHERE reached.members > 0
)
SELECT 'month', make_date((month - 1) / 12, (month - 1) %% 12 + 1, 1), store_id, step, sum(members), 0, %(day)s::date
FROM cell GROUP BY month, store_id, step
UNION ALL SELECT 'day', told, store_id, step, members, 0, %(day)s::date
FROM cell WHERE told IS NOT NULL
"""
