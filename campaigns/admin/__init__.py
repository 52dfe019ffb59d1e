"""Campaigns in other pages of the admin: the member page, Today, audiences, the calendar."""

from campaigns.admin import calendar_days, member_page, slot_owners, timeline_words, uses, work

__all__ = ["calendar_days", "member_page", "slot_owners", "timeline_words", "uses", "work"]
