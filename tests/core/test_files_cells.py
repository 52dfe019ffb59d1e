"""Texts of cells as dates, numbers and ids."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.files import BadCell, DateOrder, Fault, parse_datetime, parse_decimal, parse_identifier, parse_int, parse_text
from core.files.cells import looks_like_value

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=SHANGHAI).astimezone(UTC)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-02 03:04:05", at(2026, 1, 2, 3, 4, 5)),
        ("2026-01-02T03:04", at(2026, 1, 2, 3, 4)),
        ("2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02 03:04:05+09:00", datetime(2026, 1, 1, 18, 4, 5, tzinfo=UTC)),
        ("2026-01-02 03:04:05.250", at(2026, 1, 2, 3, 4, 5, 250_000)),
        ("2026-01-02", at(2026, 1, 2)),
        ("2026-1-2", at(2026, 1, 2)),
        ("2026/1/2 3:04", at(2026, 1, 2, 3, 4)),
        ("2026/01/02 03:04:05", at(2026, 1, 2, 3, 4, 5)),
        ("2026.1.2", at(2026, 1, 2)),
        ("20260102", at(2026, 1, 2)),
        ("20260102030405", at(2026, 1, 2, 3, 4, 5)),
        ("20260102 0304", at(2026, 1, 2, 3, 4)),
        ("2026年1月2日", at(2026, 1, 2)),
        ("2026年1月2日 15:04", at(2026, 1, 2, 15, 4)),
        ("2026年1月2日下午3时4分5秒", at(2026, 1, 2, 15, 4, 5)),
        ("2026年1月2日 上午12时4分", at(2026, 1, 2, 0, 4)),
        ("2026/1/2 3:04:05 PM", at(2026, 1, 2, 15, 4, 5)),
        ("２０２６－０１－０２　０３：０４", at(2026, 1, 2, 3, 4)),
        ("46024", at(2026, 1, 2)),
        ("46024.5", at(2026, 1, 2, 12)),
        ("  2026-01-02\u3000", at(2026, 1, 2)),
    ],
)
def test_datetime_is_understood(text: str, moment: datetime) -> None:
    assert parse_datetime(text, SHANGHAI) == moment


@pytest.mark.parametrize(
    ("text", "order", "moment"),
    [
        ("03/04/2026", DateOrder.DAY_FIRST, at(2026, 4, 3)),
        ("03/04/2026", DateOrder.MONTH_FIRST, at(2026, 3, 4)),
        ("3.4.2026 15:04", DateOrder.DAY_FIRST, at(2026, 4, 3, 15, 4)),
        ("12/1/2026 8:26 PM", DateOrder.MONTH_FIRST, at(2026, 12, 1, 20, 26)),
    ],
)
def test_datetime_with_declared_order(text: str, order: DateOrder, moment: datetime) -> None:
    assert parse_datetime(text, SHANGHAI, order) == moment


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", Fault.MISSING_VALUE),
        ("  ", Fault.MISSING_VALUE),
        ("03/04/2026", Fault.AMBIGUOUS_DATE),
        ("2026-13-02", Fault.BAD_DATE),
        ("2026-02-30", Fault.BAD_DATE),
        ("20261302", Fault.BAD_DATE),
        ("2026-01-02 25:00", Fault.BAD_DATE),
        ("yesterday", Fault.BAD_DATE),
        ("2026-01-02 03:04:05 and more", Fault.BAD_DATE),
        ("0000-00-00 00:00:00", Fault.BAD_DATE),
        ("9999-12-31T23:59:59-12:00", Fault.BAD_DATE),
        ("0001-01-01", Fault.BAD_DATE),
        ("#N/A", Fault.ERROR_CELL),
    ],
)
def test_datetime_refuses(text: str, fault: Fault) -> None:
    with pytest.raises(BadCell) as refused:
        parse_datetime(text, SHANGHAI)
    assert refused.value.fault is fault


def test_datetime_in_the_hour_shown_twice_is_the_first() -> None:
    assert parse_datetime("2026-10-25 02:30", ZoneInfo("Europe/Berlin")) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2.55", "2.55"),
        ("-3", "-3"),
        ("+3", "3"),
        ("1,234.50", "1234.50"),
        ("1，234.50", "1234.50"),
        ("¥1,234", "1234"),
        ("￥1,234.5", "1234.5"),
        ("-¥12.00", "-12.00"),
        ("¥-12.00", "-12.00"),
        ("88元", "88"),
        ("RMB 88", "88"),
        ("1.5e3", "1500"),
        ("(12.00)", "-12.00"),
        ("12.00-", "-12.00"),
        ("１２．５", "12.5"),
        (" 7 ", "7"),
        ("0", "0"),
    ],
)
def test_decimal_is_understood(text: str, number: str) -> None:
    assert parse_decimal(text) == Decimal(number)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", Fault.MISSING_VALUE),
        ("n/a", Fault.BAD_NUMBER),
        ("NaN", Fault.BAD_NUMBER),
        ("Infinity", Fault.BAD_NUMBER),
        ("1_000", Fault.BAD_NUMBER),
        ("12,34", Fault.BAD_NUMBER),
        ("1.234,50", Fault.BAD_NUMBER),
        ("1e400", Fault.OUT_OF_RANGE),
        ("1e99", Fault.OUT_OF_RANGE),
        ("9" * 40, Fault.OUT_OF_RANGE),
        ("--5", Fault.BAD_NUMBER),
        ("#DIV/0!", Fault.ERROR_CELL),
    ],
)
def test_decimal_refuses(text: str, fault: Fault) -> None:
    with pytest.raises(BadCell) as refused:
        parse_decimal(text)
    assert refused.value.fault is fault


def test_int_takes_whole_numbers_only() -> None:
    assert [parse_int(text) for text in ("17850", "17850.0", "1,200", "-2", "１２")] == [17850, 17850, 1200, -2, 12]
    with pytest.raises(BadCell) as refused:
        parse_int("2.5")
    assert refused.value.fault is Fault.NOT_WHOLE


def test_identifier_loses_the_fraction_a_spreadsheet_adds() -> None:
    texts = ("17850.0", "17850", "007", " A-1 ", "１７", "12.50")
    assert [parse_identifier(text) for text in texts] == ["17850", "17850", "007", "A-1", "17", "12.50"]


def test_identifier_that_a_spreadsheet_rounded_is_refused() -> None:
    with pytest.raises(BadCell) as refused:
        parse_identifier("1.38E+10")
    assert refused.value.fault is Fault.ROUNDED_NUMBER


def test_text_is_stripped_and_limited() -> None:
    assert parse_text("\u3000林晓 🦌\u200b", 4) == "林晓 🦌"
    for text, fault in (("abcde", Fault.TOO_LONG), (" ", Fault.MISSING_VALUE), ("#REF!", Fault.ERROR_CELL)):
        with pytest.raises(BadCell) as refused:
            parse_text(text, 4)
        assert refused.value.fault is fault


@given(st.text())
def test_any_text_is_a_value_or_a_fault(text: str) -> None:
    for parse in (lambda cell: parse_datetime(cell, UTC), parse_decimal, parse_int, parse_identifier, parse_text):
        try:
            parse(text)
        except BadCell as refused:
            assert refused.fault in Fault


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12))
def test_decimal_reads_back_what_was_written(number: Decimal) -> None:
    assert parse_decimal(f"{number:,.4f}") == number


@given(st.datetimes(min_value=datetime(1950, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001
def test_datetime_reads_back_what_was_written(moment: datetime) -> None:
    assert parse_datetime(moment.isoformat(sep=" "), UTC) == moment.replace(tzinfo=UTC)


def test_values_are_told_from_column_names() -> None:
    assert [
        text for text in ("17850.0", "2026-01-02", "2026年1月2日 3:04", "订单", "id", "") if looks_like_value(text)
    ] == [
        "17850.0",
        "2026-01-02",
        "2026年1月2日 3:04",
    ]
