"""The record of acts in the admin, how its seals stand, and the base for tables whose every edit is recorded."""

from audit.admin import work
from audit.admin.entries import AuditEntryAdmin
from audit.admin.recorded import RecordedAdmin

__all__ = ["AuditEntryAdmin", "RecordedAdmin", "work"]
