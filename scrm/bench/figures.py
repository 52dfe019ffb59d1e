"""What a bench answers, how often it looks, and what it measures."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from scrm.bench.database import server_cpu

CLOCK = 0.01  # seconds: how finely processors' time is told


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


@dataclass(frozen=True)
class Spent:
    """Seconds on the clock, and of processors on both sides of the connection.

    A busy machine stretches the clock and leaves the processors' time nearly alone.
    """

    wall: float
    cpu: float


def spent_on(act: Callable[[], Any]) -> Spent:
    """For work that one connection does without parallel workers, whose time would be nobody's."""
    wall, here, server = time.perf_counter(), time.process_time(), server_cpu()
    act()
    return Spent(time.perf_counter() - wall, time.process_time() - here + server_cpu() - server)


def medians(spent: list[Spent]) -> Spent:
    return Spent(round(median(each.wall for each in spent), 3), round(median(each.cpu for each in spent), 2))


def ratio(over: float, under: float) -> float | None:
    """None where what is compared with took no time that could be measured."""
    return round(over / under, 2) if under else None


def seconds_of(act: Callable[[], Any]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def spent_in_turns(rounds: int, *acts: Callable[[], Spent]) -> list[Spent]:
    """The median of each act, clock and processor apart, done in turns."""
    measured = [[act() for act in acts] for _round in range(rounds)]
    return [medians(list(column)) for column in zip(*measured, strict=True)]


def ratios(name: str, spent: Spent, base: Spent, limit: float, **parts: Any) -> list[Figure]:
    """The same ratio on the clock and in processor time."""
    return [
        at_most(name, spent.wall / base.wall, limit, wall_s=spent.wall, base_wall_s=base.wall, **parts),
        at_most(f"{name} (processor)", spent.cpu / max(base.cpu, CLOCK), limit, cpu_s=spent.cpu, base_cpu_s=base.cpu),
    ]


def in_turns(rounds: int, *acts: Callable[[], float]) -> list[float]:
    """The median of each act, done in turns so that a busy moment of the machine meets all of them."""
    measured = [[act() for act in acts] for _round in range(rounds)]
    return [round(median(column), 3) for column in zip(*measured, strict=True)]
