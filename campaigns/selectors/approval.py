"""What an activity still waits for, and whether what was approved still stands."""

from decimal import Decimal

from campaigns.models import Activity
from campaigns.selectors.settings import activity_settings
from segments.selectors.fingerprints import fingerprint


def limit_of(activity: Activity) -> Decimal:
    """Above it a second person approves: the brand's limit, as it stood when the activity was first submitted."""
    return activity_settings().budget_limit if activity.budget_limit is None else activity.budget_limit


def needs_second_person(activity: Activity) -> bool:
    """Whether its budget waits for somebody who neither made nor leads it."""
    return activity.budget_approved_by_id is None and (activity.budget or 0) > limit_of(activity)


def is_audience_rewritten(activity: Activity) -> bool:
    """Whether the audience's rule says something else than when the activity was submitted.

    What was submitted before fingerprints were kept has none: what its rule said then is unknown, not rewritten.
    """
    if activity.audience is None or not activity.audience_rule:
        return False
    return fingerprint(activity.audience) != activity.audience_rule
