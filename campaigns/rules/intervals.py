"""How sure a figure is."""

from math import sqrt
from typing import NamedTuple

Z95 = 1.959964


class Interval(NamedTuple):
    low: float
    high: float


def wilson(hits: int, trials: int) -> Interval | None:
    """95 % interval of a share (Wilson 1927, JASA 22:209); None without trials. Never leaves 0 to 1."""
    if trials <= 0:
        return None
    share, square = hits / trials, Z95**2
    middle = (share + square / (2 * trials)) / (1 + square / trials)
    half = Z95 * sqrt(share * (1 - share) / trials + square / (4 * trials**2)) / (1 + square / trials)
    return Interval(max(0.0, middle - half), min(1.0, middle + half))


def of_sum(total: float, squares: float) -> Interval:
    """95 % interval of a sum of amounts whose number is by chance too.

    The Poisson bootstrap in closed form: each amount drawn Poisson(1) times gives the sum's mean back, with a variance
    of the sum of squares. For amounts per member, whose orders hang together.
    """
    half = Z95 * sqrt(squares)
    return Interval(total - half, total + half)
