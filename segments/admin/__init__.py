"""Tiers, scores and tags in the admin."""

from segments.admin import member_list

__all__ = ["member_list"]
