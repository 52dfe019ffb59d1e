"""Every write of members."""

from members.services.recording import MembersRecorded, decide_members, record_members
from members.services.resolving import RESOLVED, ensure_members

__all__ = ["MembersRecorded", "decide_members", "record_members", "RESOLVED", "ensure_members"]
