"""Keeping the sums per member and day. One writer at a time for each table of sums; it waits for another."""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

from django.conf import settings
from django.db.backends.utils import CursorWrapper

from timeline.rules.rollups import TOUCHED, Rollup


def compute_touched_days(cursor: CursorWrapper, rollup: Rollup, *, batch: str) -> None:
    """Compute the days anew on which the facts of a batch lie."""
    _alone(cursor, rollup)
    cursor.execute("DROP TABLE IF EXISTS pg_temp.timeline_touched")
    cursor.execute(TOUCHED.replace("{batch}", batch), {"zone": settings.TIME_ZONE})
    cursor.execute("ANALYZE timeline_touched")
    cursor.execute(rollup.compute("timeline_touched"))


def compute_members(cursor: CursorWrapper, rollup: Rollup, *, batch: str) -> None:
    """Compute all days anew of the members that a batch names."""
    _alone(cursor, rollup)
    members = f"(SELECT member_id FROM {batch})"
    cursor.execute(f"DELETE FROM {rollup.table} WHERE member_id IN {members}")
    cursor.execute(rollup.compute_all(f"fact.member_id IN {members}"), {"zone": settings.TIME_ZONE})


def compute_everything(cursor: CursorWrapper, rollup: Rollup) -> None:
    """All sums from all facts, by one statement."""
    _alone(cursor, rollup)
    cursor.execute(f"DELETE FROM {rollup.table}")
    cursor.execute(rollup.compute_all(), {"zone": settings.TIME_ZONE})


def _alone(cursor: CursorWrapper, rollup: Rollup) -> None:
    cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [rollup.table])
