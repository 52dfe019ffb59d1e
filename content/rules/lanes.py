"""Stretches of days laid out in lanes: one that lasts keeps its line from day to day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Generic, Protocol, TypeVar

MOST_LANES = 3


class Lasting(Protocol):
    @property
    def first(self) -> date: ...

    @property
    def last(self) -> date: ...


L = TypeVar("L", bound=Lasting)


@dataclass(frozen=True)
class Lanes(Generic[L]):
    """What stands in the lanes of a day from the top, None for a free one between; `more` found no lane."""

    shown: list[L | None] = field(default_factory=list)
    more: list[L] = field(default_factory=list)


def lay(stretches: Iterable[L], first: date, last: date) -> Mapping[date, Lanes[L]]:
    """Each day that has any; no day has more than three lanes."""
    free_from: list[date] = []
    days: dict[date, Lanes[L]] = {}
    for stretch in sorted(stretches, key=lambda each: (each.first, -(each.last - each.first).days)):
        lane = next((place for place, free in enumerate(free_from) if free <= stretch.first), len(free_from))
        if lane < MOST_LANES:
            free_from[lane : lane + 1] = [stretch.last + timedelta(days=1)]
        day = max(stretch.first, first)
        while day <= min(stretch.last, last):
            _put(stretch, lane, days.setdefault(day, Lanes()))
            day += timedelta(days=1)
    return days


def _put(stretch: L, lane: int, day: Lanes[L]) -> None:
    if lane == MOST_LANES:
        day.more.append(stretch)
        return
    day.shown.extend([None] * (lane + 1 - len(day.shown)))
    day.shown[lane] = stretch
