"""What a bench answers, and how often it looks."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One ratio or number with its target; `parts` are the measurements behind it."""

    name: str
    value: float
    unit: str
    target: str = ""
    holds: bool | None = None
    parts: dict[str, Any] = field(default_factory=dict)


def at_most(name: str, value: float, limit: float, *, unit: str = "×", **parts: Any) -> Figure:
    return Figure(
        name=name, value=round(value, 3), unit=unit, target=f"≤ {limit:g} {unit}", holds=value <= limit, parts=parts
    )


def at_least(name: str, value: float, limit: float, *, unit: str = "×", **parts: Any) -> Figure:
    return Figure(
        name=name, value=round(value, 3), unit=unit, target=f"≥ {limit:g} {unit}", holds=value >= limit, parts=parts
    )


def seconds_of(act: Callable[[], Any]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


@dataclass(frozen=True)
class Spent:
    """Seconds on the clock, and seconds of processor. On a busy machine only the second can be compared."""

    wall: float
    cpu: float


def spent_on(act: Callable[[], Any], *, elsewhere: Callable[[], float] = lambda: 0.0) -> Spent:
    """What `act` takes; `elsewhere` tells the processor time so far of another process that works for it."""
    wall, here, there = time.perf_counter(), time.process_time(), elsewhere()
    act()
    return Spent(time.perf_counter() - wall, time.process_time() - here + elsewhere() - there)


def spent_in_turns(rounds: int, *acts: Callable[[], Spent]) -> list[Spent]:
    """The median of each act, clock and processor apart, done in turns."""
    measured = [[act() for act in acts] for _round in range(rounds)]
    return [
        Spent(round(median(spent.wall for spent in column), 3), round(median(spent.cpu for spent in column), 3))
        for column in zip(*measured, strict=True)
    ]


def ratios(name: str, spent: Spent, base: Spent, limit: float, **parts: Any) -> list[Figure]:
    """The same ratio on the clock and in processor time."""
    return [
        at_most(name, spent.wall / base.wall, limit, wall_s=spent.wall, base_wall_s=base.wall, **parts),
        at_most(f"{name} (processor)", spent.cpu / base.cpu, limit, cpu_s=spent.cpu, base_cpu_s=base.cpu),
    ]


def in_turns(rounds: int, *acts: Callable[[], float]) -> list[float]:
    """The median of each act, done in turns so that a busy moment of the machine meets all of them."""
    measured = [[act() for act in acts] for _round in range(rounds)]
    return [round(median(column), 3) for column in zip(*measured, strict=True)]
