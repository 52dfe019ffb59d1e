"""Reading the moment that an operator names."""

from datetime import UTC, datetime, tzinfo


def parse_moment(text: str, zone: tzinfo) -> datetime:
    """An ISO date or date and time in UTC; without a time it is 00:00, without an offset it is in `zone`.

    Raises ValueError with the text when it is neither.
    """
    moment = datetime.fromisoformat(text.strip())
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
