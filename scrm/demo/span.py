"""The stretch of time that the demo fills, in the brand's own time zone (China has one, without summer time)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cached_property

import numpy as np

from scrm.demo.arrays import Array
from scrm.demo.festivals import day_weights, sale_days

DAY = 86_400
DAYS = 548
CHINA = timezone(timedelta(hours=8))


@dataclass(frozen=True)
class Span:
    """Eighteen months before `until`, from a midnight on; nothing happens at `until` or after."""

    until: datetime

    @cached_property
    def first(self) -> date:
        return self.until.astimezone(CHINA).date() - timedelta(days=DAYS)

    @cached_property
    def start(self) -> datetime:
        """The first midnight, in UTC."""
        return datetime.combine(self.first, datetime.min.time(), CHINA).astimezone(UTC)

    @cached_property
    def seconds(self) -> int:
        return int((self.until - self.start).total_seconds())

    @cached_property
    def days(self) -> int:
        """Days begun."""
        return -(-self.seconds // DAY)

    @cached_property
    def weights(self) -> Array:
        return day_weights(self.first, self.days)

    @cached_property
    def sales(self) -> Array:
        return sale_days(self.first, self.days)

    def month_of(self, day: Array) -> Array:
        """Month 0–11 of each day of the span."""
        return self._months[day]

    @cached_property
    def _months(self) -> Array:
        return np.array([(self.first + timedelta(days=place)).month - 1 for place in range(self.days)])
