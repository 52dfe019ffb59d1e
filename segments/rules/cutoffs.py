"""Where one score ends and the next begins.

Score = 1 + floor(5 × (rank − 1) / n), equal values sharing the lowest rank, the worst first. So a value has at least
the score s exactly when at least k = ceil((s − 1) × n / 5) values are worse, which is when it is better than the k-th
worst. Four limits per measure therefore score everybody by comparison, without ranking anybody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from segments.rules.definitions import RfmRule

DAY = timedelta(days=1)
GRADES = (2, 3, 4, 5)


@dataclass(frozen=True, kw_only=True)
class Cutoffs:
    """A member has at least the score 2, 3, 4, 5 when she is *beyond* the limit at that place.

    `r`: fewer days since the last order, `f`: more orders, `m`: more fen. `n` members have scores.
    """

    n: int = 0
    r: tuple[int, ...] = ()
    f: tuple[int, ...] = ()
    m: tuple[int, ...] = ()

    def score(self, *, days: int, orders: int, fen: int) -> tuple[int, int, int]:
        """R, F and M of a member with an order in the window."""
        return (
            1 + sum(days < limit for limit in self.r),
            1 + sum(orders > limit for limit in self.f),
            1 + sum(fen > limit for limit in self.m),
        )

    def to_json(self) -> dict[str, Any]:
        return {"n": self.n, "r": list(self.r), "f": list(self.f), "m": list(self.m)}


def from_json(data: dict[str, Any]) -> Cutoffs:
    return Cutoffs(n=data["n"], r=tuple(data["r"]), f=tuple(data["f"]), m=tuple(data["m"]))


def places(n: int) -> list[int]:
    """Which of `n` values, counted from 1 and the worst first, are the limits of the scores 2–5."""
    return [-(-(grade - 1) * n // 5) for grade in GRADES]


def whole_days(since: datetime, as_of: datetime) -> int:
    """floor((as_of − since) / 24 h)."""
    return (as_of - since) // DAY


def quintiles(
    *, n: int, last_orders: Sequence[datetime], orders: Sequence[int], fen: Sequence[int], as_of: datetime
) -> Cutoffs:
    """From the four values at `places(n)` of each measure: oldest last orders, fewest orders, least money.

    Whole days fall as the moment of the last order grows, so the k-th most days belong to the k-th oldest moment.
    """
    days = tuple(whole_days(moment, as_of) for moment in last_orders)
    return Cutoffs(n=n, r=days, f=tuple(orders), m=tuple(fen))


def fixed(rfm: RfmRule, *, n: int) -> Cutoffs:
    """From thresholds that a marketer set: at most so many days, at least so many orders, at least so much money."""
    return Cutoffs(
        n=n,
        r=tuple(days + 1 for days in rfm.recency_days),
        f=tuple(orders - 1 for orders in rfm.frequency),
        m=tuple(int(money * 100) - 1 for money in rfm.monetary),
    )
