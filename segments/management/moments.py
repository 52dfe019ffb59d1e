"""The option `--as-of` of the commands."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.core.management.base import CommandError

from segments.rules.moments import parse_moment


def add_moment(parser: ArgumentParser, *, required: bool) -> None:
    parser.add_argument("--as-of", required=required, metavar="ISO", help="date or date and time; without a time 00:00")
    parser.add_argument(
        "--timezone", default=settings.TIME_ZONE, metavar="NAME", help="zone of a moment without an offset"
    )


def moment_of(options: dict[str, Any]) -> datetime | None:
    """The moment named on the command line; CommandError with a sentence when it is none."""
    if not options["as_of"]:
        return None
    try:
        return parse_moment(options["as_of"], ZoneInfo(options["timezone"]))
    except (ZoneInfoNotFoundError, OSError) as error:
        raise CommandError(f"{options['timezone']} is not a time zone.") from error
    except (ValueError, OverflowError) as error:
        raise CommandError(f"{options['as_of']} is not a date such as 2026-11-22 or 2026-11-22T08:00.") from error
