"""Communities in the admin: settings, and their part in other pages."""

from community.admin import earnings, explaining, koc, slot_owners, work
from community.pages import incentive_panels

__all__ = ["earnings", "explaining", "incentive_panels", "koc", "slot_owners", "work"]
