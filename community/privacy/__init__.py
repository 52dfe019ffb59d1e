"""What communities know of a member: given out on request, and what goes with her."""

from community.privacy import earnings, groups, koc, moderation

__all__ = ["earnings", "groups", "koc", "moderation"]
