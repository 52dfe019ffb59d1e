"""SELECT statements for what a run knows of each member: sums over windows, first and last moments.

Each answers rows of `member_id, known_at, first_fact_at, last_order_at, last_interaction_at, sums`; `sums` are bigints
in the order of the slots, money in fen. Every window is `[as_of − N × 24 h, as_of)`, exact to the microsecond.
`as_of` must be in UTC: arithmetic in another zone would follow its clock changes.
"""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from members.rules.persons import ABSORBED
from segments.rules.slots import SUMS, Slot, Slots
from segments.rules.statement import Bind

PURCHASES = "timeline_purchase"
INTERACTIONS = "timeline_interaction"
TOUCHES = "timeline_touch"


@dataclass(frozen=True, kw_only=True)
class Mark:
    """Where an earlier run stood: its moment, and which transactions it could see.

    A fact is new since then when its transaction is one of `pending` (running at that time) or not below `ceiling`.
    """

    as_of: datetime
    horizon: int
    ceiling: int
    pending: tuple[int, ...] = ()


def start_of(as_of: datetime, days: int) -> datetime:
    return as_of - timedelta(days=days)


def fresh_sql(slots: Slots, *, as_of: datetime, bind: Bind, only: str = "") -> str:
    """Everything from the facts themselves, for all records or those in the relation `only`; then see `folded_sql`.

    A member is in a run when she is registered or has a fact before `as_of`; without either, when her row is older.
    """
    members = f"WHERE m.id IN (SELECT member_id FROM {only})" if only else ""
    sums = _array(slots, lambda place, _slot: f"coalesce({_source(slots, place)}.s{place}, 0)")
    return f"""
        SELECT m.id AS member_id, coalesce(m.registered_at, f.first_at) AS known_at, f.first_at AS first_fact_at,
            p.last_order_at, i.last_interaction_at, {sums} AS sums
        FROM members_member m
        LEFT JOIN ({_purchases(slots, as_of=as_of, bind=bind, only=only)}) p ON p.member_id = m.id
        LEFT JOIN ({_interactions(slots, as_of=as_of, bind=bind, only=only)}) i ON i.member_id = m.id
        LEFT JOIN ({_touches(as_of=as_of, bind=bind, only=only)}) t ON t.member_id = m.id
        CROSS JOIN LATERAL (SELECT least(p.first_at, i.first_at, t.first_at) AS first_at) f
        {members} {"AND" if only else "WHERE"} coalesce(least(m.registered_at, f.first_at), m.created_at) < {bind(as_of)}
    """


def delta_sql(slots: Slots, *, since: Mark, as_of: datetime, bind: Bind) -> str:
    """What came and went since an earlier run, per member: `first_at, new_order_at, new_interaction_at, s0, s1, …`.

    Plus: facts that were not to be seen then, and those whose moment came since. Minus: those that left a window.
    """
    purchases = _changed_purchases(slots, since=since, as_of=as_of, bind=bind)
    interactions = _changed_interactions(slots, since=since, as_of=as_of, bind=bind)
    sums = ", ".join(f"coalesce({_source(slots, place)}.s{place}, 0) AS s{place}" for place in range(len(slots)))
    return f"""
        SELECT coalesce(p.member_id, i.member_id, t.member_id) AS member_id,
            least(p.first_at, i.first_at, t.first_at) AS first_at,
            p.last_order_at AS new_order_at, i.last_interaction_at AS new_interaction_at, {sums}
        FROM ({purchases}) p
        FULL JOIN ({interactions}) i ON i.member_id = p.member_id
        FULL JOIN ({_changed_touches(since=since, as_of=as_of, bind=bind)}) t
            ON t.member_id = coalesce(p.member_id, i.member_id)
    """


def touched_sql(slots: Slots, *, since: Mark, bind: Bind, standing: str, delta: str) -> str:
    """Standings that an earlier run left and that do not stand as they are, with what is to be added to them.

    One pass over members and standings. `again`: the facts must be read again, because the member has no standing, is
    gone (or merged into another), has another registration, facts of hers were changed rather than added, or something
    was told of a record that was merged into hers.
    """
    sums = "".join(f", d.s{place}" for place in range(len(slots)))
    unsettled = """m.id IS NULL OR s.member_id IS NULL
        OR s.known_at IS DISTINCT FROM coalesce(m.registered_at, s.first_fact_at) OR b.member_id IS NOT NULL"""
    return f"""
        SELECT coalesce(m.id, s.member_id) AS member_id, {unsettled} AS again, m.registered_at,
            s.known_at, s.first_fact_at, s.last_order_at, s.last_interaction_at, s.sums, s.r, s.f, s.m, s.tier,
            d.first_at, d.new_order_at, d.new_interaction_at {sums}
        FROM (SELECT id, registered_at FROM members_member WHERE merged_into_id IS NULL) m
        FULL JOIN {standing} s ON s.member_id = m.id
        LEFT JOIN {delta} d ON d.member_id = m.id
        LEFT JOIN ({_unsettled(since, bind=bind, standing=standing, delta=delta)}) b ON b.member_id = m.id
        WHERE d.member_id IS NOT NULL OR {unsettled}
    """


