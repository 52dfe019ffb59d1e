"""How strongly the brand sells on each day: week, season and festivals, the lunar ones by the real calendar."""

from datetime import date, timedelta

import numpy as np
from lunar_python import Lunar

from scrm.demo.arrays import Array

WEEK = (0.88, 0.86, 0.90, 0.95, 1.12, 1.22, 1.15)
SEASON = (0.98, 0.88, 1.02, 0.97, 1.03, 1.05, 0.92, 0.94, 1.00, 1.02, 1.08, 1.04)

# name → days around the festival with the factor of each span; later spans win over earlier ones.
# After a sale it is quiet by itself: what was due was bought ahead.
SPANS: dict[str, tuple[tuple[int, int, float], ...]] = {
    "38节": ((-5, -2, 1.5), (-1, 0, 2.6), (1, 4, 0.85)),
    "618": ((-17, -4, 1.25), (-3, -1, 1.8), (0, 0, 3.4)),
    "双11": ((-18, -11, 1.3), (-10, -10, 2.6), (-9, -2, 1.25), (-1, -1, 1.9), (0, 0, 4.0)),
    "双12": ((-3, -1, 1.2), (0, 0, 1.9), (1, 3, 0.9)),
    "七夕": ((-6, -1, 1.35), (0, 0, 1.5)),
    "中秋": ((-8, -1, 1.25),),
    "国庆": ((0, 6, 1.12),),
    "春节": ((-26, -9, 1.35), (-8, -4, 0.9), (-3, 6, 0.4), (7, 14, 0.85)),
}
SALES = frozenset({"38节", "618", "双11", "双12"})


def lunar_day(year: int, month: int, day: int) -> date:
    """The solar date of a lunar one: the first day of 2026 is 2026-02-17, the Spring Festival."""
    solar = Lunar.fromYmd(year, month, day).getSolar()
    return date(solar.getYear(), solar.getMonth(), solar.getDay())


def festivals_of(year: int) -> dict[str, date]:
    """The festivals of a solar year by name (each lunar one falls into the solar year of the same number)."""
    return {
        "38节": date(year, 3, 8),
        "618": date(year, 6, 18),
        "双11": date(year, 11, 11),
        "双12": date(year, 12, 12),
        "国庆": date(year, 10, 1),
        "七夕": lunar_day(year, 7, 7),
        "中秋": lunar_day(year, 8, 15),
        "春节": lunar_day(year, 1, 1),
    }


def festivals_between(first: date, last: date) -> list[tuple[date, str]]:
    years = range(first.year - 1, last.year + 2)
    dated = ((day, name) for year in years for name, day in festivals_of(year).items())
    return sorted((day, name) for day, name in dated if first <= day <= last)


def day_weights(first: date, days: int) -> Array:
    """The strength of each of `days` days from `first` on; an ordinary day is about 1."""
    dates = [first + timedelta(days=place) for place in range(days)]
    weights = np.array([WEEK[day.weekday()] * SEASON[day.month - 1] for day in dates])
    return weights * _festival_factors(first, days)


def sale_days(first: date, days: int) -> Array:
    """True on the days on which prices are down: three days before a sale until its end."""
    low = np.zeros(days, dtype=bool)
    for day, name in festivals_between(first - timedelta(days=30), first + timedelta(days=days + 30)):
        if name in SALES:
            place = (day - first).days
            low[max(place - 3, 0) : max(place + 1, 0)] = True
    return low


def _festival_factors(first: date, days: int) -> Array:
    factors = np.ones(days)
    for day, name in festivals_between(first - timedelta(days=40), first + timedelta(days=days + 40)):
        place = (day - first).days
        for begin, end, factor in SPANS[name]:
            span = slice(max(place + begin, 0), max(place + end + 1, 0))
            factors[span] = np.where(factors[span] == 1, factor, np.maximum(factors[span], factor))
    return factors
