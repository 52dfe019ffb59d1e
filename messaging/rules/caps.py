"""When a member who has been contacted often enough may be contacted again."""

from collections.abc import Sequence
from datetime import datetime, timedelta


def free_from(contacts: Sequence[datetime], *, most: int, window: timedelta, now: datetime) -> datetime | None:
    """The first moment from `now` on at which fewer than `most` contacts lie within the window before it; None: never."""
    if most < 1:
        return None
    return now if len(contacts) < most else max(now, sorted(contacts)[-most] + window)
