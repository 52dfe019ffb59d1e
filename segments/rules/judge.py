"""A member's tier and the reasons for it, in plain Python: the same rules as the SQL of a run, one member at a time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from segments.rules.definitions import AGE, FALLBACK, SCORES, SHARE, CriterionRule, Definitions, TierRule
from segments.rules.slots import SUMS, Slot

DAY = timedelta(days=1)
CENT = Decimal("0.01")


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What is known of one member as of a run: sums by slot (money in fen), since when known, scores."""

    as_of: datetime
    sums: Mapping[Slot, int] = field(default_factory=dict)
    known_at: datetime | None = None
    scores: Mapping[str, int | None] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One criterion held against one member. `actual` None: not known. `missing`: how far from holding, 0 if it does.

    `missing` is in the measure's own unit and signed: +300 wants ¥300 more, −12 wants 12 fewer.
    """

    criterion: CriterionRule
    actual: Decimal | None
    holds: bool
    missing: Decimal | None

    @property
    def can_come(self) -> bool:
        """False for what can never hold again: nobody becomes newer, nor what is counted since the beginning less."""
        if self.holds or self.missing is None or self.missing >= 0:
            return True
        measure = self.criterion.measure
        return measure != AGE and not (measure in SUMS and self.criterion.window_days is None)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """One tier held against one member; `alternatives` in the tier's order, `holds` if one of them holds wholly."""

    code: str
    holds: bool
    alternatives: tuple[tuple[Finding, ...], ...]

    @property
    def nearest(self) -> tuple[Finding, ...]:
        """The alternative with the fewest criteria that fail."""
        return min(self.alternatives, key=_failing, default=())

    @property
    def within_reach(self) -> tuple[Finding, ...]:
        """The same among the alternatives that can still come to hold; empty where there is none."""
        possible = (each for each in self.alternatives if all(finding.can_come for finding in each))
        return min(possible, key=_failing, default=())


def _failing(alternative: tuple[Finding, ...]) -> int:
    return sum(not finding.holds for finding in alternative)


def tier_of(definitions: Definitions, evidence: Evidence) -> str:
    """The first tier whose criteria hold, else the fallback."""
    return next((rule.code for rule in definitions.tiers if verdict(rule, evidence).holds), FALLBACK)


def verdict(rule: TierRule, evidence: Evidence) -> Verdict:
    alternatives = tuple(tuple(finding(each, evidence) for each in group) for group in rule.alternatives)
    holds = any(all(each.holds for each in group) for group in alternatives)
    return Verdict(code=rule.code, holds=holds, alternatives=alternatives)


def finding(criterion: CriterionRule, evidence: Evidence) -> Finding:
    exact = value_of(criterion, evidence)
    if exact is None:
        return Finding(criterion=criterion, actual=None, holds=False, missing=None)
    holds = compare(exact, criterion.operator, criterion.value)
    missing = Decimal(0) if holds else _missing(criterion, exact)
    return Finding(criterion=criterion, actual=_shown(criterion, exact), holds=holds, missing=missing)


def value_of(criterion: CriterionRule, evidence: Evidence) -> Decimal | None:
    """The exact value: ¥, a number, days (with fractions), percent; None when there is nothing to measure."""
    measure, days = criterion.measure, criterion.window_days
    if measure in SCORES:
        score = evidence.scores.get(measure)
        return None if score is None else Decimal(score)
    if measure == AGE:
        return None if evidence.known_at is None else _age(evidence.known_at, evidence.as_of, criterion.operator)
    if measure == SHARE:
        orders = evidence.sums[Slot("orders", days)]
        return Decimal(evidence.sums[Slot("coupon_orders", days)]) * 100 / orders if orders else None
    value = Decimal(evidence.sums[Slot(measure, days)])
    return value / 100 if SUMS[measure].money else value


def compare(value: Decimal, operator: str, limit: Decimal) -> bool:
    return {
        ">=": value >= limit,
        ">": value > limit,
        "<=": value <= limit,
        "<": value < limit,
        "=": value == limit,
    }[operator]


def _age(known_at: datetime, as_of: datetime, operator: str) -> Decimal:
    """Days since registration to the microsecond; "exactly 7 days" means the eighth day of 24 hours."""
    age = as_of - known_at
    if operator == "=":
        return Decimal(age // DAY)
    return Decimal(age // timedelta(microseconds=1)) / Decimal(DAY // timedelta(microseconds=1))


def _shown(criterion: CriterionRule, exact: Decimal) -> Decimal:
    if criterion.measure == AGE:
        return Decimal(int(exact // 1))
    return exact.quantize(CENT) if criterion.measure == SHARE else exact


def _missing(criterion: CriterionRule, exact: Decimal) -> Decimal:
    step = CENT if criterion.measure in {"spend", SHARE} else Decimal(1)
    gap = criterion.value - exact
    if criterion.operator == ">":
        return gap + step
    return gap - step if criterion.operator == "<" else gap
