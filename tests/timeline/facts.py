"""Dull makers of facts."""

import time
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from timeline.services import InteractionIn, PurchaseLineIn, record_interactions, record_purchases

NOW = datetime(2026, 3, 1, tzinfo=UTC)
AT = datetime(2026, 1, 10, 12, tzinfo=UTC)


def buy(member_id: int, order_no: str = "A1", **values: Any) -> None:
    """One line, one call."""
    given: dict[str, Any] = {"line_no": 1, "source": "shop", "line_at": AT, "product_code": "P"}
    amounts = {name: Decimal(str(values.pop(name, 1))) for name in ("quantity", "unit_price")}
    record_purchases(
        rows=[PurchaseLineIn(member_id=member_id, order_no=order_no, **{**given, **values, **amounts})], now=NOW
    )


def act(member_id: int, *moments: datetime, kind: Any = "browse", **values: Any) -> None:
    """The same thing at several moments."""
    rows = [
        InteractionIn(line_no=number, member_id=member_id, source="app", kind=kind, occurred_at=at, **values)
        for number, at in enumerate(moments, 1)
    ]
    record_interactions(rows=rows, now=NOW)


def settle() -> None:
    """Wait until everything committed so far is below the horizon: any transaction of the server, whatever database it
    is in, may hold it back for a while (other workers of the suite do)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint + timeline_xid_offset()")
        (reached,) = cursor.fetchone()
        for _turn in range(1200):
            cursor.execute("SELECT timeline_horizon() >= %s", [reached])
            if cursor.fetchone() == (True,):
                return
            time.sleep(0.05)
    raise AssertionError("some transaction of this server stays open")
