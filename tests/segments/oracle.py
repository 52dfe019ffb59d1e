"""Scores and tiers straight from a list of facts by the words of the definitions: no sums, no SQL, none of our code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction

from segments.rules.definitions import CriterionRule, Definitions
from tests.segments.facts import Act, Order

DAY = timedelta(days=1)
Standing = tuple[int | None, int | None, int | None, str, int, int]


@dataclass
class World:
    """All that is known, whenever it happened."""

    registered: dict[int, datetime | None] = field(default_factory=dict)
    orders: dict[int, Order] = field(default_factory=dict)
    acts: list[Act] = field(default_factory=list)
    touches: list[tuple[int, datetime]] = field(default_factory=list)
    owners: dict[int, int] = field(default_factory=dict)

    def records_of(self, member: int) -> set[int]:
        return {member, *(record for record, owner in self.owners.items() if owner == member)}

    def standings(self, definitions: Definitions, as_of: datetime) -> dict[int, Standing]:
        """Per member that is known: R, F, M, tier, orders and fen in the window."""
        people = {member: Person(self, member, as_of) for member in self.registered if member not in self.owners}
        known = {member: person for member, person in people.items() if person.is_known}
        scores = _scores(definitions, known, as_of)
        return {member: _standing(definitions, person, scores.get(member)) for member, person in known.items()}


class Person:
    """The facts of one member before a moment, of whichever of her records they were told."""

    def __init__(self, world: World, member: int, as_of: datetime) -> None:
        self.as_of, hers = as_of, world.records_of(member)
        self.orders = [each for each in world.orders.values() if each.member_id in hers and each.occurred_at < as_of]
        self.acts = [each for each in world.acts if each.member_id in hers and each.occurred_at < as_of]
        touches = [at for who, at in world.touches if who in hers and at < as_of]
        moments = [each.occurred_at for each in (*self.orders, *self.acts)] + touches
        self.first = min(moments, default=None)
        registered = world.registered[member]
        self.known_at = registered if registered is not None else self.first
        self.is_known = self.first is not None or (registered is not None and registered < as_of)

    def measure(self, measure: str, days: int | None) -> int:
        start = None if days is None else self.as_of - days * DAY
        orders = [each for each in self.orders if start is None or each.occurred_at >= start]
        acts = [each for each in self.acts if start is None or each.occurred_at >= start]
        return {
            "orders": sum(each.sold for each in orders),
            "coupon_orders": sum(each.sold and each.coupon for each in orders),
            "spend": sum(int(each.amount * 100) for each in orders),
            "interactions": len(acts),
            "browses": sum(each.kind == "browse" for each in acts),
            "coupon_claims": sum(each.kind == "coupon_claim" for each in acts),
        }[measure]


def _scores(definitions: Definitions, known: Mapping[int, Person], as_of: datetime) -> dict[int, list[int]]:
    window = definitions.rfm.window_days
    values = {}
    for member, person in known.items():
        last = [each.occurred_at for each in person.orders if each.sold and each.occurred_at >= as_of - window * DAY]
        if last:
            days = (as_of - max(last)) // DAY
            values[member] = (-days, person.measure("orders", window), person.measure("spend", window))
    return {
        member: [_score(value, [each[place] for each in values.values()]) for place, value in enumerate(mine)]
        for member, mine in values.items()
    }


def _score(value: int, everybody: Sequence[int]) -> int:
    rank = 1 + sum(each < value for each in everybody)
    return 1 + 5 * (rank - 1) // len(everybody)


def _standing(definitions: Definitions, person: Person, scores: list[int] | None) -> Standing:
    r, f, m = scores or (None, None, None)
    given = {"r": r, "f": f, "m": m}
    tier = next(
        (
            tier.code
            for tier in definitions.tiers
            if any(all(_holds(each, person, given) for each in group) for group in tier.alternatives)
        ),
        "regular",
    )
    window = definitions.rfm.window_days
    return r, f, m, tier, person.measure("orders", window), person.measure("spend", window)


def _holds(criterion: CriterionRule, person: Person, scores: Mapping[str, int | None]) -> bool:
    value: Fraction | int | None
    if criterion.measure in scores:
        value = scores[criterion.measure]
    elif criterion.measure == "registered_days":
        age = None if person.known_at is None else person.as_of - person.known_at
        value = None if age is None else Fraction(age // timedelta(microseconds=1), DAY // timedelta(microseconds=1))
        if value is not None and criterion.operator == "=":
            value = value.__floor__()
    elif criterion.measure == "coupon_share":
        orders = person.measure("orders", criterion.window_days)
        value = Fraction(100 * person.measure("coupon_orders", criterion.window_days), orders) if orders else None
    else:
        value = person.measure(criterion.measure, criterion.window_days)
        value = Fraction(value, 100) if criterion.measure == "spend" else value
    limit = Fraction(criterion.value)
    return (
        value is not None
        and {
            ">=": value >= limit,
            ">": value > limit,
            "<=": value <= limit,
            "<": value < limit,
            "=": value == limit,
        }[criterion.operator]
    )
