"""SQL that turns sums into scores and a tier by comparison."""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

from datetime import datetime, timedelta

from segments.rules.cutoffs import Cutoffs
from segments.rules.definitions import AGE, FALLBACK, SCORES, SHARE, CriterionRule, Definitions, TierRule
from segments.rules.metrics_sql import start_of
from segments.rules.slots import SUMS, Slots
from segments.rules.statement import Bind

TICK = timedelta(microseconds=1)
MIRRORED = {">=": "<=", ">": "<", "<=": ">=", "<": ">"}


def assigned_sql(
    relation: str, *, definitions: Definitions, slots: Slots, cutoffs: Cutoffs, as_of: datetime, bind: Bind
) -> str:
    """`relation` (rows as `metrics_sql` makes them) with `r, f, m` and `tier`."""
    r, f, m = scores_sql(definitions, slots=slots, cutoffs=cutoffs, as_of=as_of, bind=bind)
    tier = tier_sql(definitions, slots=slots, as_of=as_of, bind=bind)
    return f"""
        SELECT n.*, {tier} AS tier FROM (
            SELECT n.*, {r} AS r, {f} AS f, {m} AS m FROM {relation} n
        ) n
    """


def scores_sql(
    definitions: Definitions, *, slots: Slots, cutoffs: Cutoffs, as_of: datetime, bind: Bind
) -> tuple[str, str, str]:
    """Three expressions; NULL without an order in the window."""
    has_order = f"n.last_order_at >= {bind(start_of(as_of, definitions.rfm.window_days))}"
    r, f, m = (
        f"CASE WHEN {has_order} THEN (1 + {passed})::smallint END"
        for passed in passed_limits_sql(definitions, slots=slots, cutoffs=cutoffs, as_of=as_of, bind=bind)
    )
    return r, f, m


def passed_limits_sql(
    definitions: Definitions, *, slots: Slots, cutoffs: Cutoffs, as_of: datetime, bind: Bind
) -> tuple[str, str, str]:
    """How many limits of R, F and M a row is beyond.

    `width_bucket` counts the limits that are not above the value, and reads the value once, not once per limit.
    """
    window = definitions.rfm.window_days
    orders = f"n.sums[{slots.at('orders', window) + 1}]"
    fen = f"n.sums[{slots.at('spend', window) + 1}]"
    moments = sorted(as_of - timedelta(days=days) + TICK for days in cutoffs.r)
    return (
        f"width_bucket(n.last_order_at, {bind(moments)}::timestamptz[])",
        f"width_bucket({orders}, {bind(sorted(limit + 1 for limit in cutoffs.f))}::bigint[])",
        f"width_bucket({fen}, {bind(sorted(limit + 1 for limit in cutoffs.m))}::bigint[])",
    )


def tier_sql(definitions: Definitions, *, slots: Slots, as_of: datetime, bind: Bind) -> str:
    """The first tier whose criteria hold, as one CASE; a tier without criteria takes nobody."""
    branches = "".join(
        f" WHEN {_tier(tier, slots=slots, as_of=as_of, bind=bind)} THEN {bind(tier.code)}"
        for tier in definitions.tiers
        if tier.criteria
    )
    fallback = f"{bind(FALLBACK)}::varchar"
    return f"CASE{branches} ELSE {fallback} END" if branches else fallback


def _tier(tier: TierRule, *, slots: Slots, as_of: datetime, bind: Bind) -> str:
    alternatives = (
        " AND ".join(criterion_sql(each, slots=slots, as_of=as_of, bind=bind) for each in group)
        for group in tier.alternatives
    )
    return " OR ".join(f"({group})" for group in alternatives)


def criterion_sql(criterion: CriterionRule, *, slots: Slots, as_of: datetime, bind: Bind) -> str:
    """One comparison, in whole numbers throughout: fen, orders, hundredths of a percent."""
    measure, operator = criterion.measure, _operator(criterion.operator)
    if measure in SCORES:
        return f"n.{measure} {operator} {bind(criterion.value)}"
    if measure == AGE:
        return _age(criterion, as_of=as_of, bind=bind)
    if measure == SHARE:
        orders = f"n.sums[{slots.at('orders', criterion.window_days) + 1}]"
        with_coupon = f"n.sums[{slots.at('coupon_orders', criterion.window_days) + 1}]"
        return f"({orders} > 0 AND {with_coupon} * 10000 {operator} {orders} * {bind(int(criterion.value * 100))})"
    value = f"n.sums[{slots.at(measure, criterion.window_days) + 1}]"
    if SUMS[measure].money:
        return f"{value} {operator} {bind(int(criterion.value * 100))}"
    whole = criterion.value == int(criterion.value)
    return f"{value} {operator} {bind(int(criterion.value) if whole else criterion.value)}"


def _age(criterion: CriterionRule, *, as_of: datetime, bind: Bind) -> str:
    """The older, the earlier known; "exactly N days" means the N+1st day of 24 hours."""
    days = int(criterion.value)
    limit = bind(start_of(as_of, days))
    if criterion.operator == "=":
        return f"(n.known_at <= {limit} AND n.known_at > {bind(start_of(as_of, days + 1))})"
    return f"n.known_at {MIRRORED[criterion.operator]} {limit}"


def _operator(operator: str) -> str:
    """Only what is listed reaches the SQL text."""
    return {">=": ">=", ">": ">", "<=": "<=", "<": "<", "=": "="}[operator]
