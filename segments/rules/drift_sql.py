"""SQL that finds whose score or tier may have changed although her sums did not.

Scores and tiers are comparisons with limits. Between two runs with the same definitions a member whose sums stay can
only come out differently when a limit passed her value; everybody else need not be judged again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from segments.rules.cutoffs import Cutoffs
from segments.rules.definitions import AGE, Definitions
from segments.rules.metrics_sql import start_of
from segments.rules.slots import Slots
from segments.rules.statement import Bind


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What values were, or are, compared with."""

    as_of: datetime
    cutoffs: Cutoffs


def passed_sql(definitions: Definitions, *, slots: Slots, before: Limits, after: Limits, bind: Bind) -> str:
    """A condition on rows `n` of standings that holds for everybody whom a limit passed, and for few others."""
    if any(len(getattr(before.cutoffs, name)) != len(getattr(after.cutoffs, name)) for name in ("r", "f", "m")):
        return "true"
    window = definitions.rfm.window_days
    moments = [[limits.as_of - timedelta(days=days) for days in limits.cutoffs.r] for limits in (before, after)]
    ages = [[start_of(limits.as_of, days) for days in _ages(definitions)] for limits in (before, after)]
    start = ([start_of(before.as_of, window)], [start_of(after.as_of, window)])
    ranges = (
        _ranges("n.last_order_at", *moments, bind=bind)
        + _ranges("n.last_order_at", *start, bind=bind)
        + _ranges(f"n.sums[{slots.at('orders', window) + 1}]", before.cutoffs.f, after.cutoffs.f, bind=bind)
        + _ranges(f"n.sums[{slots.at('spend', window) + 1}]", before.cutoffs.m, after.cutoffs.m, bind=bind)
        + _ranges("n.known_at", *ages, bind=bind)
    )
    return f"({' OR '.join(ranges)})" if ranges else "false"


def _ages(definitions: Definitions) -> list[int]:
    """Days of the limits on the age; "exactly N days" has two."""
    found = [each for tier in definitions.tiers for each in tier.criteria if each.measure == AGE]
    return [int(each.value) + more for each in found for more in ((0, 1) if each.operator == "=" else (0,))]


def _ranges(value: str, before: Any, after: Any, *, bind: Bind) -> list[str]:
    """Both ends belong to each range, as some comparisons include the limit."""
    moved = (sorted(pair) for pair in zip(before, after, strict=True) if pair[0] != pair[1])
    return [f"{value} BETWEEN {bind(low)} AND {bind(high)}" for low, high in moved]
