"""What lasts for days and is shown in the calendar beside the slots: upper apps say what they have."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from core.errors import Text
from core.registries import Registry


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """From the first to the last day; `state` is a colour of the pages, `words` says the same in a word."""

    name: str
    url: str
    first: date
    last: date
    state: str
    words: Text


@dataclass(frozen=True, kw_only=True)
class StretchSource:
    """Where an app is asked what touches these days, in one query; seen by those who hold `permission`."""

    code: str
    find: Callable[[date, date], Sequence[Stretch]]
    permission: str
    order: int = 100


stretches: Registry[StretchSource] = Registry("stretches of the calendar")
