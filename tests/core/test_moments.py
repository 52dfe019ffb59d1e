"""Days and moments that somebody says."""

from datetime import UTC, date, datetime

import pytest

from core.moments import read_day, read_moment


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2000-01-01", date(2000, 1, 1)),
        (" 2100-12-31 ", date(2100, 12, 31)),
        ("1999-12-31", None),
        ("2101-01-01", None),
        ("0001-01-01", None),
        ("9999-12-31", None),
        ("2026-02-30", None),
        ("2026-11-24T10:00", None),
        ("20261124", date(2026, 11, 24)),
        ("soon", None),
        ("", None),
    ],
)
def test_day_is_read_within_its_years(text: str, found: date | None) -> None:
    assert read_day(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2026-11-24T20:00", datetime(2026, 11, 24, 12, tzinfo=UTC)),
        ("2026-11-24T20:00Z", datetime(2026, 11, 24, 20, tzinfo=UTC)),
        ("2000-01-01T00:00Z", datetime(2000, 1, 1, tzinfo=UTC)),
        ("2000-01-01T00:00", None),  # still 1999 where the clocks of the world begin
        ("2100-12-31T23:59Z", datetime(2100, 12, 31, 23, 59, tzinfo=UTC)),
        ("2101-01-01T00:00Z", None),
        ("0001-01-01T00:00", None),
        ("0001-01-01T00:00+14:00", None),
        ("9999-12-31T23:59", None),
        ("9999-12-31T23:59-14:00", None),
        ("soon", None),
        ("", None),
    ],
)
def test_moment_is_read_within_its_years(text: str, found: datetime | None) -> None:
    assert read_moment(text) == found
