"""From sums of facts to figures: what a metric says of a day, and how far that was observed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from dashboards.enums import Comparison, Lack, Sight
from dashboards.models import EVERYBODY, MetricDefinition
from dashboards.rules.formula import Node, NothingToDivide, evaluate, names_in, read_formula
from dashboards.rules.measuring import Slot, Window, window_before, window_of
from timeline.models import Fact, fact_sources, facts

EXACT, MOST = Decimal("0.000001"), Decimal(10) ** 17
Values = Mapping[str, Decimal]
Since = Mapping[str, date | None]


@dataclass(frozen=True)
class Asked:
    """A metric ready to be measured; `definition` need not be stored."""

    definition: MetricDefinition
    tree: Node
    named: tuple[Fact, ...]
    unknown: frozenset[str] = frozenset()

    @property
    def windows(self) -> tuple[Window, ...]:
        days = self.definition.window_days
        if self.definition.comparison == Comparison.PRECEDING:
            return window_of(days), window_before(days)
        return (window_of(days),)

    @property
    def lacks(self) -> bool:
        return bool(self.unknown) or any(fact.lacks for fact in self.named)

    def slots(self) -> list[Slot]:
        counted = [fact for fact in self.named if not fact.lacks]
        counted += [facts.get(fact.beside) for fact in counted if fact.beside and fact.beside in facts]
        return [Slot(fact.source, fact.code, fact.value, window) for window in self.windows for fact in counted]


@dataclass(frozen=True, kw_only=True)
class Told:
    """One figure of a day: what was summed, what follows from it, and how far it was observed."""

    slice: str = EVERYBODY
    slice_id: str = ""
    value: Decimal | None = None
    base: Decimal | None = None
    facts: Values = field(default_factory=dict)
    facts_before: Values = field(default_factory=dict)
    sample: int = 0
    sight: Sight = Sight.OBSERVED
    lack: str = ""
    since: date | None = None


def asked(definition: MetricDefinition) -> Asked:
    """Raises FormulaNotValid; a fact that is gone since the formula was kept is `unknown`."""
    tree = read_formula(definition.formula)
    names = sorted(names_in(tree))
    found = tuple(facts.get(name) for name in names if name in facts)
    return Asked(definition, tree, found, frozenset(name for name in names if name not in facts))


def figure_of(each: Asked, now: Values, before: Values | None = None, *, seen: Told) -> Told:
    """What follows from sums of facts: the value, or that there is nothing to divide by."""
    told = replace(seen, facts=now, facts_before=before or {})
    left_out = any(now.get(fact.beside, 0) for fact in each.named if fact.beside)
    try:
        value, base = evaluate(each.tree, now), None
        if each.definition.comparison == Comparison.PRECEDING:
            base = evaluate(each.tree, before or {})
            value = _change(value, base)
    except NothingToDivide:
        if left_out:
            return replace(told, sight=Sight.MISSING, lack=Lack.UNKNOWN_PEOPLE)
        return replace(told, sight=Sight.EMPTY, lack=Lack.NOTHING_TO_DIVIDE)
    told = replace(told, value=_kept(value), base=None if base is None else _kept(base))
    if left_out and told.sight == Sight.OBSERVED:
        return replace(told, sight=Sight.PARTIAL, lack=Lack.UNKNOWN_PEOPLE)
    return told


def _change(value: Decimal, base: Decimal) -> Decimal:
    """Relative; of what was not above 0 no share can be told."""
    if base <= 0:
        raise NothingToDivide
    return value / base - 1


def _kept(value: Decimal) -> Decimal:
    return max(-MOST, min(value, MOST)).quantize(EXACT)


def sight_of(each: Asked, day: date, known: Since) -> Told:
    """How far the day can be told at all, by how far back the facts go."""
    if each.lacks:
        return Told(sight=Sight.MISSING, lack=Lack.UNKNOWN_FACT if each.unknown else Lack.NO_SOURCE)
    seen = Told()
    for code in sorted({fact.source for fact in each.named}):
        since = known[code]
        if since is None:
            return Told(sight=Sight.MISSING, lack=Lack.NO_FACTS)
        if since > day:
            early = since - timedelta(days=fact_sources.get(code).delay) > day
            return Told(sight=Sight.NOT_DUE, lack=Lack.BEFORE_FACTS if early else Lack.TOO_YOUNG, since=since)
        if not fact_sources.get(code).lasting and since > day - timedelta(days=each.windows[-1].back):
            latest = max(seen.since or since, since)
            seen = Told(sight=Sight.PARTIAL, lack=Lack.SHORT_WINDOW, since=latest)
    return seen
