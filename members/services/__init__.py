"""Every write of members."""

from members.services.resolving import RESOLVED, ensure_members

__all__ = ["RESOLVED", "ensure_members"]
