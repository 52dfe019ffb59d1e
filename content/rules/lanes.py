"""Stretches of days laid out in lanes: one that lasts keeps its line from day to day."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Protocol, TypeVar

MOST_LANES = 3


class Lasting(Protocol):
    @property
    def first(self) -> date: ...

    @property
    def last(self) -> date: ...


L = TypeVar("L", bound=Lasting)


def lay(stretches: Iterable[L], first: date, last: date) -> Mapping[date, Sequence[L | None]]:
    """For each day that has any: what stands in its lanes from the top, None for a free one between; no more than three."""
    free_from: list[date] = []
    days: dict[date, list[L | None]] = {}
    for stretch in sorted(stretches, key=lambda each: (each.first, -(each.last - each.first).days)):
        lane = next((place for place, free in enumerate(free_from) if free <= stretch.first), len(free_from))
        if lane == MOST_LANES:
            continue
        free_from[lane : lane + 1] = [stretch.last + timedelta(days=1)]
        day = max(stretch.first, first)
        while day <= min(stretch.last, last):
            cell = days.setdefault(day, [])
            cell.extend([None] * (lane + 1 - len(cell)))
            cell[lane] = stretch
            day += timedelta(days=1)
    return days
