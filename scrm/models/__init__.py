"""Rows of operation: planned runs, backups and drills, audit packs."""

from scrm.models.backup import BackupRun
from scrm.models.pack import AuditPack
from scrm.models.schedule import ScheduledRun

__all__ = ["AuditPack", "BackupRun", "ScheduledRun"]
