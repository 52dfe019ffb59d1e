"""Tiers, scores and tags in the admin."""

from segments.admin import explaining, member_list, member_page, moved_filter, tagging, work

__all__ = ["explaining", "member_list", "member_page", "moved_filter", "tagging", "work"]
