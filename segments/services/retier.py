"""The run: every member's sums, scores and tier as of one moment, with the history of who moved."""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from segments.enums import RunKind
from segments.errors import AsOfTooEarly
from segments.models import Tier, TierRun
from segments.rules.assign_sql import assigned_sql
from segments.rules.cutoffs import Cutoffs
from segments.rules.definitions import to_json
from segments.rules.metrics_sql import Mark
from segments.rules.slots import LIFETIME, ORDERS_30, SPEND_30, Slots, slots_of
from segments.rules.statement import Values
from segments.selectors.definitions import current_definitions, latest_run
from segments.services.measuring import (
    COLUMNS,
    FRESH,
    STANDING,
    TOUCHED,
    Question,
    count,
    execute,
    fetch,
    find_cutoffs,
    make,
    measure_all,
    measure_touched,
    one_view,
    untouched,
)

CHANGED = "retier_changed"
DRIFTED = "retier_drifted"
DECIDED = "r, f, m, tier"


@dataclass(frozen=True, kw_only=True)
class RetierResult:
    """What a run did. `moved`: members that came into another tier, those that came into their first one included."""

    run_id: int
    as_of: datetime
    kind: str
    members: int
    by_tier: dict[str, int]
    moved: int
    seconds: float


def retier(
    *, as_of: datetime | None = None, full: bool = False, by: User | None = None, now: datetime | None = None
) -> RetierResult:
    """Compute everybody's scores and tier as of a moment (default: now) and write what changed, all or nothing.

    Adds to and takes from the run before where it can, which gives the same answer as reading every fact again;
    `full` reads them again in any case. Must not be called inside a transaction. Raises AsOfTooEarly, RetierRunning.
    A run started by staff is in the audit record; the hourly ones are in the list of runs.
    """
    began, started_at = time.perf_counter(), now or timezone.now()
    moment = (as_of or started_at).astimezone(UTC)
    with one_view(lock=True) as alone:
        before = latest_run()
        _refuse_earlier(moment, before)
        definitions = current_definitions()
        question = Question(definitions=definitions, slots=slots_of(definitions), as_of=moment)
        adds_up = alone and not full and _continues(before, question)
        kind = RunKind.INCREMENTAL if adds_up else RunKind.FULL
        run = TierRun(as_of=moment, kind=kind, started_at=started_at, by_label=by.get_username() if by else "")
        run.horizon, run.ceiling, run.pending = _view()
        cutoffs = _find_changes(question, mark_of(before) if before and adds_up else None)
        _write(run, question, cutoffs)
        run.seconds = round(time.perf_counter() - began, 3)
        run.save(update_fields=["seconds"])
        if by is not None:
            record(by=by, action="segments.retier", obj=run, at=started_at)
    return RetierResult(
        run_id=run.pk,
        as_of=run.as_of,
        kind=run.kind,
        members=run.members,
        by_tier=run.by_tier,
        moved=run.moved,
        seconds=run.seconds,
    )


def mark_of(run: TierRun) -> Mark:
    return Mark(as_of=run.as_of.astimezone(UTC), horizon=run.horizon, ceiling=run.ceiling, pending=tuple(run.pending))


def _refuse_earlier(as_of: datetime, before: TierRun | None) -> None:
    if before is None or as_of >= before.as_of:
        return
    latest = date_format(timezone.localtime(before.as_of), "Y-m-d H:i:s")
    raise AsOfTooEarly(
        _("The tiers were already computed as of %(latest)s; an earlier moment is refused.") % {"latest": latest}
    )


def _continues(before: TierRun | None, question: Question) -> bool:
    """Whether the standings hold the sums that are needed now."""
    return before is not None and before.definitions.get("slots") == _slots_json(question.slots)


def _slots_json(slots: Slots) -> list[list[Any]]:
    return [list(slot) for slot in slots]


def _view() -> tuple[int, int, list[int]]:
    """Which transactions this one can see, in the numbers that facts carry."""
    ((horizon, ceiling, pending),) = fetch(
        """
        SELECT pg_snapshot_xmin(s)::text::bigint + o, pg_snapshot_xmax(s)::text::bigint + o,
            ARRAY(SELECT x::text::bigint + o FROM pg_snapshot_xip(s) x ORDER BY 1)
        FROM (SELECT pg_current_snapshot() AS s, timeline_xid_offset() AS o) v
        """
    )
    return horizon, ceiling, pending


