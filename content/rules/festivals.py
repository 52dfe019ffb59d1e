"""On which day a festival falls: solar and lunar dates, solar terms, the nth weekday of a month."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from lunar_python import Lunar, Solar

from content.enums import Reckoning

#: Lunar months have 29 or 30 days; a festival on the 30th of a short month falls on its last day.
SHORT_MONTH = 29
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Day:
    """How a day returns; see `content.models.Festival`."""

    reckoning: str
    month: int = 0
    day: int = 0
    weekday: int = 0
    term: str = ""
    once: date | None = None
    offset: int = 0
    length: int = 1


def day_in(rule: Day, year: int) -> date | None:
    """The first day of it that belongs to that solar year; None in a year without one.

    A lunar festival belongs to the solar year in which its own day falls, before `offset` moves it.
    """
    found = _own_day(rule, year)
    return None if found is None else found + timedelta(days=rule.offset)


def days_between(rules: Iterable[tuple[T, Day]], first: date, last: date) -> list[tuple[date, date, T]]:
    """First day, last day and owner of whatever touches the stretch, in order."""
    found = [stretch for owner, rule in rules for stretch in _stretches(owner, rule, first, last)]
    return sorted(found, key=lambda stretch: (stretch[0], stretch[1]))


def _stretches(owner: T, rule: Day, first: date, last: date) -> Iterator[tuple[date, date, T]]:
    for year in range(first.year - 1, last.year + 2):
        begins = day_in(rule, year)
        if begins is None:
            continue
        ends = begins + timedelta(days=rule.length - 1)
        if begins <= last and ends >= first:
            yield begins, ends, owner


def _own_day(rule: Day, year: int) -> date | None:
    match rule.reckoning:
        case Reckoning.SOLAR:
            return _solar(year, rule.month, rule.day)
        case Reckoning.LUNAR:
            return _lunar(year, rule.month, rule.day)
        case Reckoning.TERM:
            table = Solar.fromYmd(year, 6, 15).getLunar().getJieQiTable()
            return _as_date(table[rule.term]) if rule.term in table else None
        case Reckoning.WEEKDAY:
            return _nth_weekday(year, rule.month, rule.weekday, rule.day)
    return rule.once if rule.once and rule.once.year == year else None


def _solar(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:  # 29 February
        return None


def _lunar(year: int, month: int, day: int) -> date | None:
    """The twelfth lunar month of the year before may lie in this solar year."""
    for lunar_year in (year - 1, year):
        found = _of_lunar_year(lunar_year, month, day)
        if found.year == year:
            return found
    return None


def _of_lunar_year(year: int, month: int, day: int) -> date:
    if day <= SHORT_MONTH:
        return _as_date(Lunar.fromYmd(year, month, day).getSolar())
    following = _as_date(Lunar.fromYmd(year + month // 12, month % 12 + 1, 1).getSolar())
    last = following - timedelta(days=1)
    length = (following - _as_date(Lunar.fromYmd(year, month, 1).getSolar())).days
    return last if length <= day else last - timedelta(days=length - day)


def _nth_weekday(year: int, month: int, weekday: int, nth: int) -> date | None:
    first = date(year, month, 1)
    found = first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))
    return found if found.month == month else None


def _as_date(solar: Solar) -> date:
    return date(solar.getYear(), solar.getMonth(), solar.getDay())
