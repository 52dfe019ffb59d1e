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


def in_turns(rounds: int, *acts: Callable[[], float]) -> list[float]:
    """The median of each act, done in turns so that a busy moment of the machine meets all of them."""
    measured = [[act() for act in acts] for _round in range(rounds)]
    return [round(median(column), 3) for column in zip(*measured, strict=True)]
