"""What compliance adds to the admin: the panel of consent, the column of channels, its menu and its work."""

from compliance.admin import content_law, member_list, member_page, recorded, registers, rights

__all__ = ["content_law", "member_list", "member_page", "recorded", "registers", "rights"]
