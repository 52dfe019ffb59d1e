"""Running consumers: rows in order, effect and cursor in one transaction, one runner per consumer."""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

from datetime import datetime

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from timeline.errors import ConsumerBusy, ConsumersFailed
from timeline.models import Consumer, consumers

BATCH = "timeline_batch"
LAST_ID = (1 << 63) - 1
MOST_BATCHES = 500

# A transaction that is still open may yet commit rows with a smaller number than those that can be seen: nothing at or
# above the horizon is read.
_READ = f"""
CREATE TEMP TABLE {BATCH} ON COMMIT DROP AS
SELECT * FROM {{table}}
WHERE (xid, id) > (%(xid)s, %(id)s) AND xid < %(horizon)s
ORDER BY xid, id
LIMIT %(size)s
"""


def follow(consumer: Consumer, *, now: datetime, batches: int = MOST_BATCHES) -> int:
    """Let the consumer see everything new, at most so many batches; answers how many rows it saw.

    Raises ConsumerBusy if another process runs it. After a kill the next run goes on where the last effect stands.
    """
    seen = 0
    for _batch in range(batches):
        rows = _step(consumer, now)
        if rows is None:
            continue
        seen += rows
        if rows < consumer.batch_size:
            break
    return seen


def follow_all(*, now: datetime) -> dict[str, int]:
    """Every consumer in turn; one that is busy elsewhere is left to whoever runs it.

    One that fails stops no other. Raises ConsumersFailed at the end, which names all that did; what they did not see
    waits for the next run.
    """
    seen, failures = {}, {}
    for consumer in consumers:
        try:
            seen[consumer.code] = follow(consumer, now=now)
        except ConsumerBusy:
            continue
        except Exception as error:  # noqa: BLE001  # raised below, when the others have had their turn
            failures[consumer.code] = error
    if failures:
        said = ", ".join(f"{code} ({type(error).__name__})" for code, error in failures.items())
        raise ConsumersFailed(ConsumersFailed.message % {"consumers": said}) from ExceptionGroup(
            "consumers", list(failures.values())
        )
    return seen


@transaction.atomic
def _step(consumer: Consumer, now: datetime) -> int | None:
    """One batch: how many rows it had; None for the beginning, which deals with all at one stroke."""
    with connection.cursor() as cursor:
        xid, last_id = _claim(cursor, consumer)
        cursor.execute("SELECT timeline_horizon()")
        (horizon,) = cursor.fetchone()
        if (xid, last_id) == (0, 0) and consumer.begin(cursor):
            _move(cursor, consumer, horizon - 1, LAST_ID, now)
            return None
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{BATCH}")
        values = {"xid": xid, "id": last_id, "horizon": horizon, "size": consumer.batch_size}
        cursor.execute(_READ.replace("{table}", consumer.table), values)
        rows = int(cursor.rowcount)
        if rows:
            cursor.execute(f"ANALYZE {BATCH}")
            consumer.handle(cursor, BATCH)
            cursor.execute(f"SELECT xid, id FROM {BATCH} ORDER BY xid DESC, id DESC LIMIT 1")
            reached_xid, reached_id = cursor.fetchone()
            _move(cursor, consumer, reached_xid, reached_id, now)
    return rows


def _claim(cursor: CursorWrapper, consumer: Consumer) -> tuple[int, int]:
    find = "SELECT xid, last_id FROM timeline_cursor WHERE consumer = %s FOR UPDATE SKIP LOCKED"
    cursor.execute(find, [consumer.code])
    found = cursor.fetchone()
    if found is None:
        cursor.execute(
            "INSERT INTO timeline_cursor (consumer, xid, last_id) VALUES (%s, 0, 0) ON CONFLICT DO NOTHING",
            [consumer.code],
        )
        cursor.execute(find, [consumer.code])
        found = cursor.fetchone()
    if found is None:
        raise ConsumerBusy
    return found[0], found[1]


def _move(cursor: CursorWrapper, consumer: Consumer, xid: int, last_id: int, now: datetime) -> None:
    cursor.execute(
        "UPDATE timeline_cursor SET xid = %s, last_id = %s, moved_at = %s WHERE consumer = %s",
        [xid, last_id, now, consumer.code],
    )
