"""What offers add to the admin: her coupons on the member page, work for today."""

from loyalty.admin import member_page, timeline_words, work

__all__ = ["member_page", "timeline_words", "work"]
