"""A line through days, as numbers for an SVG of 100 × 100 that stretches to its place; a gap where nothing is known."""

from collections.abc import Sequence
from dataclasses import dataclass

SIZE, ROOM = 100.0, 0.08


@dataclass(frozen=True)
class Drawing:
    """`pieces` are lists of points for polylines, `dots` single days between gaps; the band is its upper edge and height."""

    pieces: tuple[str, ...]
    dots: tuple[tuple[float, float], ...]
    band: tuple[float, float] | None
    bottom: float
    top: float


def drawing(values: Sequence[float | None], low: float | None, high: float | None) -> Drawing | None:
    """None where nothing is known. The axis begins at 0, or below where values do."""
    known = [value for value in values if value is not None]
    if not known:
        return None
    edges = [edge for edge in (low, high) if edge is not None]
    bottom, top = min([0.0, *known, *edges]), max([0.0, *known, *edges])
    top += (top - bottom or 1.0) * ROOM

    def down(value: float) -> float:
        return round(SIZE * (top - value) / (top - bottom), 2)

    def across(place: int) -> float:
        return round(SIZE * place / max(1, len(values) - 1), 2)

    runs: list[list[tuple[float, float]]] = [[]]
    for place, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append((across(place), down(value)))
    return Drawing(
        tuple(" ".join(f"{x},{y}" for x, y in run) for run in runs if len(run) > 1),
        tuple(run[0] for run in runs if len(run) == 1),
        _band(low, high, bottom, top),
        bottom,
        top,
    )


def _band(low: float | None, high: float | None, bottom: float, top: float) -> tuple[float, float] | None:
    if low is None and high is None:
        return None
    upper = top if high is None else high
    lower = bottom if low is None else low
    scale = SIZE / (top - bottom)
    return round((top - upper) * scale, 2), round(max(0.0, upper - lower) * scale, 2)
