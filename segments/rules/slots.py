"""Slots: the sums over a window that a run keeps for every member, in an order of its own."""

from dataclasses import dataclass
from typing import NamedTuple

from segments.rules.definitions import AGE, SCORES, SHARE, Definitions


@dataclass(frozen=True, kw_only=True)
class Sum:
    """An additive measure: counts facts for which `condition` holds, or adds up their amounts in fen."""

    fact: str
    condition: str = ""
    money: bool = False


SUMS = {
    "orders": Sum(fact="purchase", condition="sold"),
    "coupon_orders": Sum(fact="purchase", condition="sold AND coupon_code <> ''"),
    "spend": Sum(fact="purchase", money=True),
    "interactions": Sum(fact="interaction"),
    "browses": Sum(fact="interaction", condition="kind = 'browse'"),
    "coupon_claims": Sum(fact="interaction", condition="kind = 'coupon_claim'"),
}


class Slot(NamedTuple):
    """A measure over the last `days` × 24 h before the as-of moment; None: since the beginning."""

    measure: str
    days: int | None


# Kept whatever the definitions say: the snapshot of a tier shows them.
ORDERS_30 = Slot("orders", 30)
SPEND_30 = Slot("spend", 30)
LIFETIME = Slot("spend", None)


class Slots(tuple[Slot, ...]):
    """The slots of one run; `at` gives the place of one."""

    __slots__ = ()

    def at(self, measure: str, days: int | None) -> int:
        """The place, counted from 0; ValueError when the run does not keep that sum."""
        return self.index(Slot(measure, days))

    def of(self, fact: str) -> list[tuple[int, Slot]]:
        return [(place, slot) for place, slot in enumerate(self) if SUMS[slot.measure].fact == fact]

    @property
    def longest(self) -> dict[str, int | None]:
        """Per kind of fact the longest window, None when one is without end."""
        found: dict[str, list[int | None]] = {}
        for slot in self:
            found.setdefault(SUMS[slot.measure].fact, []).append(slot.days)
        return {fact: None if None in days else max(day or 0 for day in days) for fact, days in found.items()}


def slots_of(definitions: Definitions) -> Slots:
    """Every sum that the scores, the criteria and the snapshots look at, sorted, each once."""
    window = definitions.rfm.window_days
    wanted = {ORDERS_30, SPEND_30, LIFETIME, Slot("orders", window), Slot("spend", window)}
    for tier in definitions.tiers:
        for criterion in tier.criteria:
            wanted |= slots_for(criterion.measure, criterion.window_days)
    return Slots(sorted(wanted, key=lambda slot: (slot.measure, slot.days is None, slot.days or 0)))


def slots_for(measure: str, days: int | None) -> set[Slot]:
    """The sums behind one measure: none for scores and age, two for the share of orders with a coupon."""
    if measure == AGE or measure in SCORES:
        return set()
    if measure == SHARE:
        return {Slot("orders", days), Slot("coupon_orders", days)}
    return {Slot(measure, days)}
