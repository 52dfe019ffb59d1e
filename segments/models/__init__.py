"""Scores, tiers and tags; importing them registers the filters of members that they bring."""

from segments.models.audiences import Audience, AudienceSize, AudienceUse, Use, audience_uses
from segments.models.member_filters import tagged
from segments.models.requests import RunRequest
from segments.models.runs import GoalProgress, TierChange, TierRun, TierSnapshot
from segments.models.standing import MemberStanding
from segments.models.tags import MemberTag, MemberTagEvent, Tag, TagGroup
from segments.models.tiers import RfmConfig, Tier, TierCriterion

__all__ = [
    "Audience",
    "AudienceSize",
    "AudienceUse",
    "GoalProgress",
    "MemberStanding",
    "MemberTag",
    "MemberTagEvent",
    "RfmConfig",
    "RunRequest",
    "Tag",
    "TagGroup",
    "Tier",
    "TierChange",
    "TierCriterion",
    "TierRun",
    "Use",
    "audience_uses",
    "TierSnapshot",
    "tagged",
]
