"""Periodic tasks (django-celery-beat's own tables, in our look, with what the last run did), backups and drills."""

from scrm.admin import work
from scrm.admin.backups import BackupRunAdmin
from scrm.admin.periodic import PeriodicTaskAdmin

__all__ = ["BackupRunAdmin", "PeriodicTaskAdmin", "work"]
