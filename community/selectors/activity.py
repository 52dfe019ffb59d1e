"""How much is said in groups, from the sums per day."""

# ruff: noqa: S608  # the text of the SQL comes from here alone; every value is a bound parameter

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from community.models import Group, GroupDay, GroupSettings
from community.rules.bands import Band, judge

HOURS = 24
WEEKDAYS = 7
#: Of a chat that was heard of longer ago nobody knows who spoke or slept of late.
OLD = timedelta(days=7)
# A group is held against its band from the first day that was ever observed on, to the day of its last import or
# delivery: a silence since then may be that of the feed. Today is not over yet.
_PULSE = """
SELECT chat.id, spoken.first_day, spoken.last_day, told.known_to, coalesce(recent.messages, 0) AS messages,
    told.known_to - greatest(%(since)s::date, spoken.first_day) AS days, coalesce(today.messages, 0) AS so_far
FROM community_group AS chat
JOIN LATERAL (
    SELECT (SELECT min(day) FROM community_groupday WHERE group_id = chat.id AND messages > 0) AS first_day,
        (SELECT max(day) FROM community_groupday WHERE group_id = chat.id AND messages > 0) AS last_day, (
            SELECT job_id FROM community_groupmessage WHERE group_id = chat.id ORDER BY sent_at DESC LIMIT 1
        ) AS job_id
) AS spoken ON true
JOIN LATERAL (
    SELECT least(%(today)s::date, greatest(
        (SELECT (created_at AT TIME ZONE %(zone)s)::date FROM community_chatimport WHERE id = spoken.job_id),
        (SELECT max((created_at AT TIME ZONE %(zone)s)::date) FROM community_chatimport
            WHERE group_id = chat.id AND kind = 'messages' AND state = 'done'),
        (chat.heard_until AT TIME ZONE %(zone)s)::date
    )) AS known_to
) AS told ON true
LEFT JOIN LATERAL (
    SELECT sum(messages) AS messages FROM community_groupday
    WHERE group_id = chat.id AND day >= %(since)s AND day < told.known_to
) AS recent ON true
LEFT JOIN community_groupday AS today ON today.group_id = chat.id AND today.day = %(today)s
WHERE chat.id = ANY (%(ids)s)
"""


# As `community.rules.bands.judge` does, for any number of groups.
_STATES = f"""
SELECT pulse.id, CASE WHEN first_day IS NULL OR days <= 0 THEN 'unknown' WHEN messages < days * messages_low THEN 'quiet'
    WHEN messages > days * messages_high THEN 'noisy' ELSE 'healthy' END
FROM ({_PULSE}) AS pulse JOIN community_group AS chat ON chat.id = pulse.id
JOIN community_grouptype AS kind ON kind.id = chat.type_id
"""


@dataclass(frozen=True, kw_only=True)
class Pulse:
    """Messages a day over the whole days of the window, beside the band. `average` is None where nothing was observed.

    `known_to` is the first day that is not known as a whole: today, or that of the last import or delivery. `is_heard`
    where enough is known of late to tell who spoke and who slept.
    """

    average: float | None
    days: int
    today: int
    band: Band
    state: str
    last_day: date | None
    known_to: date
    is_heard: bool


@dataclass(frozen=True)
class Day:
    day: date
    messages: int
    speakers: int
    joined: int
    left: int


def group_settings() -> GroupSettings:
    """The one row; one that is missing reads as the defaults."""
    return GroupSettings.objects.first() or GroupSettings(pk=1)


def pulse_of(groups: Sequence[Group], *, today: date, window: int) -> Mapping[int, Pulse]:
    """By number, with the type at hand (`select_related("type")`); one query."""
    chosen = {group.pk: group for group in groups}
    return {row[0]: _pulse(chosen[row[0]], row, today) for row in _answered(_PULSE, list(chosen), today, window)}


def states_of(numbers: Sequence[int], *, today: date, window: int) -> Mapping[int, str]:
    """The state beside the band alone, of any number of groups; one query."""
    return dict(_answered(_STATES, numbers, today, window))


def _answered(statement: str, numbers: Sequence[int], today: date, window: int) -> list[tuple[Any, ...]]:
    since = today - timedelta(days=window)
    with connection.cursor() as cursor:
        cursor.execute(statement, {"ids": list(numbers), "today": today, "since": since, "zone": settings.TIME_ZONE})
        return list(cursor.fetchall())


def _pulse(group: Group, row: tuple[Any, ...], today: date) -> Pulse:
    _number, first_day, last_day, known_to, messages, days, so_far = row
    band = Band(group.type.messages_low, group.type.messages_high)
    average = messages / days if first_day is not None and days > 0 else None
    return Pulse(
        average=average,
        days=max(days or 0, 0),
        today=so_far,
        band=band,
        state=judge(average, band),
        last_day=last_day,
        known_to=known_to,
        is_heard=last_day is not None and known_to >= today - OLD,
    )


def days_of(group: Group, *, since: date, until: date) -> list[Day]:
    """Each day from `since` to `until`, both included, also those on which nothing was said."""
    known = {row.day: row for row in GroupDay.objects.filter(group=group, day__gte=since, day__lte=until)}
    days = (since + timedelta(days=place) for place in range((until - since).days + 1))
    return [
        Day(day, row.messages, row.speakers, row.joined, row.left) if (row := known.get(day)) else Day(day, 0, 0, 0, 0)
        for day in days
    ]


def heat_of(group: Group, *, since: date, until: date) -> list[list[float]]:
    """Messages per hour on an average Monday … Sunday: seven rows of 24 numbers. `until` is not included."""
    sums = [[0] * HOURS for _day in range(WEEKDAYS)]
    for day, hours in GroupDay.objects.filter(group=group, day__gte=since, day__lt=until).values_list("day", "hours"):
        row = sums[day.weekday()]
        for hour, messages in enumerate(hours):
            row[hour] += messages
    counted = [0] * WEEKDAYS
    for place in range((until - since).days):
        counted[(since + timedelta(days=place)).weekday()] += 1
    return [[messages / days if days else 0.0 for messages in row] for row, days in zip(sums, counted, strict=True)]
