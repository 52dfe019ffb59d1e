"""The text of a cell as a date, a number, an id or a text. Plain, quick, and strict: what is doubtful is refused."""

import re
import unicodedata
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import lru_cache
from typing import NoReturn

from core.files.faults import BadCell, Fault

#: What spreadsheet programs show in a cell whose formula failed.
ERROR_CELLS = frozenset({"#N/A", "#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"})
SPACE = " \t\r\n\u00a0\u3000\ufeff\u200b"
MAX_DIGITS = 18

_PLAIN_NUMBER = re.compile(r"[+-]?\d{1,18}(\.\d{1,18})?")
_LONG_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
_SCIENTIFIC = re.compile(r"[+-]?\d+(\.\d+)?[eE][+-]?\d{1,3}")
_ROUNDED = re.compile(r"\d(\.\d+)?[eE]\+\d{1,3}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_CURRENCY = re.compile(r"^(?:¥|¥|\$|€|£|RMB|CNY)|(?:元|RMB|CNY)$", re.IGNORECASE)
_WHOLE_AS_FRACTION = re.compile(r"(\d+)\.0+")

_TIME = r"(?:[T ]?\s*(?P<half>上午|下午|AM|PM)?\s*(?P<h>\d{1,2})[:时](?P<mi>\d{1,2})(?:[:分](?P<s>\d{1,2})?(?:\.\d+)?秒?|分?)\s*(?P<half2>AM|PM)?)?"
_YEAR_FIRST = re.compile(r"(?P<y>\d{4})(?P<sep>[-/.])(?P<a>\d{1,2})(?P=sep)(?P<b>\d{1,2})" + _TIME, re.IGNORECASE)
_CHINESE = re.compile(r"(?P<y>\d{4})年(?P<a>\d{1,2})月(?P<b>\d{1,2})[日号]" + _TIME, re.IGNORECASE)
MONTHS, LONGEST_MONTH = 12, 31
_YEAR_LAST = re.compile(r"(?P<a>\d{1,2})(?P<sep>[-/.])(?P<b>\d{1,2})(?P=sep)(?P<y>\d{4})" + _TIME, re.IGNORECASE)
_COMPACT = re.compile(r"(?P<y>\d{4})(?P<a>\d{2})(?P<b>\d{2})(?:[T ]?(?P<h>\d{2})(?P<mi>\d{2})(?P<s>\d{2})?)?")
_SERIAL = re.compile(r"[2-7]\d{4}(\.\d+)?")
_SERIAL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a day number has no zone


class DateOrder(StrEnum):
    """How to read `03/04/2026`; without a declared order such a date is refused."""

    UNDECLARED = ""
    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"


def clean(text: str) -> str:
    """Strip what the eye does not see; full-width digits, letters and signs become the plain ones."""
    text = text.strip(SPACE)
    return text if text.isascii() else unicodedata.normalize("NFKC", text).strip(SPACE)


def _refuse(text: str, fault: Fault) -> NoReturn:
    if not text:
        raise BadCell(Fault.MISSING_VALUE)
    raise BadCell(Fault.ERROR_CELL if text in ERROR_CELLS else fault)


@lru_cache(maxsize=1 << 16)
def parse_datetime(text: str, zone: tzinfo, order: DateOrder = DateOrder.UNDECLARED) -> datetime:
    """Return the moment in UTC; a text without a zone is local time in `zone`, one without a time its midnight.

    Understood: `2026-01-02[T03:04[:05[.6]][Z|+08:00]]`, `2026/1/2 3:04`, `2026.1.2`, `20260102[030405]`,
    `2026年1月2日 [上午]3时4分`, `02/01/2026 3:04 PM` (with `order`), and day numbers of spreadsheets (`46024.5`).
    A local time that the clock skips or shows twice is read with the offset before the change.
    """
    plain = clean(text)
    moment = _iso(plain) or _numbers(plain, order)
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:
        _refuse(plain, Fault.BAD_DATE)


def _iso(text: str) -> datetime | None:
    if len(text) < 10 or text[4] != "-" or text[7] != "-":  # noqa: PLR2004 - weeks and the like are not meant
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _numbers(text: str, order: DateOrder) -> datetime:
    if _SERIAL.fullmatch(text):
        return _SERIAL_EPOCH + timedelta(seconds=round(float(text) * 86_400))
    if match := (_YEAR_FIRST.fullmatch(text) or _CHINESE.fullmatch(text) or _COMPACT.fullmatch(text)):
        return _moment(text, match, month="a", day="b")
    if match := _YEAR_LAST.fullmatch(text):
        if order is DateOrder.UNDECLARED:
            lower, upper = sorted((int(match["a"]), int(match["b"])))
            raise BadCell(Fault.AMBIGUOUS_DATE if 0 < lower <= MONTHS and upper <= LONGEST_MONTH else Fault.BAD_DATE)
        month, day = ("b", "a") if order is DateOrder.DAY_FIRST else ("a", "b")
        return _moment(text, match, month=month, day=day)
    _refuse(text, Fault.BAD_DATE)


def _moment(text: str, match: re.Match[str], *, month: str, day: str) -> datetime:
    parts = match.groupdict()
    hour = int(parts["h"] or 0)
    half = (parts.get("half") or parts.get("half2") or "").upper()
    if half in {"PM", "下午"} and hour < 12:  # noqa: PLR2004
        hour += 12
    elif half in {"AM", "上午"} and hour == 12:  # noqa: PLR2004
        hour = 0
    try:
        return datetime(  # noqa: DTZ001 - the caller gives the zone
            int(parts["y"]), int(parts[month]), int(parts[day]), hour, int(parts["mi"] or 0), int(parts["s"] or 0)
        )
    except ValueError:
        _refuse(text, Fault.BAD_DATE)


@lru_cache(maxsize=1 << 16)
def parse_decimal(text: str) -> Decimal:
    """Return the exact number: `1,234.50`, `¥1,234`, `88元`, `1.5e3`, `(12.00)` for minus, full-width digits."""
    if _PLAIN_NUMBER.fullmatch(text) and text.isascii():
        return Decimal(text)
    plain = clean(text)
    number = _sign_first(_CURRENCY.sub("", plain).strip())
    number = _sign_first(_CURRENCY.sub("", number).strip()).replace(" ", "")
    if _GROUPED.fullmatch(number):
        number = number.replace(",", "")
    elif not (_PLAIN_NUMBER.fullmatch(number) or _SCIENTIFIC.fullmatch(number)):
        _refuse(plain, Fault.OUT_OF_RANGE if _LONG_NUMBER.fullmatch(number) else Fault.BAD_NUMBER)
    return _within_range(number)


def _sign_first(number: str) -> str:
    """Book-keepers write minus as `(12.00)` or `12.00-`, and `-¥12` has its sign before the currency."""
    if number.startswith("(") and number.endswith(")"):
        return "-" + number[1:-1]
    if number.endswith("-"):
        return "-" + number[:-1]
    if number[:1] in {"-", "+"}:
        return number[0] + _CURRENCY.sub("", number[1:]).strip()
    return number


def _within_range(number: str) -> Decimal:
    try:
        value = Decimal(number)
    except InvalidOperation:
        raise BadCell(Fault.BAD_NUMBER) from None
    if value.adjusted() >= MAX_DIGITS or value.adjusted() < -MAX_DIGITS:
        raise BadCell(Fault.OUT_OF_RANGE)
    return value


@lru_cache(maxsize=1 << 16)
def parse_int(text: str) -> int:
    """Return a whole number; `17850.0` and `1,200` are whole."""
    if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS:
        return int(text)
    value = parse_decimal(text)
    whole = int(value)
    if whole != value:
        raise BadCell(Fault.NOT_WHOLE)
    return whole


@lru_cache(maxsize=1 << 16)
def parse_identifier(text: str, max_length: int = 255) -> str:
    """Return an id as text: `17850.0` is 17850, leading zeros stay.

    A spreadsheet writes a long number as `1.38E+10`, its last digits lost: refused, since it may be someone else's.
    """
    plain = clean(text)
    if match := _WHOLE_AS_FRACTION.fullmatch(plain):
        return match[1]
    if _ROUNDED.fullmatch(plain):
        raise BadCell(Fault.ROUNDED_NUMBER)
    if _CONTROL.search(plain):
        raise BadCell(Fault.BAD_CHARACTER)
    return parse_text(plain, max_length)


def parse_text(text: str, max_length: int = 255) -> str:
    """Return the text without white space around it; empty is a missing value."""
    plain = text.strip(SPACE)
    if not plain or plain in ERROR_CELLS:
        _refuse(plain, Fault.MISSING_VALUE)
    if len(plain) > max_length:
        raise BadCell(Fault.TOO_LONG)
    return plain


def looks_like_number(text: str) -> bool:
    """True for a number as programs write it, without a currency."""
    return bool(_PLAIN_NUMBER.fullmatch(clean(text)))


def looks_like_value(text: str) -> bool:
    """True for a number or a date, which no one gives a column as its name."""
    plain = clean(text)
    return bool(_PLAIN_NUMBER.fullmatch(plain) or _YEAR_FIRST.match(plain) or _CHINESE.match(plain))
