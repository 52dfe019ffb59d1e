"""What a run would change: new scores and tiers held against the standings."""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

from dataclasses import dataclass

from segments.rules.assign_sql import assigned_sql
from segments.rules.cutoffs import Cutoffs
from segments.rules.drift_sql import Limits, passed_sql
from segments.rules.metrics_sql import Mark
from segments.rules.statement import Values
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
    untouched,
)

CHANGED = "retier_changed"
DRIFTED = "retier_drifted"
DECIDED = "r, f, m, tier"


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """The run to continue; `cutoffs` None when other definitions were in force, so that anybody's tier may differ."""

    mark: Mark
    cutoffs: Cutoffs | None


def find_changes(question: Question, since: Earlier | None) -> Cutoffs:
    """`retier_changed` = new standings that differ from the old, with the old tier as `from_tier`.

    Where nobody has a standing yet it is not made: everybody changes, and reading `retier_fresh` again is quicker.
    """
    if since is None:
        measure_all(question)
        cutoffs = find_cutoffs(question, FRESH)
        if anybody_stands():
            count(FRESH)
            _compare_fresh(question, cutoffs, STANDING)
        return cutoffs
    measure_touched(question, since.mark)
    kept = f"(SELECT {COLUMNS} FROM {untouched()} s UNION ALL SELECT {COLUMNS} FROM {FRESH})"
    cutoffs = find_cutoffs(question, kept)
    _compare_fresh(question, cutoffs, TOUCHED)
    _compare_untouched(question, cutoffs, since)
    execute(f"INSERT INTO {CHANGED} SELECT * FROM {DRIFTED}")
    count(CHANGED)
    return cutoffs


def anybody_stands() -> bool:
    return bool(fetch(f"SELECT FROM {STANDING} LIMIT 1"))


def assigned(relation: str, question: Question, cutoffs: Cutoffs, values: Values) -> str:
    """`relation` with scores and tier."""
    return assigned_sql(
        relation,
        definitions=question.definitions,
        slots=question.slots,
        cutoffs=cutoffs,
        as_of=question.as_of,
        bind=values.bind,
    )


def _compare_fresh(question: Question, cutoffs: Cutoffs, before: str) -> None:
    values = Values()
    fields = f"{COLUMNS}, {DECIDED}".split(", ")
    old, new = (", ".join(f"{alias}.{field}" for field in fields) for alias in ("s", "n"))
    make(
        CHANGED,
        f"""
        SELECT {new}, s.tier AS from_tier, s.sums AS from_sums FROM ({assigned(FRESH, question, cutoffs, values)}) n
        LEFT JOIN {before} s ON s.member_id = n.member_id WHERE ({old}) IS DISTINCT FROM ({new})
        """,
        values,
    )
    count(CHANGED)


def _compare_untouched(question: Question, cutoffs: Cutoffs, since: Earlier) -> None:
    """The sums of these stay; their scores follow everybody's, and their tier follows the moment.

    Into a table of its own, because CREATE TABLE AS may use parallel workers and INSERT may not.
    """
    values = Values()
    passed = "true"
    if since.cutoffs is not None:
        passed = passed_sql(
            question.definitions,
            slots=question.slots,
            before=Limits(as_of=since.mark.as_of, cutoffs=since.cutoffs),
            after=Limits(as_of=question.as_of, cutoffs=cutoffs),
            bind=values.bind,
        )
    relation = f"(SELECT {COLUMNS}, r AS r0, f AS f0, m AS m0, tier AS tier0 FROM {untouched()} n WHERE {passed})"
    make(
        DRIFTED,
        f"""
        SELECT {COLUMNS}, {DECIDED}, tier0, sums AS from_sums FROM ({assigned(relation, question, cutoffs, values)}) n
        WHERE (r0, f0, m0, tier0) IS DISTINCT FROM (r, f, m, tier)
        """,
        values,
    )
