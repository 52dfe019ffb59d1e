"""Tiers, scores and tags in the admin."""

from segments.admin import (
    audience_filter,
    audience_uses,
    explaining,
    member_list,
    member_page,
    moved_filter,
    tagging,
    work,
)

__all__ = [
    "audience_filter",
    "audience_uses",
    "explaining",
    "member_list",
    "member_page",
    "moved_filter",
    "tagging",
    "work",
]
