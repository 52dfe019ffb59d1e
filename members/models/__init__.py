"""People, what they are known by, and saved views of their list."""

from members.models.city import City
from members.models.identity import Identity
from members.models.member import Member
from members.models.saved_view import SavedView

__all__ = ["City", "Identity", "Member", "SavedView"]
