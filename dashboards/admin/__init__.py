"""Results in other pages of the admin: the member list and page, Today."""

from dashboards.admin import member_list, member_page, metric_work, work

__all__ = ["member_list", "member_page", "metric_work", "work"]
