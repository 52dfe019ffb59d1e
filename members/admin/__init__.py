"""Members in the admin: the list, the page of one member, cities."""

from members.admin import columns, exporting, merging, panels, revealing
from members.admin.cities import CityAdmin
from members.admin.member import MemberAdmin

__all__ = ["CityAdmin", "MemberAdmin", "columns", "exporting", "merging", "panels", "revealing"]
