"""For how long an operation is stopped after the platform's 45009, and how fast we call so that it is not.

The platform stops an operation for 60 seconds, 60 minutes, the rest of the natural day or 30 days, by the window that
was hit, and its answer does not say which (document/path/90312). So the shortest is assumed; where the first call after
it is refused again, it was the next longer one. The limits themselves: 10,000 a minute and 150,000 an hour for each
operation of a corp (same page).
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

PLATFORM_ZONE = ZoneInfo("Asia/Shanghai")  # its natural day
A_MINUTE, AN_HOUR, THE_DAY, A_MONTH = range(4)
#: Getting tokens again and again with a wrong secret stops the whole address, for an hour at once (90313).
LEAST_LEVEL = {"gettoken": AN_HOUR}

#: What may come at once and per second so that no minute has more than 10,000 and no hour more than 150,000.
MINUTE_RATE = (2_000.0, (10_000 - 2_000) / 60)
HOUR_RATE = (30_000.0, (150_000 - 30_000) / 3_600)


def level_after(api: str, before: int | None) -> int:
    """The window to assume now, when that of the block before (None: there was none) has run out and was not enough."""
    level = A_MINUTE if before is None else min(before + 1, A_MONTH)
    return max(level, LEAST_LEVEL.get(api, A_MINUTE))


def blocked_until(level: int, now: datetime) -> datetime:
    if level == A_MINUTE:
        return now + timedelta(seconds=60)
    if level == AN_HOUR:
        return now + timedelta(minutes=60)
    if level == THE_DAY:
        tomorrow = now.astimezone(PLATFORM_ZONE).date() + timedelta(days=1)
        return datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=PLATFORM_ZONE)
    return now + timedelta(days=30)