def _find_changes(question: Question, since: Mark | None) -> Cutoffs:
    """`retier_changed` = new standings that differ from the old; the standings that go away are deleted."""
    if since is None:
        measure_all(question)
        cutoffs = find_cutoffs(question, FRESH)
        _compare_fresh(question, cutoffs)
        return cutoffs
    measure_touched(question, since)
    kept = f"(SELECT {COLUMNS} FROM {untouched()} s UNION ALL SELECT {COLUMNS} FROM {FRESH})"
    cutoffs = find_cutoffs(question, kept)
    _compare_fresh(question, cutoffs)
    _compare_untouched(question, cutoffs)
    execute(f"INSERT INTO {CHANGED} SELECT * FROM {DRIFTED}")
    count(CHANGED)
    return cutoffs


def _assigned(relation: str, question: Question, cutoffs: Cutoffs, values: Values) -> str:
    return assigned_sql(
        relation,
        definitions=question.definitions,
        slots=question.slots,
        cutoffs=cutoffs,
        as_of=question.as_of,
        bind=values.bind,
    )


def _compare_fresh(question: Question, cutoffs: Cutoffs) -> None:
    values = Values()
    fields = f"{COLUMNS}, {DECIDED}".split(", ")
    old, new = (", ".join(f"{alias}.{field}" for field in fields) for alias in ("s", "n"))
    make(
        CHANGED,
        f"""
        SELECT {new}, s.tier AS from_tier FROM ({_assigned(FRESH, question, cutoffs, values)}) n
        LEFT JOIN {STANDING} s ON s.member_id = n.member_id WHERE ({old}) IS DISTINCT FROM ({new})
        """,
        values,
    )


def _compare_untouched(question: Question, cutoffs: Cutoffs) -> None:
    """The sums of these stay; their scores follow everybody's, and their tier follows the moment.

    Into a table of its own, because CREATE TABLE AS may use parallel workers and INSERT may not.
    """
    values = Values()
    relation = f"(SELECT {COLUMNS}, r AS r0, f AS f0, m AS m0, tier AS tier0 FROM {untouched()} s)"
    make(
        DRIFTED,
        f"""
        SELECT {COLUMNS}, {DECIDED}, tier0 FROM ({_assigned(relation, question, cutoffs, values)}) n
        WHERE (r0, f0, m0, tier0) IS DISTINCT FROM (r, f, m, tier)
        """,
        values,
    )


def _write(run: TierRun, question: Question, cutoffs: Cutoffs) -> None:
    _remove_gone(run)
    _write_standings(question)
    totals = _totals(question.slots)
    run.definitions = {**to_json(question.definitions), "slots": _slots_json(question.slots)}
    run.cutoffs = cutoffs.to_json()
    run.members = sum(row[1] for row in totals)
    run.by_tier = dict.fromkeys(_codes(), 0) | {row[0]: row[1] for row in totals}
    run.moved, run.seconds = 0, 0.0
    run.save(force_insert=True)
    run.moved = _write_history(run)
    run.save(update_fields=["moved"])
    _write_snapshots(run, totals)


def _codes() -> list[str]:
    return list(Tier.objects.filter(is_active=True).order_by("position", "id").values_list("code", flat=True))


def _remove_gone(run: TierRun) -> None:
    """Members that are no longer in a run: gone altogether, or known only later by a corrected registration."""
    candidates = f"JOIN {TOUCHED} t ON t.member_id = s.member_id" if run.kind == RunKind.INCREMENTAL else ""
    make(
        "retier_gone",
        f"""
        SELECT s.member_id, s.tier, s.sums, s.known_at, s.r, s.f, s.m, m.id IS NOT NULL AS exists
        FROM {STANDING} s {candidates} LEFT JOIN members_member m ON m.id = s.member_id
        WHERE NOT EXISTS (SELECT FROM {FRESH} n WHERE n.member_id = s.member_id)
        """,
    )
    execute(f"DELETE FROM {STANDING} s USING retier_gone g WHERE g.member_id = s.member_id")


