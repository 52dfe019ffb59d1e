"""Members, purchases and interactions by the million, made inside the database by a few set-based statements.

Every value is a hash of the row's number and the seed, so the same arguments give the same rows on any server. The
shape is that of a consumer brand: two years, a heavy tail of buyers and of amounts, more on some days than on others,
one order in six with a coupon, one fact in twenty a refund, browsing above all other kinds.
"""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

BLOCK = 1_000_000

# A number in [0, 1) from a row's number and a salt; two rounds of hashing, so that neighbours do not resemble.
HASHED = "((hashint8extended({row}, %(seed)s + {salt}) & 1099511627775) / 1099511627776.0)::float8"

MEMBERS = """
    INSERT INTO members_member (id, name, name_key, gender, channel, registered_at, created_at, updated_at, home_store_id)
    SELECT n, '会员' || n, 'huiyuan' || n, CASE WHEN {u1} < 0.7 THEN 'female' ELSE 'male' END, '',
        CASE WHEN {u2} < 0.9 THEN %(until)s::timestamptz - (power({u3}, 1.3) * %(days)s * 86400e6)::bigint * interval '1 microsecond' END,
        %(until)s, %(until)s, (%(stores)s::bigint[])[1 + n %% greatest(1, cardinality(%(stores)s::bigint[]))]
    FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n
"""
PURCHASES = """
    INSERT INTO timeline_purchase (member_id, occurred_at, received_at, amount, sold, kind, source, order_no, channel,
        coupon_code, xid)
    SELECT member, at, at, CASE WHEN refund THEN -1 ELSE 1 END * amount, NOT refund,
        CASE WHEN refund THEN 'refund' ELSE 'order' END, 'bench', n::text, 'shop',
        CASE WHEN NOT refund AND {u4} < 0.17 THEN 'C10' ELSE '' END, %(xid)s
    FROM (
        SELECT n, {member} AS member, {moment} AS at, {u3} < 0.05 AS refund,
            round((exp(4.4 + 1.1 * sqrt(-2 * ln({u5} + 1e-12)) * cos(6.283185307 * {u6})))::numeric, 2) AS amount
        FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n OFFSET 0
    ) p
"""
INTERACTIONS = """
    INSERT INTO timeline_interaction (member_id, occurred_at, received_at, kind, source, channel, subject, xid)
    SELECT {member}, {moment}, %(until)s,
        (ARRAY['browse', 'browse', 'browse', 'browse', 'click', 'open', 'message', 'check_in', 'coupon_claim', 'read'])
            [1 + floor({u4} * 10)::int],
        'bench', 'mini_program', '', %(xid)s
    FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n
"""
INDEXES = """
    SELECT CASE WHEN indisprimary THEN format('ALTER TABLE %%s DROP CONSTRAINT %%s', t.oid::regclass, i::regclass)
            ELSE format('DROP INDEX %%s', i::regclass) END,
        CASE WHEN indisprimary
            THEN format('ALTER TABLE %%s ADD CONSTRAINT %%s %%s', t.oid::regclass, i::regclass, pg_get_constraintdef(c.oid))
            ELSE replace(pg_get_indexdef(i), ' ON ONLY ', ' ON ') END
    FROM pg_class t JOIN pg_index x ON x.indrelid = t.oid CROSS JOIN LATERAL (SELECT x.indexrelid AS i) n
    LEFT JOIN pg_constraint c ON c.conindid = i AND c.contype = 'p'
    WHERE t.oid = %s::regclass AND (t.relkind = 'p' OR NOT indisunique)
"""
# Some buy often: the square of a hash leans towards the low numbers, which the multiplication scatters over all.
MEMBER = "(1 + (floor(power({u1}, 1.6) * %(members)s)::bigint * 7919) %% %(members)s)"
# Facts come in the order in which they happened, as in life, and ever more of them.
MOMENT = (
    "%(until)s::timestamptz - "
    "(power(1 - (n - 1 + {u2}) / %(rows)s, 1.15) * %(days)s * 86400e6)::bigint * interval '1 microsecond'"
)


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """How much, until when, from which seed; members take the home `stores` in turns, if there are any."""

    members: int = 1_000_000
    purchases: int = 10_000_000
    interactions: int = 5_000_000
    days: int = 730
    seed: int = 7
    stores: tuple[int, ...] = ()
    until: datetime = datetime(2026, 11, 1, tzinfo=UTC)


