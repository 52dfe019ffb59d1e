"""Campaigns in other pages of the admin: the member page, Today, audiences."""

from campaigns.admin import member_page, uses, work

__all__ = ["member_page", "uses", "work"]
