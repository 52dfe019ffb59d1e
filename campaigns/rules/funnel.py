"""The funnel of an activity: reached → participated → ordered → revenue → ROI, beside its level's bands."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from campaigns.enums import Measure
from campaigns.rules.intervals import Interval, of_sum, wilson


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What was counted. `audience`, `took_part` and `buyers` are of the frozen audience; `outside` took part without being in it.

    `buyers` took part and have an order credited; `squares` is the sum over members of their credited net, squared.
    """

    audience: int
    took_part: int
    outside: int
    buyers: int
    orders: int
    revenue: Decimal
    squares: Decimal
    cost: Decimal


@dataclass(frozen=True, kw_only=True)
class BandSpan:
    low: float
    high: float | None


@dataclass(frozen=True, kw_only=True)
class Rate:
    """A share or a ratio with its interval; `state` is good, watch, act, or none where it is not known."""

    measure: Measure
    value: float | None
    interval: Interval | None
    band: BandSpan | None
    state: str
    over: int | Decimal


def rates(facts: Facts, bands: Mapping[str, BandSpan]) -> dict[str, Rate]:
    """Participation over the frozen audience, conversion over those who took part, revenue over cost."""
    return {
        Measure.PARTICIPATION: _share(Measure.PARTICIPATION, facts.took_part, facts.audience, bands),
        Measure.CONVERSION: _share(Measure.CONVERSION, facts.buyers, facts.took_part, bands),
        Measure.ROI: _roi(facts, bands),
    }


def _share(measure: Measure, hits: int, trials: int, bands: Mapping[str, BandSpan]) -> Rate:
    value = hits / trials if trials else None
    interval = wilson(hits, trials)
    return _rate(measure, value, interval, bands.get(measure), trials)


def _roi(facts: Facts, bands: Mapping[str, BandSpan]) -> Rate:
    if not facts.cost:
        return _rate(Measure.ROI, None, None, bands.get(Measure.ROI), facts.cost)
    cost, revenue = float(facts.cost), float(facts.revenue)
    span = of_sum(revenue, float(facts.squares))
    interval = Interval(span.low / cost, span.high / cost)
    return _rate(Measure.ROI, revenue / cost, interval, bands.get(Measure.ROI), facts.cost)


def _rate(
    measure: Measure, value: float | None, interval: Interval | None, band: BandSpan | None, over: int | Decimal
) -> Rate:
    return Rate(
        measure=measure, value=value, interval=interval, band=band, state=judged(value, interval, band), over=over
    )


def judged(value: float | None, interval: Interval | None, band: BandSpan | None) -> str:
    """Good from the band's lower end on: above the band is not a fault. Red only when the interval ends below it."""
    if value is None or interval is None or band is None:
        return "none"
    if value >= band.low:
        return "good"
    return "watch" if interval.high >= band.low else "act"
