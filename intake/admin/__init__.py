"""Imports in the admin: a file, what its columns mean, a trial, the import, its report."""

from intake.admin import work
from intake.admin.jobs import ImportAdmin

__all__ = ["ImportAdmin", "work"]
