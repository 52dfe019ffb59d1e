"""Crediting orders to activities: computed anew for whomever a fact concerns, so that any order of facts ends the same."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from accounts.models import User
from audit.services import Target, record
from campaigns.models import Activity
from campaigns.rules import credit_sql
from core.services.surprises import each_by_itself
from core.services.waking import wake_after_commit

TASK = "campaigns.harvest"
_ALONE = "SELECT pg_advisory_xact_lock(hashtextextended('campaigns_attribution', 0))"


def credit_members(cursor: CursorWrapper, *, batch: str) -> int:
    """For the members of a batch of facts; answers how many credits changed. Safe to repeat."""
    return _credit(cursor, credit_sql.TOUCHED_BY.format(batch=batch))


def credit_coupons(cursor: CursorWrapper, *, batch: str) -> int:
    """For a batch of coupons that were used or given back; answers how many credits changed. Safe to repeat."""
    return _credit(cursor, credit_sql.TOUCHED_BY_USES.format(batch=batch))


@transaction.atomic
def credit_everybody(*, by: User | None, now: datetime) -> int:
    """All orders anew, from the facts: after codes or links were given to an activity late."""
    with connection.cursor() as cursor:
        changed = _credit(cursor, credit_sql.TOUCHED_EVERYBODY)
    target = Target(object_type="campaigns.attribution", object_id="", changes={"changed": [None, changed]})
    record(by=by, action="campaigns.credit_everybody", obj=target, at=now)
    return changed


def ask_for_credit(activity: Activity, *, now: datetime) -> None:
    """Have a worker credit the orders that carry a code, a link or a coupon of it: some may have come before these.

    For a locked row that the caller saves. Should the message be lost, the beat's next one does it.
    """
    activity.credit_asked_at = now
    wake_after_commit(TASK)


def credit_asked() -> int:
    """Do what was asked for, one activity in each transaction; answers how many credits changed."""
    waiting = Activity.objects.filter(credit_asked_at__isnull=False, started_at__isnull=False).order_by("pk")
    return sum(each_by_itself(list(waiting), _credit_asked))


@transaction.atomic
def _credit_asked(activity: Activity) -> int:
    with connection.cursor() as cursor:
        values = {"activity": activity.pk, "since": activity.started_at}
        changed = _credit(cursor, credit_sql.TOUCHED_BY_BELONGINGS, values)
    Activity.objects.filter(pk=activity.pk, credit_asked_at=activity.credit_asked_at).update(credit_asked_at=None)
    return changed


def _credit(cursor: CursorWrapper, touched: str, values: Mapping[str, Any] | None = None) -> int:
    """One at a time: what two computed from different facts must not be mixed.

    Whom it concerns is looked for before, which may take long, finds nobody most times, and may find too many.
    """
    cursor.execute("DROP TABLE IF EXISTS pg_temp.campaigns_touched, pg_temp.campaigns_credits")
    cursor.execute(touched, values)
    if not cursor.rowcount:
        return 0
    cursor.execute("ANALYZE campaigns_touched")
    cursor.execute(_ALONE)
    cursor.execute(credit_sql.CREDITS)
    cursor.execute(credit_sql.TAKE_AWAY)
    taken = int(cursor.rowcount)
    cursor.execute(credit_sql.GIVE)
    return taken + int(cursor.rowcount)
