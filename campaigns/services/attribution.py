"""Crediting orders to activities: computed anew for whomever a fact concerns, so that any order of facts ends the same."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from accounts.models import User
from audit.services import Target, record
from campaigns.rules import credit_sql

#: Coupons are used and given back for so long after an activity.
SETTLING = timedelta(days=60)
_ALONE = "SELECT pg_advisory_xact_lock(hashtextextended('campaigns_attribution', 0))"


def credit_members(cursor: CursorWrapper, *, batch: str) -> int:
    """For the members of a batch of facts; answers how many credits changed. Safe to repeat."""
    return _credit(cursor, credit_sql.TOUCHED_BY.format(batch=batch))


@transaction.atomic
def credit_coupons(*, now: datetime) -> int:
    """Where a coupon's use and what is credited differ: coupons are used and given back at other moments than orders come."""
    with connection.cursor() as cursor:
        return _credit(cursor, credit_sql.TOUCHED_BY_COUPONS, {"since": now - SETTLING})


@transaction.atomic
def credit_everybody(*, by: User | None, now: datetime) -> int:
    """All orders anew, from the facts: after codes or links were given to an activity late."""
    with connection.cursor() as cursor:
        changed = _credit(cursor, credit_sql.TOUCHED_EVERYBODY)
    target = Target(object_type="campaigns.attribution", object_id="", changes={"changed": [None, changed]})
    record(by=by, action="campaigns.credit_everybody", obj=target, at=now)
    return changed


def _credit(cursor: CursorWrapper, touched: str, values: Mapping[str, Any] | None = None) -> int:
    """One at a time: what two computed from different facts must not be mixed."""
    cursor.execute(_ALONE)
    cursor.execute("DROP TABLE IF EXISTS pg_temp.campaigns_touched, pg_temp.campaigns_credits")
    cursor.execute(touched, values)
    if not cursor.rowcount:
        return 0
    cursor.execute("ANALYZE campaigns_touched")
    cursor.execute(credit_sql.CREDITS)
    cursor.execute(credit_sql.TAKE_AWAY)
    taken = int(cursor.rowcount)
    cursor.execute(credit_sql.GIVE)
    return taken + int(cursor.rowcount)
