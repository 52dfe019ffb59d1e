"""What messaging puts into pages of others."""

from messaging.admin import work

__all__ = ["work"]
