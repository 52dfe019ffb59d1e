"""Whether a value is healthy, beside the range that was set for it."""

from decimal import Decimal

from dashboards.enums import GoodSide, Health


def judged(
    value: Decimal | None, *, side: str, low: Decimal | None, high: Decimal | None, tolerance: Decimal
) -> Health:
    """`higher` is judged by the lower bound alone, `lower` by the upper one, `inside` by both.

    Where a bound is missing there is nothing to fall short of; without any nothing is judged.
    """
    low = None if side == GoodSide.LOWER else low
    high = None if side == GoodSide.HIGHER else high
    if value is None or (low is None and high is None):
        return Health.NONE
    if low is not None and value < low:
        return Health.WATCH if low - value <= abs(low) * tolerance else Health.ACT
    if high is not None and value > high:
        return Health.WATCH if value - high <= abs(high) * tolerance else Health.ACT
    return Health.GOOD
