"""Staff, stores, keys of programs and notices in the admin."""

from accounts.admin.keys import ApiKeyAdmin
from accounts.admin.notices import NoticeAdmin
from accounts.admin.staff import StaffAdmin
from accounts.admin.stores import RegionAdmin, StoreAdmin

__all__ = ["ApiKeyAdmin", "NoticeAdmin", "RegionAdmin", "StaffAdmin", "StoreAdmin"]