def fill(dataset: Dataset, *, progress: Callable[[str, int], None] = lambda _table, _rows: None) -> None:
    """Fill empty tables of members and facts as their owner, indexes last; commits block by block where it can."""
    _ensure_months(dataset)
    for table, sql, rows in (
        ("members_member", MEMBERS, dataset.members),
        ("timeline_purchase", PURCHASES, dataset.purchases),
        ("timeline_interaction", INTERACTIONS, dataset.interactions),
    ):
        with _indexes_last(table):
            for first, last in _blocks(rows):
                _insert(sql, dataset, first, last, rows=rows)
                progress(table, last)
    with connection.cursor() as cursor:
        numbers = "SELECT count(nextval(pg_get_serial_sequence('members_member', 'id'))) FROM generate_series(1, %s)"
        cursor.execute(numbers, [dataset.members])


def touch(dataset: Dataset, *, share: float, day: int = 1) -> int:
    """A day later: one order and one browse each of `share` of the members, between `until` and the day after.

    `day` counts the ticks, so that each brings other members. Answers how many members.
    """
    start = dataset.until + timedelta(days=day - 1)
    _ensure_months(dataset, extra=start + timedelta(days=1))
    every = round(1 / share)
    values = {**_values(dataset), "start": start, "every": every, "rest": day % every, "day": day}
    at = f"%(start)s::timestamptz + ({HASHED.format(row='m.id', salt='99 + %(day)s')} * 86399e6)::bigint * interval '1 microsecond'"
    with connection.cursor() as cursor:
        for sql in (
            f"""
            INSERT INTO timeline_purchase (member_id, occurred_at, amount, sold, kind, source, order_no)
            SELECT id, {at}, 20 + id %% 400, true, 'order', 'bench', 'day' || %(day)s || '-' || id FROM members_member m
            WHERE id %% %(every)s = %(rest)s
            """,
            f"""
            INSERT INTO timeline_interaction (member_id, occurred_at, kind, source)
            SELECT id, {at}, 'browse', 'bench' FROM members_member m WHERE id %% %(every)s = %(rest)s
            """,
        ):
            cursor.execute(sql, values)
        return int(cursor.rowcount)


@contextmanager
def _indexes_last(table: str) -> Iterator[None]:
    """Without the table's indexes and a fact table's key; they come back as they were. References need the others."""
    with connection.cursor() as cursor:
        cursor.execute(INDEXES, [table])
        found = cursor.fetchall()
        for drop, _make in found:
            cursor.execute(drop)
        yield
        for _drop, make in found:
            cursor.execute(make)


def _insert(sql: str, dataset: Dataset, first: int, last: int, *, rows: int) -> None:
    hashed = {f"u{salt}": HASHED.format(row="n", salt=salt * 1000 + len(sql)) for salt in range(1, 7)}
    text = sql.format(member=MEMBER.format(**hashed), moment=MOMENT.format(**hashed), **hashed)
    with connection.cursor() as cursor:
        cursor.execute("SELECT timeline_xid()")
        values = {**_values(dataset), "first": first, "last": last, "rows": rows, "xid": cursor.fetchone()[0]}
        cursor.execute(text, values)


def _values(dataset: Dataset) -> dict[str, Any]:
    return {
        "seed": dataset.seed,
        "until": dataset.until,
        "days": dataset.days,
        "members": dataset.members,
        "stores": list(dataset.stores),
    }


def _blocks(rows: int) -> Iterator[tuple[int, int]]:
    for first in range(1, rows + 1, BLOCK):
        yield first, min(rows, first + BLOCK - 1)


def _ensure_months(dataset: Dataset, extra: datetime | None = None) -> None:
    days = [(dataset.until - timedelta(days=back)).date() for back in range(0, dataset.days + 31, 27)]
    days += [dataset.until.date(), *([extra.date()] if extra else [])]
    with connection.cursor() as cursor:
        cursor.execute("SELECT timeline_ensure_months(%s::date[])", [days])
