"""Every write of members."""

from members.services.loading import REFUSED, MemberIn, MembersLoaded, load_members, prepare_members
from members.services.recording import MembersRecorded, decide_members, record_members
from members.services.resolving import RESOLVED, ensure_members

__all__ = [
    "REFUSED",
    "RESOLVED",
    "MemberIn",
    "MembersLoaded",
    "MembersRecorded",
    "decide_members",
    "ensure_members",
    "load_members",
    "prepare_members",
    "record_members",
]
