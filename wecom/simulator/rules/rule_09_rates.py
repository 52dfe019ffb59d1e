"""Rule 9: so many calls per window; then 45009 for 60 s, 60 min, the natural day or 30 days, by the window that was full."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from wecom.simulator.clock import DAY, HOUR, MINUTE, day_start, month_start
from wecom.simulator.errors import Refusal

Key = tuple[str, ...]


class Limit(NamedTuple):
    """At most `most` calls per minute, hour, day or month (natural ones, in China)."""

    window: str
    most: int


BLOCKS = {"minute": MINUTE, "hour": HOUR, "month": 30 * DAY}


def window_start(window: str, now: int) -> int:
    if window == "day":
        return day_start(now)
    if window == "month":
        return month_start(now)
    seconds = MINUTE if window == "minute" else HOUR
    return now - now % seconds


def block_end(window: str, now: int) -> int:
    return day_start(now) + DAY if window == "day" else now + BLOCKS[window]


class Rates:
    """Counts of calls; a refused call counts for nothing."""

    def __init__(self) -> None:
        self._counts: dict[tuple[Key, str], tuple[int, int]] = defaultdict(lambda: (0, 0))
        self._blocked: dict[Key, int] = {}

    def count(self, key: Key, limits: Iterable[Limit], now: int) -> None:
        """45009 when a window of that key is full."""
        if self._blocked.get(key, 0) > now:
            raise Refusal(45009)
        for limit in limits:
            start = window_start(limit.window, now)
            since, seen = self._counts[key, limit.window]
            seen = seen if since == start else 0
            if seen >= limit.most:
                self._blocked[key] = block_end(limit.window, now)
                raise Refusal(45009)
            self._counts[key, limit.window] = (start, seen + 1)
