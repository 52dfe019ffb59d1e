"""Named reads of operation."""

from scrm.selectors.backups import latest_runs
from scrm.selectors.packs import packs_for, packs_to_make
from scrm.selectors.schedule import last_runs

__all__ = ["last_runs", "latest_runs", "packs_for", "packs_to_make"]
