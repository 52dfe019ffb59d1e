"""The calendar: a month, a week or a list of slots by day, with what each day stands for and what lasts over it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from compliance.models import Review
from content.models import Festival, Slot, Stretch, StretchSource
from content.rules.lanes import Lanes, lay
from content.selectors.occasions import occasions_between
from content.selectors.slots import reviews_of, slots_between

WEEK = 7


@dataclass(frozen=True, kw_only=True)
class CalendarDay:
    """One day; `begins` are the occasions whose first day it is, `goes_on` those under way; `lanes` what lasts over it."""

    day: date
    inside: bool
    slots: list[Slot] = field(default_factory=list)
    begins: list[Festival] = field(default_factory=list)
    goes_on: list[Festival] = field(default_factory=list)
    lanes: Lanes[Stretch] = field(default_factory=Lanes)

    @property
    def starts(self) -> bool:
        """Whether something that lasts begins on it."""
        return any(
            stretch is not None and stretch.first == self.day for stretch in (*self.lanes.shown, *self.lanes.more)
        )


@dataclass(frozen=True, kw_only=True)
class Calendar:
    view: str
    first: date
    last: date
    before: date
    after: date
    days: list[CalendarDay]
    reviews: Mapping[int, Review]

    @property
    def weeks(self) -> list[list[CalendarDay]]:
        return [self.days[place : place + WEEK] for place in range(0, len(self.days), WEEK)]

    @property
    def slots(self) -> list[Slot]:
        return [slot for day in self.days for slot in day.slots]


def month(
    *, at: date, type_id: int | None = None, owner_id: int | None = None, sources: Iterable[StretchSource] = ()
) -> Calendar:
    """The month of that day, in whole weeks from Monday on."""
    first = at.replace(day=1)
    after = (first + timedelta(days=32)).replace(day=1)
    begin = first - timedelta(days=first.weekday())
    days = -(-(after - begin).days // WEEK) * WEEK
    last = after - timedelta(days=1)
    stretch = _days(begin, days, type_id, owner_id, inside=(first, last), sources=sources)
    before = (first - timedelta(days=1)).replace(day=1)
    return Calendar(
        view="month", first=first, last=last, before=before, after=after, days=stretch, reviews=_reviews(stretch)
    )


def week(
    *, at: date, type_id: int | None = None, owner_id: int | None = None, sources: Iterable[StretchSource] = ()
) -> Calendar:
    first = at - timedelta(days=at.weekday())
    step = timedelta(days=WEEK)
    last = first + step - timedelta(days=1)
    days = _days(first, WEEK, type_id, owner_id, inside=(first, last), sources=sources)
    return Calendar(
        view="week", first=first, last=last, before=first - step, after=first + step, days=days, reviews=_reviews(days)
    )


def agenda(
    *, at: date, type_id: int | None = None, owner_id: int | None = None, sources: Iterable[StretchSource] = ()
) -> Calendar:
    """The days of a month that hold something."""
    whole = month(at=at, type_id=type_id, owner_id=owner_id, sources=sources)
    days = [day for day in whole.days if day.inside and (day.slots or day.begins or day.starts)]
    return replace(whole, view="list", days=days)


def _reviews(days: list[CalendarDay]) -> Mapping[int, Review]:
    return reviews_of(slot.version_id for day in days for slot in day.slots if slot.version_id)


def _days(
    begin: date,
    count: int,
    type_id: int | None,
    owner_id: int | None,
    *,
    inside: tuple[date, date],
    sources: Iterable[StretchSource],
) -> list[CalendarDay]:
    end = begin + timedelta(days=count)
    last = end - timedelta(days=1)
    lanes = lay((stretch for source in sources for stretch in source.find(begin, last)), begin, last)
    slots = slots_between(midnight(begin), midnight(end))
    if type_id is not None:
        slots = slots.filter(type=type_id)
    if owner_id is not None:
        slots = slots.filter(owner=owner_id)
    by_day: dict[date, list[Slot]] = defaultdict(list)
    for slot in slots:
        by_day[timezone.localdate(slot.planned_at)].append(slot)
    days = {
        day: CalendarDay(
            day=day, inside=inside[0] <= day <= inside[1], slots=by_day.get(day, []), lanes=lanes.get(day, Lanes())
        )
        for day in (begin + timedelta(days=place) for place in range(count))
    }
    for first, until, occasion in occasions_between(begin, last):
        for day, cell in days.items():
            if first <= day <= until:
                (cell.begins if day == max(first, begin) else cell.goes_on).append(occasion)
    return list(days.values())


def midnight(day: date) -> datetime:
    """Where the brand is."""
    return timezone.make_aware(datetime.combine(day, time.min))
