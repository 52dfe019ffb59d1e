"""What has to be done before an activity starts, on days counted back from its start."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

#: Days before the start by which each step should be done: a reviewer takes days, a printer longer.
DAYS_BEFORE = {"text": 7, "budget": 5, "offers": 3, "content": 2, "schedule": 1}


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What is done already, `offers` and `budget` also where none are needed; `content` is None where no slot is its."""

    text: bool
    budget: bool
    offers: bool
    content: bool | None
    schedule: bool


@dataclass(frozen=True)
class Check:
    """`state` is good (done), watch (due within two days), act (late), none (there is time, or `empty`: nothing to do)."""

    code: str
    due: datetime
    state: str
    empty: bool = False


def checks_of(standing: Standing, start: datetime, now: datetime) -> Sequence[Check]:
    """In the order of their days."""
    return [
        _check(code, getattr(standing, code), start - timedelta(days=days), now) for code, days in DAYS_BEFORE.items()
    ]


def _check(code: str, done: object, due: datetime, now: datetime) -> Check:
    if done is None:
        return Check(code, due, "none", empty=True)
    if done:
        return Check(code, due, "good")
    if due <= now:
        return Check(code, due, "act")
    return Check(code, due, "watch" if due - now <= timedelta(days=2) else "none")
