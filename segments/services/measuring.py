"""Temporary relations that a run works with: what members have now, and where the scores' limits lie.

Each lives until the end of the transaction. `retier_fresh` holds new values of members, `retier_touched` the standings
that it replaces.
"""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.utils import OperationalError
from psycopg.errors import LockNotAvailable

from members.rules.persons import records_of
from segments.errors import RetierRunning
from segments.rules import cutoffs as limits
from segments.rules.cutoffs import Cutoffs
from segments.rules.definitions import Definitions
from segments.rules.metrics_sql import Mark, added_sql, delta_sql, folded_sql, fresh_sql, start_of, touched_sql
from segments.rules.slots import Slots
from segments.rules.statement import Values

STANDING = "segments_memberstanding"
FRESH = "retier_fresh"
TOUCHED = "retier_touched"
DELTA = "retier_delta"
# A merged record that still had a standing loses it, and is read with her to whom it belongs.
AGAIN = f"""
SELECT member_id FROM {TOUCHED} WHERE again
    AND member_id NOT IN (SELECT id FROM members_member WHERE merged_into_id IS NOT NULL)
"""
COLUMNS = "member_id, known_at, first_fact_at, last_order_at, last_interaction_at, sums"
# Sorting and grouping a million members needs about this much; more is not used, and only while a run lasts.
MEMORY = "256MB"
# percentile_disc takes row ceil(fraction × n); a hair below k/5 makes that exact for every n below 10^11.
FRACTIONS = [grade / 5 - 1e-12 for grade in (1, 2, 3, 4)]


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is to be computed, for which moment (UTC)."""

    definitions: Definitions
    slots: Slots
    as_of: datetime


@contextmanager
def one_view(*, lock: bool) -> Iterator[bool]:
    """A transaction of its own that sees one moment of the database; with `lock` the only one that writes a run.

    LOCK TABLE comes before the first query, so the view begins when the run before has ended. Answers whether the
    transaction really is its own: inside a test's, the isolation cannot be changed any more, and facts written before
    and after a run carry the same transaction number.
    """
    nested = connection.in_atomic_block
    with transaction.atomic(durable=True):
        if not nested:
            execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        if lock:
            _lock_runs()
        execute(f"SET LOCAL work_mem = '{MEMORY}'")
        yield not nested
        execute("SET LOCAL work_mem = DEFAULT")


def _lock_runs() -> None:
    """Waits two seconds, long enough for an autovacuum of that small table to give way."""
    try:
        with transaction.atomic():
            execute("SET LOCAL lock_timeout = '2s'")
            execute("LOCK TABLE segments_tierrun IN SHARE ROW EXCLUSIVE MODE")
            execute("SET LOCAL lock_timeout = DEFAULT")
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise RetierRunning from error
        raise


def execute(sql: str, values: dict[str, Any] | None = None) -> int:
    """Run one statement and answer how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return int(cursor.rowcount)


def fetch(sql: str, values: dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def make(table: str, select: str, values: dict[str, Any] | None = None) -> None:
    """A temporary table from a SELECT, in place of one of that name."""
    execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
    execute(f"CREATE TEMPORARY TABLE {table} ON COMMIT DROP AS {select}", values)


def count(table: str, columns: str = "member_id") -> None:
    """Tell the planner how many rows there are; statistics of the arrays would cost more than they are worth."""
    execute(f"ANALYZE {table} ({columns})")


def measure_all(question: Question) -> None:
    """`retier_fresh` = every member that is in a run at that moment, from the facts alone."""
    values = Values()
    make(FRESH, fresh_sql(question.slots, as_of=question.as_of, bind=values.bind), values)
    _fold(question)


def measure_touched(question: Question, since: Mark) -> None:
    """`retier_touched` = standings that change or are gone, `retier_fresh` = what is to stand in their place.

    Sums follow by difference; of some members the facts are read again.
    """
    values = Values()
    make(DELTA, delta_sql(question.slots, since=since, as_of=question.as_of, bind=values.bind), values)
    count(DELTA)
    values = Values()
    make(TOUCHED, touched_sql(question.slots, since=since, bind=values.bind, standing=STANDING, delta=DELTA), values)
    count(TOUCHED, "member_id, again")
    make(FRESH, added_sql(question.slots, touched=TOUCHED))
    values = Values()
    again = fresh_sql(question.slots, as_of=question.as_of, bind=values.bind, only=f"({records_of(AGAIN)}) AS hers")
    execute(f"INSERT INTO {FRESH} ({COLUMNS}) {again}", values)
    _fold(question)
    count(FRESH)


def _fold(question: Question) -> None:
    """One row for a person, however many records she has; where nobody was merged there is nothing to look at."""
    if fetch("SELECT FROM members_member WHERE merged_into_id IS NOT NULL LIMIT 1"):
        values = Values()
        execute(folded_sql(question.slots, fresh=FRESH, as_of=question.as_of, bind=values.bind), values)


def untouched() -> str:
    """Standings that `retier_fresh` does not replace."""
    return f"(SELECT * FROM {STANDING} s WHERE NOT EXISTS (SELECT FROM {TOUCHED} t WHERE t.member_id = s.member_id))"


def find_cutoffs(question: Question, relation: str) -> Cutoffs:
    """The limits of the scores over all members of `relation` with an order in the window."""
    rfm, slots = question.definitions.rfm, question.slots
    values = Values()
    orders = f"sums[{slots.at('orders', rfm.window_days) + 1}]"
    fen = f"sums[{slots.at('spend', rfm.window_days) + 1}]"
    has_order = f"last_order_at >= {values.bind(start_of(question.as_of, rfm.window_days))}"
    if rfm.method == "fixed":
        ((n,),) = fetch(f"SELECT count(*) FROM {relation} n WHERE {has_order}", values)
        return limits.fixed(rfm, n=n)
    at = f"percentile_disc({values.bind(FRACTIONS)}::float8[]) WITHIN GROUP (ORDER BY"
    ((n, last_orders, counts, money),) = fetch(
        f"SELECT count(*), {at} last_order_at), {at} {orders}), {at} {fen}) FROM {relation} n WHERE {has_order}", values
    )
    if not n:
        return Cutoffs()
    return limits.quintiles(n=n, last_orders=last_orders, orders=counts, fen=money, as_of=question.as_of)
