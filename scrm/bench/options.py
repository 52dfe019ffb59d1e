"""What the benches share: how many members, and where to say how far they are."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    members: int
    rounds: int
    say: Callable[[str], None]
