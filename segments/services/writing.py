"""Writing what a run found: standings, history, the run itself and the day's snapshots."""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

from dataclasses import asdict
from typing import Any

from django.utils import timezone

from segments.enums import RunKind
from segments.models import Tier, TierRun
from segments.rules.cutoffs import Cutoffs
from segments.rules.definitions import FALLBACK, to_json
from segments.rules.slots import Slots
from segments.rules.statement import Values
from segments.services.comparing import CHANGED, DECIDED, anybody_stands, assigned
from segments.services.measuring import COLUMNS, FRESH, STANDING, TOUCHED, Question, count, execute, fetch, make
from segments.services.totals import GONE, Totals, totals_by_tier

EVERYBODY = f"(SELECT {COLUMNS}, {DECIDED}, NULL::varchar AS from_tier FROM {STANDING})"
EVIDENCE = "known_at, r, f, m"


def write_run(run: TierRun, question: Question, cutoffs: Cutoffs, before: TierRun | None) -> None:
    """Write what `find_changes` found; `before`: the run that this one continues, None when it read every fact.

    Nothing of it is seen before the transaction ends. A first run goes into empty tables, whose indexes are built at
    the end unless somebody is reading them.
    """
    first = not anybody_stands()
    _remove_gone(run, somebody=not first and _somebody_is_gone(run))
    unindexed = first and fetch("SELECT segments_drop_indexes()") == [(True,)]
    if first:
        _write_everybody(question, cutoffs)
    else:
        _write_changed(question)
    changed = EVERYBODY if first else CHANGED
    totals = totals_by_tier(question.slots, before)
    run.definitions = {**to_json(question.definitions), "slots": slots_json(question.slots)}
    run.cutoffs = cutoffs.to_json()
    run.members = sum(each.members for each in totals.values())
    run.by_tier = dict.fromkeys(_codes(), 0) | {tier: each.members for tier, each in totals.items()}
    run.moved, run.seconds = 0, 0.0
    run.save(force_insert=True)
    run.moved = _write_history(run, changed)
    run.save(update_fields=["moved"])
    _write_snapshots(run, totals, _first_moves(totals) if first else _moves(changed))
    if unindexed:
        execute("SELECT segments_make_indexes()")


def slots_json(slots: Slots) -> list[list[Any]]:
    return [list(slot) for slot in slots]


def _codes() -> list[str]:
    return list(Tier.objects.filter(is_active=True).order_by("position", "id").values_list("code", flat=True))


def _somebody_is_gone(run: TierRun) -> bool:
    """After a run that read every fact two counts tell, where a join of a million standings would find nobody."""
    if run.kind == RunKind.INCREMENTAL:
        return True
    new = f"SELECT count(*) FROM {CHANGED} WHERE from_tier IS NULL"
    ((stayed, before),) = fetch(f"SELECT (SELECT count(*) FROM {FRESH}) - ({new}), (SELECT count(*) FROM {STANDING})")
    return bool(stayed != before)


def _remove_gone(run: TierRun, *, somebody: bool) -> None:
    """Members that are no longer in a run: gone altogether, or known only later by a corrected registration."""
    before = TOUCHED if run.kind == RunKind.INCREMENTAL else STANDING
    make(
        GONE,
        f"""
        SELECT s.member_id, s.tier, s.sums, s.known_at, s.r, s.f, s.m, m.id IS NOT NULL AS exists
        FROM {before} s LEFT JOIN members_member m ON m.id = s.member_id
        WHERE {somebody} AND s.tier IS NOT NULL AND NOT EXISTS (SELECT FROM {FRESH} n WHERE n.member_id = s.member_id)
        """,
    )
    count(GONE)
    execute(f"DELETE FROM {STANDING} s USING {GONE} g WHERE g.member_id = s.member_id")


