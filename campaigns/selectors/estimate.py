"""The dry run of an activity: how many would be in it now, and whom the contact gate keeps from messages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from campaigns.errors import AudienceEmpty
from campaigns.models import Activity
from compliance.enums.consent import Purpose
from compliance.selectors.gate import judge
from segments.selectors.audiences import members_of, patient


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """`first` counts members by the gate's first reason at `at`; `each` is what the budget leaves for one member."""

    at: datetime
    members: int
    allowed: int
    first: Mapping[str, int]
    each: Decimal | None


def dry_run(activity: Activity, *, now: datetime) -> Estimate:
    """One statement over the audience as its rule finds it now, judged at the start; nothing is stored.

    Raises AudienceEmpty, AudienceInvalid, or AudienceTooSlow where it takes longer than a page waits.
    """
    if activity.audience is None:
        raise AudienceEmpty
    at = max(activity.starts_at or now, now)
    members = members_of(activity.audience, now=now)
    with patient():
        found = judge(members, purpose=Purpose.MARKETING, channel=activity.channel, at=at)
    if not found.members:
        raise AudienceEmpty
    each = None if activity.budget is None else activity.budget / found.members
    return Estimate(
        at=at,
        members=found.members,
        allowed=found.allowed,
        first={str(reason): people for reason, people in found.first.items()},
        each=each,
    )
