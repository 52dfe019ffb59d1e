"""After a restore into another server: transaction numbers start low there, and the timeline's must not."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from accounts.models import User
from audit.services import record

# Horizons are kept by others too (the runs of the tiering), and they lie above the last fact by as many transactions as
# the old server saw after it: more than any server sees.
GAP = 1 << 40

_STORED = """
SELECT greatest(
    (SELECT coalesce(max(xid), 0) FROM timeline_purchase), (SELECT coalesce(max(xid), 0) FROM timeline_interaction),
    (SELECT coalesce(max(xid), 0) FROM timeline_touch), (SELECT coalesce(max(xid), 0) FROM timeline_rebuild),
    (SELECT coalesce(max(xid), 0) FROM timeline_cursor)
)
"""


@dataclass(frozen=True, kw_only=True)
class Adopted:
    """The offset of this server, and whether it was set just now."""

    offset: int
    new: bool


@transaction.atomic
def adopt_cluster(*, by: User | None, now: datetime) -> Adopted:
    """Make this server's transaction numbers continue above every stored one. Runs as the owner; repeating is harmless.

    The offset counts from this very transaction, whose number is the smallest that can still write facts here.
    """
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE timeline_cluster IN EXCLUSIVE MODE")
        cursor.execute(
            "SELECT xid_offset FROM timeline_cluster "
            "WHERE system_identifier = (SELECT system_identifier FROM pg_control_system())"
        )
        known = cursor.fetchone()
        if known is not None:
            return Adopted(offset=known[0], new=False)
        cursor.execute(_STORED)
        (stored,) = cursor.fetchone()
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        (lowest,) = cursor.fetchone()
        offset = stored + GAP - lowest
        cursor.execute(
            "INSERT INTO timeline_cluster (system_identifier, xid_offset) "
            "SELECT system_identifier, %s FROM pg_control_system()",
            [offset],
        )
        cursor.execute("SELECT set_config('timeline.xid_offset', '', false)")
    record(by=by, action="timeline.adopt_cluster", changes={"offset": [None, offset]}, at=now)
    return Adopted(offset=offset, new=True)
