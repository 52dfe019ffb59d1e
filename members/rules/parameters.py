"""Reading the values of a filter from the parameters of an address, a saved view or the rule of a tag."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

Parameters = Mapping[str, Sequence[str] | str]

LONGEST = 200
MOST = 100
_AGO = re.compile(r"-(\d{1,4})d")


class NotUnderstood(ValueError):
    """A value that the filter has no use for; the argument is the parameter's name."""


@dataclass(frozen=True)
class Span:
    """From `start` (included) to `end` (included for numbers, excluded for moments); None is open."""

    start: Any = None
    end: Any = None


def texts(parameters: Parameters, name: str) -> list[str]:
    """The values of one parameter without empty ones and repetitions, in the order given."""
    given = parameters.get(name, ())
    values = [given] if isinstance(given, str) else [str(value) for value in given]
    found = list(dict.fromkeys(value.strip() for value in values if value.strip()))
    if len(found) > MOST or any(len(value) > LONGEST or "\x00" in value for value in found):
        raise NotUnderstood(name)
    return found


def one_text(parameters: Parameters, name: str) -> str:
    found = texts(parameters, name)
    if len(found) > 1:
        raise NotUnderstood(name)
    return found[0] if found else ""


def number_span(parameters: Parameters, name: str) -> Span | None:
    """`name_from` and `name_to`, both included."""
    return _span(name, _number(parameters, f"{name}_from"), _number(parameters, f"{name}_to"))


def moment_span(parameters: Parameters, name: str, *, now: datetime, zone: tzinfo) -> Span | None:
    """`name_from` and `name_to`: days (2026-03-01, both whole and included), or `-30d`: so many times 24 hours ago."""
    start = _moment(parameters, f"{name}_from", now=now, zone=zone, last=False)
    return _span(name, start, _moment(parameters, f"{name}_to", now=now, zone=zone, last=True))


def _span(name: str, start: Any, end: Any) -> Span | None:
    if start is not None and end is not None and start > end:
        raise NotUnderstood(f"{name}_to")
    return None if start is None and end is None else Span(start, end)


def _number(parameters: Parameters, name: str) -> Decimal | None:
    text = one_text(parameters, name).replace(",", "")
    if not text:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise NotUnderstood(name) from None
    if not number.is_finite() or abs(number) >= 10**12:
        raise NotUnderstood(name)
    return number


def days_ago(text: str) -> int | None:
    """How many days `-30d` means; None for anything else."""
    ago = _AGO.fullmatch(text)
    return int(ago[1]) if ago else None


def _moment(parameters: Parameters, name: str, *, now: datetime, zone: tzinfo, last: bool) -> datetime | None:
    text = one_text(parameters, name)
    if not text:
        return None
    ago = days_ago(text)
    if ago is not None:
        return now - timedelta(days=ago)
    try:
        day = date.fromisoformat(text)
        return datetime.combine(day + timedelta(days=last), time(), zone)
    except (ValueError, OverflowError):
        raise NotUnderstood(name) from None