def _write_standings(question: Question) -> None:
    slots, window = question.slots, question.definitions.rfm.window_days
    frequency = f"c.sums[{slots.at('orders', window) + 1}]"
    monetary = f"(c.sums[{slots.at('spend', window) + 1}]::numeric / 100)"
    execute(
        f"""
        UPDATE {STANDING} s SET known_at = c.known_at, first_fact_at = c.first_fact_at,
            last_order_at = c.last_order_at, last_interaction_at = c.last_interaction_at, sums = c.sums,
            frequency = {frequency}, monetary = {monetary}, r = c.r, f = c.f, m = c.m, tier = c.tier,
            tier_since = CASE WHEN c.tier = c.from_tier THEN s.tier_since ELSE %(as_of)s END
        FROM {CHANGED} c WHERE c.member_id = s.member_id AND c.from_tier IS NOT NULL
        """,
        {"as_of": question.as_of},
    )
    execute(
        f"""
        INSERT INTO {STANDING} ({COLUMNS}, frequency, monetary, {DECIDED}, tier_since)
        SELECT {COLUMNS}, {frequency}, {monetary}, {DECIDED}, %(as_of)s
        FROM {CHANGED} c WHERE from_tier IS NULL ORDER BY member_id
        """,
        {"as_of": question.as_of},
    )


def _write_history(run: TierRun) -> int:
    return execute(
        f"""
        INSERT INTO segments_tierchange (member_id, at, from_tier, to_tier, run_id, sums, known_at, r, f, m)
        SELECT member_id, %(at)s, coalesce(from_tier, ''), tier, %(run)s, sums, known_at, r, f, m
        FROM {CHANGED} WHERE from_tier IS DISTINCT FROM tier
        UNION ALL SELECT member_id, %(at)s, tier, '', %(run)s, sums, known_at, r, f, m FROM retier_gone WHERE exists
        ORDER BY member_id
        """,
        {"at": run.as_of, "run": run.pk},
    )


def _moves() -> list[tuple[str, str, int]]:
    return fetch(
        f"""
        SELECT coalesce(from_tier, ''), tier, count(*) FROM {CHANGED}
        WHERE from_tier IS DISTINCT FROM tier GROUP BY 1, 2
        UNION ALL SELECT tier, '', count(*) FROM retier_gone GROUP BY tier
        """
    )


def _totals(slots: Slots) -> list[tuple[Any, ...]]:
    """Per tier: members, orders and buyers and fen of 30 days, fen since the beginning."""
    orders, fen, ever = (f"sums[{slots.index(slot) + 1}]" for slot in (ORDERS_30, SPEND_30, LIFETIME))
    return fetch(
        f"""
        SELECT tier, count(*), sum({orders})::bigint, count(*) FILTER (WHERE {orders} > 0), sum({fen})::bigint,
            sum({ever})::bigint
        FROM {STANDING} GROUP BY tier
        """
    )


def _write_snapshots(run: TierRun, totals: list[tuple[Any, ...]]) -> None:
    """One row per tier for the local day; a later run of the day replaces the sums and adds to the movement."""
    day = timezone.localtime(run.as_of).date()
    by_tier = {row[0]: row[1:] for row in totals}
    moves = {code: [0, 0] for code in {*run.by_tier, *by_tier}}
    for from_tier, to_tier, moved in _moves():
        moves.setdefault(to_tier, [0, 0])[0] += moved
        moves.setdefault(from_tier, [0, 0])[1] += moved
    moves.pop("", None)
    for code, (joined, left) in moves.items():
        members, orders, buyers, fen, ever = by_tier.get(code, (0, 0, 0, 0, 0))
        execute(
            """
            INSERT INTO segments_tiersnapshot (day, tier, as_of, members, joined, "left", orders_30d, buyers_30d,
                revenue_30d, lifetime_value)
            VALUES (%(day)s, %(tier)s, %(as_of)s, %(members)s, %(joined)s, %(left)s, %(orders)s, %(buyers)s,
                %(fen)s / 100.0, %(ever)s / 100.0)
            ON CONFLICT (day, tier) DO UPDATE SET as_of = excluded.as_of, members = excluded.members,
                joined = segments_tiersnapshot.joined + excluded.joined,
                "left" = segments_tiersnapshot."left" + excluded."left", orders_30d = excluded.orders_30d,
                buyers_30d = excluded.buyers_30d, revenue_30d = excluded.revenue_30d,
                lifetime_value = excluded.lifetime_value
            """,
            {
                "day": day,
                "tier": code,
                "as_of": run.as_of,
                "members": members,
                "joined": joined,
                "left": left,
                "orders": orders,
                "buyers": buyers,
                "fen": fen,
                "ever": ever,
            },
        )
