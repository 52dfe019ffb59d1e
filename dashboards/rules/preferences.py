"""How a kind of city differs from the others in what it buys, and whether that may be chance."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import sqrt

from campaigns.rules.intervals import Z95, Interval, wilson

#: What a share is one of.
BUYERS, SPEND = "buyers", "spend"


@dataclass(frozen=True, kw_only=True)
class Sums:
    """Over members: how many bought, and with y the net spend in question and x all of it, Σy, Σy² and Σxy."""

    buyers: int = 0
    spend: float = 0.0
    squares: float = 0.0
    products: float = 0.0

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(
            buyers=self.buyers + other.buyers,
            spend=self.spend + other.spend,
            squares=self.squares + other.squares,
            products=self.products + other.products,
        )

    def __sub__(self, other: "Sums") -> "Sums":
        return Sums(
            buyers=self.buyers - other.buyers,
            spend=self.spend - other.spend,
            squares=self.squares - other.squares,
            products=self.products - other.products,
        )


@dataclass(frozen=True, kw_only=True)
class Preference:
    """One kind of city and one category. `index` is its share over everybody's, in percent.

    `differs` is 1 or -1 where the share lies above or below that of all other cities by more than chance, else 0.
    `share` is None where the kind of city has too few buyers, or nothing was spent.
    """

    buyers: int
    spend: float
    share: float | None = None
    interval: Interval | None = None
    index: float | None = None
    differs: int = 0


def total(sums: Iterable[Sums]) -> Sums:
    found = Sums()
    for each in sums:
        found += each
    return found


def preference(part: Sums, base: Sums, all_parts: Sums, all_bases: Sums, *, of: str, least: int) -> Preference:
    """`part` of `base` in this kind of city, beside everybody's; both of buyers or both of spend."""
    if base.buyers < least:
        return Preference(buyers=part.buyers, spend=part.spend)
    one = _share(part, base, of)
    if one is None:
        return Preference(buyers=part.buyers, spend=part.spend)
    share, interval = one
    average = _share(all_parts, all_bases, of)
    others = _share(all_parts - part, all_bases - base, of) if all_bases.buyers - base.buyers >= least else None
    return Preference(
        buyers=part.buyers,
        spend=part.spend,
        share=share,
        interval=interval,
        index=100 * share / average[0] if average and average[0] else None,
        differs=0 if others is None else _differs(one, others),
    )


def _share(part: Sums, base: Sums, of: str) -> tuple[float, Interval] | None:
    if of == BUYERS:
        interval = wilson(part.buyers, base.buyers)
        return None if interval is None else (part.buyers / base.buyers, interval)
    if base.spend <= 0:
        return None
    share = part.spend / base.spend
    # A ratio of sums over members, linearised (Cochran 1977, Sampling Techniques, 6.3).
    variance = (part.squares - 2 * share * part.products + share**2 * base.squares) / base.spend**2
    half = Z95 * sqrt(max(variance, 0.0))
    return share, Interval(share - half, share + half)


def _differs(one: tuple[float, Interval], other: tuple[float, Interval]) -> int:
    """Whether the 95 % interval of the difference leaves 0 out (Newcombe 1998, Statistics in Medicine 17:873, method 10)."""
    (a, of_a), (b, of_b) = one, other
    difference = a - b
    low = difference - sqrt((a - of_a.low) ** 2 + (of_b.high - b) ** 2)
    high = difference + sqrt((of_a.high - a) ** 2 + (b - of_b.low) ** 2)
    return 1 if low > 0 else -1 if high < 0 else 0


def table(sums: Mapping[tuple[str, str | None], Sums], *, of: str, least: int) -> dict[tuple[str, str], Preference]:
    """By kind of city and category, from the sums of each; the key of a whole kind of city ends in None."""
    tiers = sorted({tier for tier, _category in sums})
    categories = sorted({category for _tier, category in sums if category is not None})
    nothing = Sums()
    bases = {tier: sums.get((tier, None), nothing) for tier in tiers}
    everybody = total(bases.values())
    found = {}
    for category in categories:
        parts = {tier: sums.get((tier, category), nothing) for tier in tiers}
        everybodys = total(parts.values())
        for tier in tiers:
            found[tier, category] = preference(parts[tier], bases[tier], everybodys, everybody, of=of, least=least)
    return found
