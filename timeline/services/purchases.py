"""Recording purchases: one road for a file of a million lines and for one order from a shop."""

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.utils import DataError, IntegrityError

from core.models.relations import Relation, as_relation, stage
from core.rules.faults import scrubbed
from members.rules.persons import ANYBODY
from members.services.merging_lock import keep_records
from timeline.errors import FactNotRecorded
from timeline.rules import purchases as statements
from timeline.rules.staging import PURCHASE_COLUMNS

ROWS = "timeline_purchase_rows"
TEMPORARY = [f"pg_temp.timeline_{name}" for name in ("offered", "added", "kin", "shared")]


@dataclass(frozen=True, kw_only=True)
class PurchaseLineIn:
    """One line of an order as somebody sent it; the order's own texts repeat on each. Fields in the order of staging."""

    line_no: int
    member_id: int
    source: str
    order_no: str
    line_at: datetime
    product_code: str
    product_name: str = ""
    quantity: Decimal
    unit_price: Decimal
    store_id: int | None = None
    channel: str = ""
    coupon_code: str = ""
    referral_code: str = ""


@dataclass(frozen=True, kw_only=True)
class PurchasesRecorded:
    """What one delivery brought: `offered` = `stored` + `already_stored` lines; new orders and refunds; orders that grew."""

    offered: int
    stored: int
    already_stored: int
    purchases: int
    refunds: int
    completed: int


@transaction.atomic
def record_purchases(
    *, now: datetime, staging: Relation | None = None, rows: Iterable[PurchaseLineIn] | None = None
) -> PurchasesRecorded:
    """Store what is new among the lines of a staging relation (`PURCHASE_COLUMNS`), or among `rows`.

    The same line twice is stored once; orders that exist are completed, and their members are marked to be read again
    (`Rebuild`). Raises FactNotRecorded, and stores nothing, when a value does not fit. Call it before any other
    timeline write of the transaction: it may have to make months.
    """
    try:
        if staging is None:
            staging = stage(ROWS, PURCHASE_COLUMNS, (astuple(row) for row in rows or ()))
        return _record(as_relation(staging), now)
    except (DataError, IntegrityError) as error:
        raise FactNotRecorded(hint=scrubbed(str(error))) from error


def _record(staging: str, now: datetime) -> PurchasesRecorded:
    with connection.cursor() as cursor:
        keep_records(cursor)
        cursor.execute(f"DROP TABLE IF EXISTS {', '.join(TEMPORARY)}")
        cursor.execute(ANYBODY)
        (anybody,) = cursor.fetchone()
        if anybody:
            staging = statements.OWNED.replace("{staging}", staging)
        for statement in (statements.PRODUCTS, statements.ORDERS, statements.MONTHS):
            cursor.execute(statement.replace("{staging}", staging))
        cursor.execute("ANALYZE timeline_offered")
        cursor.execute("SELECT count(*) FROM timeline_offered")
        (orders,) = cursor.fetchone()
        shared = _find_kin(cursor) if anybody else False
        cursor.execute(statements.KEYS)
        known = orders - cursor.rowcount
        if known:
            cursor.execute(statements.LOCK)
            cursor.execute(statements.RECOGNISE)
            cursor.execute("ANALYZE timeline_offered")
        cursor.execute(statements.HEADERS, {"now": now})
        cursor.execute(statements.NEW_LINES.replace("{staging}", staging))
        added, completed = _complete(cursor, staging, shared=shared) if known else (0, 0)
        cursor.execute(statements.COUNTS)
        offered, fresh, purchases, refunds = cursor.fetchone()
    return PurchasesRecorded(
        offered=offered,
        stored=fresh + added,
        already_stored=offered - fresh - added,
        purchases=purchases,
        refunds=refunds,
        completed=completed,
    )


def _find_kin(cursor: CursorWrapper) -> bool:
    """Let each order go to the record under which it is stored; whether two records have one of the same number."""
    cursor.execute(statements.KIN)
    if not cursor.rowcount:
        return False
    cursor.execute("ANALYZE timeline_kin")
    cursor.execute(statements.ADOPT)
    cursor.execute(statements.SHARED)
    return bool(cursor.rowcount)


def _complete(cursor: CursorWrapper, staging: str, *, shared: bool) -> tuple[int, int]:
    """Add what is missing to orders that exist. Answers lines added and orders completed."""
    for statement in (statements.MOVE_LINES, statements.MOVE_HEADERS, statements.MOVE_KEYS):
        cursor.execute(statement)
    missing = statements.MISSING_LINES_OF_SHARED if shared else statements.MISSING_LINES
    cursor.execute(missing.replace("{staging}", staging))
    cursor.execute(statements.COMPLETE_HEADERS)
    cursor.execute(statements.REBUILDS)
    cursor.execute("SELECT coalesce(sum(lines), 0)::bigint, count(*) FROM timeline_added")
    lines, orders = cursor.fetchone()
    return lines, orders
