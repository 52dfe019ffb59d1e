"""The simulator's clock: the machine's, shifted; or one that stands until it is told to move."""

import threading
import time
from datetime import UTC, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8))  # WeCom counts days and months there
MINUTE, HOUR, DAY = 60, 3600, 86400


class Clock:
    """Seconds since 1970. Frozen: `advance` and `set` alone move it. Running: they shift it."""

    def __init__(self, *, frozen_at: float | None = None) -> None:
        self._lock = threading.Lock()
        self._frozen = frozen_at
        self._shift = 0.0

    def exact(self) -> float:
        with self._lock:
            return self._frozen if self._frozen is not None else time.time() + self._shift

    def now(self) -> int:
        """Whole seconds, as WeCom says them."""
        return int(self.exact())

    @property
    def frozen(self) -> bool:
        return self._frozen is not None

    def freeze(self, at: float | None = None) -> None:
        at = self.exact() if at is None else at
        with self._lock:
            self._frozen = at

    def run(self) -> None:
        """Goes on from where it stands, as fast as the machine's clock."""
        at = self.exact()
        with self._lock:
            self._frozen, self._shift = None, at - time.time()

    def advance(self, seconds: float) -> None:
        with self._lock:
            if self._frozen is None:
                self._shift += seconds
            else:
                self._frozen += seconds


def china(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC).astimezone(CHINA)


def day_start(at: float) -> int:
    """The midnight in China before `at`."""
    return int(china(at).replace(hour=0, minute=0, second=0, microsecond=0).timestamp())


def week_start(at: float) -> int:
    """Monday's midnight in China."""
    return day_start(at) - china(at).weekday() * DAY


def month_start(at: float) -> int:
    return int(china(at).replace(day=1, hour=0, minute=0, second=0, microsecond=0).timestamp())


def month_end(at: float) -> int:
    """The first second of the next month in China."""
    return month_start(month_start(at) + 32 * DAY)
