"""What an activity still waits for."""

from campaigns.models import Activity
from campaigns.selectors.settings import activity_settings


def needs_second_person(activity: Activity) -> bool:
    """Whether its budget waits for somebody who neither made nor leads it."""
    return activity.budget_approved_by_id is None and (activity.budget or 0) > activity_settings().budget_limit
