"""SQL that finds whose score or tier may have changed although her sums did not.

Scores and tiers are comparisons with limits. Between two runs with the same definitions a member whose sums stay can
only come out differently when a limit passed her value; everybody else need not be judged again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from segments.rules.assign_sql import passed_limits_sql
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
    old, new = (
        passed_limits_sql(definitions, slots=slots, cutoffs=limits.cutoffs, as_of=limits.as_of, bind=bind)
        for limits in (before, after)
    )
    windows, ages = [definitions.rfm.window_days], _ages(definitions)
    conditions = [
        *(f"{was} <> {becomes}" for was, becomes in zip(old, new, strict=True) if was != becomes),
        *_crossed("n.last_order_at", windows, before.as_of, after.as_of, bind=bind),
        *_crossed("n.known_at", ages, before.as_of, after.as_of, bind=bind),
    ]
    return f"({' OR '.join(conditions)})" if conditions else "false"


def _ages(definitions: Definitions) -> list[int]:
    """Days of the limits on the age; "exactly N days" has two."""
    found = [each for tier in definitions.tiers for each in tier.criteria if each.measure == AGE]
    return sorted({int(each.value) + more for each in found for more in ((0, 1) if each.operator == "=" else (0,))})


def _crossed(moment: str, days: Sequence[int], before: datetime, after: datetime, *, bind: Bind) -> list[str]:
    """Moments that came to another side of an age; both ends belong to it, as some comparisons include the limit."""
    if before == after:
        return []
    return [f"{moment} BETWEEN {bind(start_of(before, each))} AND {bind(start_of(after, each))}" for each in days]
