"""Tiers, scores and tags in the admin."""

from segments.admin import member_list, member_page, moved_filter, tagging, work

__all__ = ["member_list", "member_page", "moved_filter", "tagging", "work"]
