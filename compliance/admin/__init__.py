"""What compliance adds to the admin of members: the panel of consent, the column of reachable channels."""

from compliance.admin import member_list, member_page, rights

__all__ = ["member_list", "member_page", "rights"]