def _unsettled(since: Mark, *, bind: Bind, standing: str, delta: str) -> str:
    """Whose facts were changed, and owners of merged records of which anything changed, or that still have a standing."""
    changed = f"SELECT member_id FROM timeline_rebuild WHERE {new_since(since, bind)}"
    return f"""
        {changed} UNION
        SELECT gone.person_id FROM ({ABSORBED}) AS gone
        WHERE gone.member_id IN (SELECT member_id FROM {delta}) OR gone.member_id IN ({changed})
            OR EXISTS (SELECT FROM {standing} AS own WHERE own.member_id = gone.member_id)
    """


def folded_sql(slots: Slots, *, fresh: str, as_of: datetime, bind: Bind) -> str:
    """Turn the rows of records that are one person's into one of the record that stands for her, within `fresh`.

    Sums add up; her registration is that record's own. Takes the rows out, and puts the one in where she is in the run.
    """
    sums = _array(slots, lambda place, _slot: f"sum(sums[{place + 1}])")
    return f"""
        WITH family AS (
            SELECT member_id, person_id FROM ({ABSORBED}) AS gone UNION SELECT person_id, person_id FROM ({ABSORBED}) AS gone
        ), taken AS (
            DELETE FROM {fresh} AS n USING family WHERE n.member_id = family.member_id RETURNING family.person_id, n.*
        )
        INSERT INTO {fresh} (member_id, known_at, first_fact_at, last_order_at, last_interaction_at, sums)
        SELECT person_id, coalesce(owner.registered_at, min(first_fact_at)), min(first_fact_at), max(last_order_at),
            max(last_interaction_at), {sums}
        FROM taken JOIN members_member AS owner ON owner.id = taken.person_id
        GROUP BY person_id, owner.registered_at, owner.created_at
        HAVING coalesce(least(owner.registered_at, min(first_fact_at)), owner.created_at) < {bind(as_of)}
    """


def added_sql(slots: Slots, *, touched: str) -> str:
    """New values from those before and the difference, for the rows of `touched_sql` that are not to be read again."""
    return f"""
        SELECT member_id, coalesce(registered_at, f.first_at) AS known_at, f.first_at AS first_fact_at,
            greatest(last_order_at, new_order_at) AS last_order_at,
            greatest(last_interaction_at, new_interaction_at) AS last_interaction_at,
            {_array(slots, lambda place, _slot: f"sums[{place + 1}] + s{place}")} AS sums
        FROM {touched} t CROSS JOIN LATERAL (SELECT least(t.first_fact_at, t.first_at) AS first_at) f WHERE NOT again
    """


def new_since(since: Mark, bind: Bind) -> str:
    """Facts (or rebuilds) that the earlier run could not see."""
    late = f"xid >= {bind(since.ceiling)}"
    if since.pending:
        late = f"({late} OR xid = ANY({bind(list(since.pending))}))"
    return f"xid >= {bind(since.horizon)} AND {late}"


def old_since(since: Mark, bind: Bind) -> str:
    """Facts that the earlier run saw."""
    seen = f"xid < {bind(since.ceiling)}"
    return f"{seen} AND xid <> ALL({bind(list(since.pending))})" if since.pending else seen


def _array(slots: Slots, value: Callable[[int, Slot], str]) -> str:
    return f"ARRAY[{', '.join(value(place, slot) for place, slot in enumerate(slots))}]::bigint[]"


def _source(slots: Slots, place: int) -> str:
    return "p" if SUMS[slots[place].measure].fact == "purchase" else "i"


def _purchases(slots: Slots, *, as_of: datetime, bind: Bind, only: str) -> str:
    return f"""
        SELECT member_id, min(occurred_at) AS first_at, max(occurred_at) FILTER (WHERE sold) AS last_order_at
            {_sums(slots.of("purchase"), as_of=as_of, bind=bind)}
        FROM {PURCHASES} WHERE occurred_at < {bind(as_of)}{_only(only)} GROUP BY member_id
    """


def _interactions(slots: Slots, *, as_of: datetime, bind: Bind, only: str) -> str:
    return f"""
        SELECT member_id, min(occurred_at) AS first_at, max(occurred_at) AS last_interaction_at
            {_sums(slots.of("interaction"), as_of=as_of, bind=bind)}
        FROM {INTERACTIONS} WHERE occurred_at < {bind(as_of)}{_only(only)} GROUP BY member_id
    """


def _touches(*, as_of: datetime, bind: Bind, only: str) -> str:
    return f"""
        SELECT member_id, min(occurred_at) AS first_at FROM {TOUCHES}
        WHERE occurred_at < {bind(as_of)}{_only(only)} GROUP BY member_id
    """


def _only(relation: str) -> str:
    return f" AND member_id IN (SELECT member_id FROM {relation})" if relation else ""


