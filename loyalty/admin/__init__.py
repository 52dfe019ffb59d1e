"""What offers add to the admin: her coupons on the member page, work for today."""

from loyalty.admin import member_page, work

__all__ = ["member_page", "work"]
