"""Promises of a group week by week: which were kept, which are planned, which have no slot."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

PUBLISHED = frozenset({"published", "measured"})
WAITING = frozenset({"draft", "in_review", "approved", "scheduled"})
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Promise:
    """On that weekday (Monday is 0) at that hour, from one day to another."""

    number: int
    weekday: int
    time: time
    begins_on: date
    ended_on: date | None

    def due_in(self, monday: date, zone: tzinfo) -> datetime | None:
        """Its moment in that week; None where it was not promised then."""
        day = monday + timedelta(days=self.weekday)
        if day < self.begins_on or (self.ended_on is not None and day > self.ended_on):
            return None
        return datetime.combine(day, self.time, zone)


@dataclass(frozen=True, slots=True)
class Kept:
    """A slot that belongs to a promise."""

    slot: int
    promise: int
    planned_at: datetime
    state: str


@dataclass(frozen=True, slots=True)
class Standing:
    """One promise in one week: `published`, `planned`, `missing` (to come, without a slot) or `missed`."""

    promise: int
    monday: date
    due: datetime
    state: str
    slot: int | None


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def standings(
    promises: Iterable[Promise], slots: Iterable[Kept], mondays: Iterable[date], *, zone: tzinfo, at: datetime
) -> Iterator[Standing]:
    """In the order of the promises, week by week; `at` is the moment from which is looked."""
    owned: dict[tuple[int, date], list[Kept]] = {}
    for slot in slots:
        owned.setdefault((slot.promise, monday_of(slot.planned_at.astimezone(zone).date())), []).append(slot)
    weeks = list(mondays)
    for promise in promises:
        for monday in weeks:
            due = promise.due_in(monday, zone)
            if due is not None:
                yield _standing(promise, monday, due, owned.get((promise.number, monday), []), at)


def _standing(promise: Promise, monday: date, due: datetime, slots: list[Kept], at: datetime) -> Standing:
    """What was published counts before what is planned."""
    published = next((slot for slot in slots if slot.state in PUBLISHED), None)
    planned = next((slot for slot in slots if slot.state in WAITING and slot.planned_at > at), None)
    late = next((slot for slot in slots if slot.state in WAITING), None)
    if published:
        return Standing(promise.number, monday, due, "published", published.slot)
    if planned:
        return Standing(promise.number, monday, due, "planned", planned.slot)
    slot = late or (slots[0] if slots else None)
    return Standing(promise.number, monday, due, "missing" if due > at else "missed", slot.slot if slot else None)


@dataclass(frozen=True, slots=True)
class Change:
    """Means per day before and since; None where there were too few days to say."""

    before: float | None
    since: float | None
    days_before: int
    days_since: int


def change(daily: dict[date, int], *, began: date, opened: date, today: date, most: int, least: int) -> Change:
    """Up to `most` days on each side of the day on which it began; days without a figure are days with nothing."""
    first = max(opened, began - timedelta(days=most))
    days_before = max(0, (began - first).days)
    last = max(began, today - timedelta(days=most))
    days_since = max(0, (today - last).days)
    before = sum(count for day, count in daily.items() if first <= day < began)
    since = sum(count for day, count in daily.items() if last <= day < today)
    return Change(
        before=before / days_before if days_before >= least else None,
        since=since / days_since if days_since >= least else None,
        days_before=days_before,
        days_since=days_since,
    )
