"""Rule 23: how many mass messages one customer or group may receive, the corp's and its members' together.

`monthly_days` (the default since 2025-11): as many in a month as the month has days. An admin can choose `weekly_7` or
`daily_1`; `legacy_monthly_4` is the text of 2021 and 2022.
"""

from typing import NamedTuple

from wecom.simulator.clock import DAY, day_start, month_end, month_start, week_start


class Cap(NamedTuple):
    """At most `most` since `since`."""

    since: int
    most: int


def cap_at(setting: str, now: int) -> Cap:
    if setting == "daily_1":
        return Cap(day_start(now), 1)
    if setting == "weekly_7":
        return Cap(week_start(now), 7)
    if setting == "legacy_monthly_4":
        return Cap(month_start(now), 4)
    return Cap(month_start(now), (month_end(now) - month_start(now)) // DAY)


def is_capped(received: int, cap: Cap) -> bool:
    return received >= cap.most
