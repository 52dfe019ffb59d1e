"""Draws that the generators share. Each part draws from a stream of its own, so that a change in one moves no other."""

from typing import Any, TypeAlias
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
Stream: TypeAlias = np.random.Generator


def stream(seed: int, part: str) -> Stream:
    """The random numbers of one part for one seed, the same on every machine."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, crc32(part.encode())])))


def pick(draw: Stream, weights: Any, size: int) -> Array:
    """Places drawn with these weights."""
    shares = np.asarray(weights, dtype=float)
    return draw.choice(len(shares), size=size, p=shares / shares.sum())


def ramp(weights: Array) -> Array:
    """Cumulated weights with a leading 0: `ramp[d]` is what lies before day d."""
    return np.concatenate(([0.0], np.cumsum(weights)))


def days_between(draw: Stream, ramped: Array, begin: Array, end: Array) -> Array:
    """One day in [begin, end) for each pair, drawn by the weights under `ramped`; begin < end."""
    low, high = ramped[begin], ramped[end]
    drawn = low + draw.random(len(low)) * (high - low)
    day: Array = np.clip(np.searchsorted(ramped, drawn, side="right") - 1, begin, end - 1)
    return day


def seconds_of_day(draw: Stream, hours: Any, size: int) -> Array:
    """Seconds since midnight by the weights of 24 hours."""
    return pick(draw, hours, size) * 3600 + draw.integers(0, 3600, size)
