"""Writes of operation: the ledger of the schedule, backups, restores, drills, audit packs."""

from scrm.services.schedule import (
    begin_run,
    claim_run,
    end_run,
    forget_old_runs,
    give_back_run,
    switch_task,
    sync_schedules,
)

__all__ = [
    "begin_run",
    "claim_run",
    "end_run",
    "forget_old_runs",
    "give_back_run",
    "switch_task",
    "sync_schedules",
]
