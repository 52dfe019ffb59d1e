"""How a group does beside the band of its type."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Band:
    """Messages a day that are healthy, both ends included."""

    low: int
    high: int


def judge(average: float | None, band: Band) -> str:
    """`quiet`, `healthy` or `noisy`; `unknown` where nothing was observed."""
    if average is None:
        return "unknown"
    if average < band.low:
        return "quiet"
    return "noisy" if average > band.high else "healthy"


def share(part: int, whole: int) -> float | None:
    """None where there is nobody to have a share of."""
    return part / whole if whole else None
