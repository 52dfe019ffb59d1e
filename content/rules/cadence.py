"""The cadence: so many of a type in each period; what is published, planned and missing.

Weeks begin on a day of the rule's own choice, and all days are those of its time zone (3-5-1 of domain.md §2 is three
such rules).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import combinations
from zoneinfo import ZoneInfo

from content.enums import Period, SlotState

DONE = frozenset({SlotState.PUBLISHED, SlotState.MEASURED})
OPEN = frozenset({SlotState.DRAFT, SlotState.IN_REVIEW, SlotState.APPROVED, SlotState.SCHEDULED})
#: How often the shorter period is certain to lie whole within the longer one.
WITHIN = {
    (Period.WEEK, Period.MONTH): 4,
    (Period.WEEK, Period.QUARTER): 12,
    (Period.MONTH, Period.QUARTER): 3,
}


@dataclass(frozen=True, kw_only=True)
class Rule:
    id: int = 0
    type_id: int
    count: int
    period: str
    week_starts: int = 0
    time_zone: str = "Asia/Shanghai"


@dataclass(frozen=True)
class Span:
    """From a moment to before another."""

    first: datetime
    end: datetime

    def __contains__(self, moment: datetime) -> bool:
        return self.first <= moment < self.end


@dataclass(frozen=True, kw_only=True)
class Place:
    """What the cadence needs to know of a slot."""

    type_id: int
    at: datetime
    state: str


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How one rule stands in one period; `missing` is never below 0."""

    rule: Rule
    span: Span
    published: int
    planned: int

    @property
    def have(self) -> int:
        return self.published + self.planned

    @property
    def missing(self) -> int:
        return max(self.rule.count - self.have, 0)


def period_of(rule: Rule, at: datetime) -> Span:
    """The period in which the moment lies."""
    zone = ZoneInfo(rule.time_zone)
    today = at.astimezone(zone).date()
    match rule.period:
        case Period.WEEK:
            first = today - timedelta(days=(today.weekday() - rule.week_starts) % 7)
            after = first + timedelta(days=7)
        case Period.MONTH:
            first = today.replace(day=1)
            after = (first + timedelta(days=32)).replace(day=1)
        case _:
            first = today.replace(month=today.month - (today.month - 1) % 3, day=1)
            after = (first + timedelta(days=100)).replace(day=1)
    midnight = time.min
    return Span(datetime.combine(first, midnight, zone), datetime.combine(after, midnight, zone))


def standing(rule: Rule, places: Iterable[Place], *, at: datetime) -> Standing:
    """What counts is when a slot is planned: what was missed or cancelled does not."""
    span = period_of(rule, at)
    own = [place for place in places if place.type_id == rule.type_id and place.at in span]
    return Standing(
        rule=rule,
        span=span,
        published=sum(place.state in DONE for place in own),
        planned=sum(place.state in OPEN for place in own),
    )


def contradictions(rules: Sequence[Rule]) -> Iterator[tuple[Rule, Rule]]:
    """Pairs that cannot both be meant.

    Two numbers for one period, or a longer period that asks for less than the shorter one already makes in it.
    """
    for one, other in combinations(rules, 2):
        if one.type_id != other.type_id:
            continue
        if one.period == other.period:
            yield one, other
            continue
        shorter, longer = (one, other) if (one.period, other.period) in WITHIN else (other, one)
        if longer.count < shorter.count * WITHIN[shorter.period, longer.period]:  # type: ignore[index]  # texts are equal
            yield shorter, longer
