"""Activities with their facts, and tracked links."""

from campaigns.models.activities import Activity, ActivityCode, ActivityMember, ActivityOffer
from campaigns.models.facts import Attribution, Cost, Participation
from campaigns.models.festivals import FestivalPlan
from campaigns.models.links import LinkClick, LinkDay, TrackedLink
from campaigns.models.settings import ActivitySettings, Band, LinkHost

__all__ = [
    "Activity",
    "ActivityCode",
    "ActivityMember",
    "ActivityOffer",
    "ActivitySettings",
    "Attribution",
    "Band",
    "Cost",
    "FestivalPlan",
    "LinkClick",
    "LinkDay",
    "LinkHost",
    "Participation",
    "TrackedLink",
]
