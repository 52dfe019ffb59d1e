"""What the brand has set for its activities."""

from decimal import Decimal

from campaigns.models import ActivitySettings, Band
from campaigns.rules.funnel import BandSpan

BUDGET_LIMIT = Decimal(50_000)


def activity_settings() -> ActivitySettings:
    """The one row; one that is missing reads as the defaults."""
    return ActivitySettings.objects.first() or ActivitySettings(pk=1, budget_limit=BUDGET_LIMIT)


def bands() -> dict[str, dict[str, BandSpan]]:
    """By level and measure; one query."""
    found: dict[str, dict[str, BandSpan]] = {}
    for band in Band.objects.all():
        span = BandSpan(low=float(band.low), high=None if band.high is None else float(band.high))
        found.setdefault(band.level, {})[band.measure] = span
    return found