def _amounts(question: Question) -> tuple[str, str]:
    """The sums of the score window, as the columns that lists sort and filter by."""
    slots, window = question.slots, question.definitions.rfm.window_days
    frequency = f"c.sums[{slots.at('orders', window) + 1}]"
    return frequency, f"(c.sums[{slots.at('spend', window) + 1}]::numeric * 0.01)"


def _write_everybody(question: Question, cutoffs: Cutoffs) -> None:
    frequency, monetary = _amounts(question)
    values = Values()
    execute(
        f"""
        INSERT INTO {STANDING} ({COLUMNS}, frequency, monetary, {DECIDED}, tier_since)
        SELECT {COLUMNS}, {frequency}, {monetary}, {DECIDED}, {values.bind(question.as_of)}
        FROM ({assigned(FRESH, question, cutoffs, values)}) c
        """,
        values,
    )


def _write_changed(question: Question) -> None:
    frequency, monetary = _amounts(question)
    values = {"as_of": question.as_of}
    execute(
        f"""
        UPDATE {STANDING} s SET known_at = c.known_at, first_fact_at = c.first_fact_at,
            last_order_at = c.last_order_at, last_interaction_at = c.last_interaction_at, sums = c.sums,
            frequency = {frequency}, monetary = {monetary}, r = c.r, f = c.f, m = c.m, tier = c.tier,
            tier_since = CASE WHEN c.tier = c.from_tier THEN s.tier_since ELSE %(as_of)s END
        FROM {CHANGED} c WHERE c.member_id = s.member_id AND c.from_tier IS NOT NULL
        """,
        values,
    )
    execute(
        f"""
        INSERT INTO {STANDING} ({COLUMNS}, frequency, monetary, {DECIDED}, tier_since)
        SELECT {COLUMNS}, {frequency}, {monetary}, {DECIDED}, %(as_of)s FROM {CHANGED} c WHERE from_tier IS NULL
        """,
        values,
    )


def _write_history(run: TierRun, changed: str) -> int:
    """Who moved, with the evidence; the fallback tier has no criteria, so nothing is evidence for it."""
    return execute(
        f"""
        INSERT INTO segments_tierchange (member_id, at, from_tier, to_tier, run_id, sums, {EVIDENCE})
        SELECT member_id, %(at)s, coalesce(from_tier, ''), tier, %(run)s,
            CASE WHEN tier = %(fallback)s THEN '{{}}' ELSE sums END, {EVIDENCE}
        FROM {changed} c WHERE from_tier IS DISTINCT FROM tier
        UNION ALL SELECT member_id, %(at)s, tier, '', %(run)s, '{{}}', {EVIDENCE} FROM {GONE} WHERE exists
        """,
        {"at": run.as_of, "run": run.pk, "fallback": FALLBACK},
    )


def _first_moves(totals: dict[str, Totals]) -> list[tuple[str, str, int]]:
    return [("", tier, each.members) for tier, each in totals.items()]


def _moves(changed: str) -> list[tuple[str, str, int]]:
    return fetch(
        f"""
        SELECT coalesce(from_tier, ''), tier, count(*) FROM {changed} c
        WHERE from_tier IS DISTINCT FROM tier GROUP BY 1, 2
        UNION ALL SELECT tier, '', count(*) FROM {GONE} GROUP BY tier
        """
    )


def _write_snapshots(run: TierRun, totals: dict[str, Totals], moved: list[tuple[str, str, int]]) -> None:
    """One row per tier for the local day; a later run of the day replaces the sums and adds to the movement."""
    day = timezone.localtime(run.as_of).date()
    moves = {code: [0, 0] for code in {*run.by_tier, *totals}}
    for from_tier, to_tier, people in moved:
        moves.setdefault(to_tier, [0, 0])[0] += people
        moves.setdefault(from_tier, [0, 0])[1] += people
    moves.pop("", None)
    for code, (joined, left) in moves.items():
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
                "joined": joined,
                "left": left,
                **asdict(totals.get(code, Totals())),
            },
        )
