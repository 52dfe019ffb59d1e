"""What has to be done before an activity starts, on days counted back from its start."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

#: Days before the start by which each step should be done: a reviewer takes days, a printer longer.
DAYS_BEFORE = {"text": 7, "budget": 5, "offers": 3, "content": 2, "schedule": 1}


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What is done already, `budget` also where none is needed; `offers` and `content` are None where none is planned."""

    text: bool
    budget: bool
    offers: bool | None
    content: bool | None
    schedule: bool


@dataclass(frozen=True)
class Check:
    """`state` is good (done), watch (due within two days, or now), act (late), none (there is time, or nothing to do).

    `empty`: nothing is planned that could be done. `at_once`: the day was over when the activity was made.
    """

    code: str
    due: datetime
    state: str
    empty: bool = False
    at_once: bool = False


def checks_of(standing: Standing, start: datetime, now: datetime, *, made: datetime) -> Sequence[Check]:
    """In the order of their days. What was due before the activity was made is late from its start on only."""
    found = []
    for code, days in DAYS_BEFORE.items():
        due = start - timedelta(days=days)
        missed = due < made and now < start
        found.append(_check(code, getattr(standing, code), due, now, at_once=missed))
    return found


def _check(code: str, done: bool | None, due: datetime, now: datetime, *, at_once: bool) -> Check:  # noqa: FBT001
    if done is None:
        return Check(code, due, "none", empty=True)
    if done:
        return Check(code, due, "good")
    if at_once:
        return Check(code, due, "watch", at_once=True)
    if due <= now:
        return Check(code, due, "act")
    return Check(code, due, "watch" if due - now <= timedelta(days=2) else "none")