def _sums(slots: Sequence[tuple[int, Slot]], *, as_of: datetime, bind: Bind) -> str:
    """One column per slot; counts directly, money from bands that follow one another."""
    windows = sorted({slot.days for _place, slot in slots if SUMS[slot.measure].money and slot.days is not None})
    columns = []
    for place, slot in slots:
        money = SUMS[slot.measure].money
        value = _money(slot, windows, as_of=as_of, bind=bind) if money else _count(slot, as_of=as_of, bind=bind)
        columns.append(f", {value} AS s{place}")
    return "".join(columns)


def _count(slot: Slot, *, as_of: datetime, bind: Bind) -> str:
    conditions = [SUMS[slot.measure].condition] if SUMS[slot.measure].condition else []
    if slot.days is not None:
        conditions.append(f"occurred_at >= {bind(start_of(as_of, slot.days))}")
    return f"count(*) FILTER (WHERE {' AND '.join(conditions)})" if conditions else "count(*)"


def _money(slot: Slot, windows: Sequence[int], *, as_of: datetime, bind: Bind) -> str:
    """The bands of a window added up: PostgreSQL computes an aggregate named twice once, so each amount is read once.

    Fen in double precision are whole numbers and exact below 2^53 (90 trillion yuan), in any order; its sum needs no
    memory of its own per member, where that of numeric or bigint does.
    """
    bands, end = [], ""
    for days in windows if slot.days is None else windows[: windows.index(slot.days) + 1]:
        start = bind(start_of(as_of, days))
        bands.append(f"occurred_at >= {start}{end}")
        end = f" AND occurred_at < {start}"
    if slot.days is None:
        bands.append(end.removeprefix(" AND ") or "true")
    parts = (f"coalesce(sum((amount * 100)::bigint::float8) FILTER (WHERE {band}), 0)" for band in bands)
    return f"({' + '.join(parts)})::bigint"


def _changed_purchases(slots: Slots, *, since: Mark, as_of: datetime, bind: Bind) -> str:
    chosen = slots.of("purchase")
    rows = _changes(PURCHASES, "sold, coupon_code, amount", chosen, since=since, as_of=as_of, bind=bind)
    return f"""
        SELECT member_id, min(occurred_at) FILTER (WHERE sign = 1) AS first_at,
            max(occurred_at) FILTER (WHERE sign = 1 AND sold) AS last_order_at
            {_signed_sums(chosen, as_of=as_of, bind=bind)}
        FROM ({rows}) c GROUP BY member_id
    """


def _changed_interactions(slots: Slots, *, since: Mark, as_of: datetime, bind: Bind) -> str:
    chosen = slots.of("interaction")
    rows = _changes(INTERACTIONS, "kind", chosen, since=since, as_of=as_of, bind=bind)
    return f"""
        SELECT member_id, min(occurred_at) FILTER (WHERE sign = 1) AS first_at,
            max(occurred_at) FILTER (WHERE sign = 1) AS last_interaction_at
            {_signed_sums(chosen, as_of=as_of, bind=bind)}
        FROM ({rows}) c GROUP BY member_id
    """


def _changed_touches(*, since: Mark, as_of: datetime, bind: Bind) -> str:
    rows = _changes(TOUCHES, "source", (), since=since, as_of=as_of, bind=bind)
    return f"SELECT member_id, min(occurred_at) AS first_at FROM ({rows}) c GROUP BY member_id"


def _changes(
    table: str, columns: str, slots: Iterable[tuple[int, Slot]], *, since: Mark, as_of: datetime, bind: Bind
) -> str:
    """Facts with a sign; `leaves` names the window that a negative one left."""
    start, now, old = bind(since.as_of), bind(as_of), old_since(since, bind)

    def rows(sign: int, leaves: str, condition: str) -> str:
        return f"""
            SELECT member_id, occurred_at, {columns}, {sign} AS sign, {leaves}::integer AS leaves
            FROM {table} WHERE {condition}
        """

    parts = [rows(1, "NULL", f"occurred_at < {now} AND {new_since(since, bind)}")]
    if as_of > since.as_of:
        parts.append(rows(1, "NULL", f"occurred_at >= {start} AND occurred_at < {now} AND {old}"))
        for days in sorted({slot.days for _place, slot in slots if slot.days is not None}):
            first, last = start_of(since.as_of, days), min(since.as_of, start_of(as_of, days))
            left = f"occurred_at >= {bind(first)} AND occurred_at < {bind(last)} AND {old}"
            parts.append(rows(-1, bind(days), left))
    return " UNION ALL ".join(parts)


def _signed_sums(slots: Iterable[tuple[int, Slot]], *, as_of: datetime, bind: Bind) -> str:
    return "".join(f", {_signed_sum(slot, as_of=as_of, bind=bind)} AS s{place}" for place, slot in slots)


def _signed_sum(slot: Slot, *, as_of: datetime, bind: Bind) -> str:
    rule = SUMS[slot.measure]
    window = "sign = 1"
    if slot.days is not None:
        window += f" AND occurred_at >= {bind(start_of(as_of, slot.days))} OR leaves = {bind(slot.days)}"
    chosen = f"FILTER (WHERE {rule.condition or 'true'} AND ({window}))"
    return f"(sum(sign * amount) {chosen} * 100)::bigint" if rule.money else f"sum(sign) {chosen}"
