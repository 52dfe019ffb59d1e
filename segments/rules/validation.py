"""What is wrong with definitions that somebody proposes, as codes; the words are found elsewhere."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, pairwise
from math import ceil, floor, inf

from segments.rules.cutoffs import GRADES
from segments.rules.definitions import AGE, SCORES, SHARE, CriterionRule, Definitions, RfmRule, TierRule
from segments.rules.slots import SUMS, slots_of

OPERATORS = frozenset({">=", ">", "<=", "<", "="})
LONGEST_DAYS = 3_650
MOST_SLOTS = 60
WHOLE = 100  # percent
LIMITS: dict[str, tuple[float, float]] = {SHARE: (0, WHOLE), AGE: (0, 36_500), **dict.fromkeys(SCORES, (1, 5))}


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that cannot work; `tier` empty: the score rule."""

    code: str
    tier: str = ""
    measure: str = ""


def problems_of(definitions: Definitions) -> list[Problem]:
    """Everything that is wrong, in order of the tiers."""
    found = list(_rfm_problems(definitions.rfm))
    codes = [tier.code for tier in definitions.tiers]
    found += [Problem(code="tier_twice", tier=code) for code in sorted(set(codes)) if codes.count(code) > 1]
    for tier in definitions.tiers:
        found += _tier_problems(tier)
    if not found and len(slots_of(definitions)) > MOST_SLOTS:
        found.append(Problem(code="too_many_windows"))
    return found


def _rfm_problems(rfm: RfmRule) -> Iterator[Problem]:
    if not 1 <= rfm.window_days <= LONGEST_DAYS:
        yield Problem(code="window", measure="rfm")
    if rfm.method not in {"quintile", "fixed"}:
        yield Problem(code="method")
    if rfm.method != "fixed":
        return
    falling = tuple(-days for days in rfm.recency_days)
    thresholds: dict[str, Sequence[int | Decimal]] = {"r": falling, "f": rfm.frequency, "m": rfm.monetary}
    for measure, values in thresholds.items():
        if len(values) != len(GRADES) or any(low >= high for low, high in pairwise(values)):
            yield Problem(code="thresholds", measure=measure)
    if any(not 0 <= days <= LONGEST_DAYS for days in rfm.recency_days):
        yield Problem(code="thresholds", measure="r")
    yield from (
        Problem(code="negative", measure=measure)
        for measure, values in (("f", rfm.frequency), ("m", rfm.monetary))
        if any(value < 0 for value in values)
    )


def _tier_problems(tier: TierRule) -> list[Problem]:
    if not tier.criteria:
        return [Problem(code="no_criteria", tier=tier.code)]
    found = [
        Problem(code=code, tier=tier.code, measure=each.measure)
        for each in tier.criteria
        if (code := _criterion_problem(each))
    ]
    return found or [problem for group in tier.alternatives for problem in _contradictions(tier.code, group)]


def _criterion_problem(criterion: CriterionRule) -> str:
    measure, days = criterion.measure, criterion.window_days
    if measure not in SUMS and measure not in LIMITS:
        return "measure"
    if criterion.operator not in OPERATORS:
        return "operator"
    if measure in SUMS or measure == SHARE:
        if days is not None and not 1 <= days <= LONGEST_DAYS:
            return "window"
    elif days is not None:
        return "window_unused"
    return _value_problem(criterion)


def _value_problem(criterion: CriterionRule) -> str:
    value = criterion.value
    if not value.is_finite() or value != round(value, 2) or abs(value) >= Decimal(10) ** 12:
        return "value"
    if value < 0:
        return "negative"
    if criterion.measure == SHARE:
        return "" if 0 <= value <= WHOLE else "percent"
    if criterion.measure != "spend" and value != int(value):
        return "whole_number"
    low, high = _limits(criterion.measure)
    return "" if low <= value <= high else "value"


def _limits(measure: str) -> tuple[float, float]:
    return LIMITS.get(measure, (-inf, inf) if measure == "spend" else (0, inf))


def _contradictions(tier: str, group: Iterable[CriterionRule]) -> Iterator[Problem]:
    """Criteria of one alternative that cannot hold together; counts of a shorter window never exceed a longer one's."""
    ranges: dict[tuple[str, int | None], tuple[float, float]] = {}
    for each in group:
        key = (each.measure, each.window_days)
        low, high = ranges.get(key, _limits(each.measure))
        least, most = _range(each)
        ranges[key] = (max(low, least), min(high, most))
    yield from (Problem(code="never", tier=tier, measure=key[0]) for key, (low, high) in ranges.items() if low > high)
    for one, other in combinations(ranges, 2):
        short, long = sorted((one, other), key=lambda key: inf if key[1] is None else key[1])
        counted = one[0] == other[0] and one[0] in SUMS and not SUMS[one[0]].money
        if counted and ranges[short][0] > ranges[long][1]:
            yield Problem(code="never", tier=tier, measure=one[0])


def _range(criterion: CriterionRule) -> tuple[float, float]:
    """The closed range of values for which it holds, in the smallest steps of the measure."""
    step = 100 if criterion.measure in {"spend", SHARE} else 1
    value = criterion.value * step
    least, most = {
        ">=": (ceil(value), inf),
        ">": (floor(value) + 1, inf),
        "<=": (-inf, floor(value)),
        "<": (-inf, ceil(value) - 1),
        "=": (ceil(value), floor(value)),
    }[criterion.operator]
    if criterion.measure in {SHARE, AGE}:  # continuous: only the closed ends matter
        least, most = {
            ">=": (float(value), inf),
            ">": (float(value) + 1e-9, inf),
            "<=": (-inf, float(value)),
            "<": (-inf, float(value) - 1e-9),
            "=": (float(value), float(value)),
        }[criterion.operator]
    return least / step, most / step
