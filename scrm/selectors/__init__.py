"""Named reads of operation."""

from scrm.selectors.backups import latest_runs
from scrm.selectors.schedule import last_runs

__all__ = ["last_runs", "latest_runs"]
