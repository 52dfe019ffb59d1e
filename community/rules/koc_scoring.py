"""How facts become the five parts of a KOC score, and what moved a score between two runs.

A part saturates: a fact of x gives 100 × (1 − 2^(−x / half)) points, so `half` is what gives 50. Not percentiles,
for three reasons. A score then moves only when the member's own facts or the weights move, and so its rise or fall can
be explained to her; most members have no fact at all, and ranks of ties say nothing; and each further message counts
less, which makes flooding a group a poor way to a high score. A part with several facts is their weighted mean;
consistency is the plain share of the window's weeks, for that is bounded by itself.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from community.enums.koc import Fact, Part

FACTS: tuple[Fact, ...] = tuple(Fact)
PARTS: tuple[Part, ...] = tuple(Part)
FACTS_OF: Mapping[Part, tuple[Fact, ...]] = {
    Part.INFLUENCE: (Fact.MESSAGES, Fact.ANSWERED, Fact.REACHED),
    Part.UGC: (Fact.PIECES, Fact.USED),
    Part.PURCHASES: (Fact.ORDERS, Fact.SPEND),
    Part.REFERRALS: (Fact.INVITED, Fact.BROUGHT, Fact.REFERRED),
    Part.CONSISTENCY: (Fact.WEEKS,),
}
SCALED: tuple[Fact, ...] = tuple(fact for part in PARTS for fact in FACTS_OF[part] if fact != Fact.WEEKS)
#: Beyond so many halves nothing is left to a hundred points; PostgreSQL refuses powers that vanish.
MOST_HALVES = 60
WEEK = 7
TENTH = Decimal("0.1")
FEN = 100


@dataclass(frozen=True)
class Scale:
    half: Decimal
    share: int


@dataclass(frozen=True, kw_only=True)
class Weighing:
    """One version of weights with its scales."""

    version: int
    weights: Mapping[Part, int]
    scales: Mapping[Fact, Scale]
    window_days: int

    @property
    def weeks(self) -> int:
        """Weeks begun within the window."""
        return -(-self.window_days // WEEK)

    def share(self, part: Part) -> Decimal:
        """What a part decides of the whole, 0 to 1."""
        return Decimal(self.weights[part]) / sum(self.weights.values())


@dataclass(frozen=True, kw_only=True)
class Scored:
    """A score as it is stored: facts in the order of FACTS (money in fen), parts in that of PARTS."""

    total: Decimal
    parts: Sequence[Decimal]
    facts: Sequence[int]


@dataclass(frozen=True, kw_only=True)
class PartChange:
    """What one part did to the total: points gained or lost, and its facts that differ, as (fact, before, now)."""

    part: Part
    points: Decimal
    facts: Sequence[tuple[Fact, int, int]]
    weight_before: Decimal
    weight_now: Decimal

    @property
    def by_weight(self) -> bool:
        """Whether it moved because of the weights, at least in part."""
        return self.weight_before != self.weight_now


# --- in SQL, for everybody ---


def parts_sql(weighing: Weighing, fact: Callable[[Fact], str]) -> str:
    """An array of the five parts, one decimal each; `fact` gives the expression of a fact. Numbers only reach the text."""
    parts = (f"round(({_part_sql(weighing, part, fact)})::numeric, 1)" for part in PARTS)
    return f"ARRAY[{', '.join(parts)}]::numeric(4,1)[]"


def total_sql(weighing: Weighing, parts: str) -> str:
    """The weighted mean of `parts`, an array: so a score is exactly what its visible parts make."""
    whole = sum(weighing.weights.values())
    terms = (f"{int(weighing.weights[part])} * {parts}[{place}]" for place, part in enumerate(PARTS, 1))
    return f"round(({' + '.join(terms)}) / {int(whole)}.0, 1)"


def stored_fact(fact: Fact) -> str:
    """A fact within a stored array."""
    return f"facts[{FACTS.index(fact) + 1}]"


def _part_sql(weighing: Weighing, part: Part, fact: Callable[[Fact], str]) -> str:
    if part == Part.CONSISTENCY:
        return f"100.0 * least({fact(Fact.WEEKS)}, {weighing.weeks}) / {weighing.weeks}"
    scaled = [(each, weighing.scales[each]) for each in FACTS_OF[part] if each in weighing.scales]
    whole = sum(scale.share for _fact, scale in scaled)
    if not whole:
        return "0"
    terms = (f"{scale.share} * (1 - power(0.5::float8, {_halves_sql(each, scale, fact)}))" for each, scale in scaled)
    return f"100 * ({' + '.join(terms)}) / {whole}"


def _halves_sql(fact: Fact, scale: Scale, expression: Callable[[Fact], str]) -> str:
    half = scale.half * FEN if fact == Fact.SPEND else scale.half
    return f"least(greatest({expression(fact)}, 0) / {float(half)!r}::float8, {MOST_HALVES})"


# --- in Python, for one ---


def points_of(value: int, scale: Scale, *, money: bool = False) -> float:
    """The same curve."""
    half = float(scale.half) * (FEN if money else 1)
    return float(100 * (1 - 0.5 ** min(max(value, 0) / half, MOST_HALVES)))


def score(weighing: Weighing, facts: Sequence[int]) -> Scored:
    """What the statement does for everybody, for one."""
    parts = [_rounded(_part(weighing, part, facts)) for part in PARTS]
    whole = sum((weighing.weights[part] * value for part, value in zip(PARTS, parts, strict=True)), Decimal(0))
    total = (whole / sum(weighing.weights.values())).quantize(TENTH, ROUND_HALF_UP)
    return Scored(total=total, parts=parts, facts=list(facts))


def _part(weighing: Weighing, part: Part, facts: Sequence[int]) -> float:
    values = dict(zip(FACTS, facts, strict=True))
    if part == Part.CONSISTENCY:
        return 100.0 * max(0, min(values[Fact.WEEKS], weighing.weeks)) / weighing.weeks
    scaled = [(each, weighing.scales[each]) for each in FACTS_OF[part] if each in weighing.scales]
    whole = sum(scale.share for _fact, scale in scaled)
    points = sum(scale.share * points_of(values[each], scale, money=each == Fact.SPEND) for each, scale in scaled)
    return points / whole if whole else 0.0


def _rounded(value: float) -> Decimal:
    return Decimal(repr(value)).quantize(TENTH, ROUND_HALF_UP)


# --- what moved ---


def changes_of(before: Scored, now: Scored, was: Weighing, held: Weighing) -> list[PartChange]:
    """The parts that moved the total, the strongest first; their points add up to the move, but for rounding."""
    found = []
    for place, part in enumerate(PARTS):
        points = held.share(part) * now.parts[place] - was.share(part) * before.parts[place]
        facts = [
            (fact, before.facts[at], now.facts[at])
            for fact in FACTS_OF[part]
            if before.facts[at := FACTS.index(fact)] != now.facts[at]
        ]
        if points or facts:
            change = PartChange(
                part=part,
                points=points.quantize(TENTH, ROUND_HALF_UP),
                facts=facts,
                weight_before=was.share(part),
                weight_now=held.share(part),
            )
            found.append(change)
    return sorted(found, key=lambda change: -abs(change.points))


def strongest(weighing: Weighing, facts: Sequence[int], most: int) -> list[tuple[Fact, int]]:
    """The facts that give the most points to the whole, the strongest first; none that gives nothing."""
    values = dict(zip(FACTS, facts, strict=True))
    given = {fact: _given(weighing, part, fact, values[fact]) for part in PARTS for fact in FACTS_OF[part]}
    ranked = sorted((fact for fact in given if given[fact] > 0), key=lambda fact: (-given[fact], FACTS.index(fact)))
    return [(fact, values[fact]) for fact in ranked[:most]]


def _given(weighing: Weighing, part: Part, fact: Fact, value: int) -> float:
    if fact == Fact.WEEKS:
        return float(weighing.share(part)) * min(value, weighing.weeks) / weighing.weeks
    scale = weighing.scales.get(fact)
    whole = sum(weighing.scales[each].share for each in FACTS_OF[part] if each in weighing.scales)
    if scale is None or not whole:
        return 0.0
    return float(weighing.share(part)) * scale.share / whole * points_of(value, scale, money=fact == Fact.SPEND) / 100
