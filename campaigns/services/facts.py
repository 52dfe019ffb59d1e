"""Who took part, and what it cost."""

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from campaigns.enums import STARTED, ActivityState, CostKind, ParticipationKind
from campaigns.errors import ActivityStateWrong, FactNotValid
from campaigns.models import Activity, Cost
from core.models.relations import stage

ROWS = "campaigns_took_part"
COLUMNS = {
    "activity_id": "bigint NOT NULL",
    "member_id": "bigint NOT NULL",
    "kind": "varchar(8) NOT NULL",
    "occurred_at": "timestamptz NOT NULL",
}
LARGEST = Decimal("999999999.99")
LONGEST_NOTE = 200
GRACE = timedelta(minutes=10)
# The same moment told twice is one; every other moment stays, for the latest before an order decides.
_STORE = """
INSERT INTO campaigns_participation (activity_id, member_id, kind, day, occurred_at, in_audience, source)
SELECT DISTINCT ON (took.activity_id, took.member_id, took.kind, took.occurred_at)
    took.activity_id, took.member_id, took.kind, (took.occurred_at AT TIME ZONE %(zone)s)::date, took.occurred_at,
    EXISTS (SELECT FROM campaigns_activitymember AS meant
        WHERE meant.activity_id = took.activity_id AND meant.member_id = took.member_id), %(source)s
FROM {rows} AS took
ORDER BY took.activity_id, took.member_id, took.kind, took.occurred_at
ON CONFLICT (activity_id, member_id, kind, occurred_at) DO NOTHING
"""


@dataclass(frozen=True, kw_only=True)
class TookPart:
    """One member, in one way, at one moment. Fields in the order of COLUMNS, after the activity."""

    member_id: int
    kind: ParticipationKind
    occurred_at: datetime


@dataclass(frozen=True, kw_only=True)
class Recorded:
    offered: int
    stored: int


def is_within(activity: Activity, moment: datetime, *, now: datetime) -> bool:
    """Whether somebody could take part then: between the start and the end, and not in the future."""
    if activity.started_at is None:
        return False
    return activity.started_at <= moment < (activity.ended_at or min(now + GRACE, activity.ends_at or now + GRACE))


@transaction.atomic
def record_participations(
    *, activity: Activity, rows: Iterable[TookPart], source: str, by: User | None, now: datetime
) -> Recorded:
    """Store what is new. Raises ActivityStateWrong before the start, FactNotValid for a moment outside of it."""
    if activity.state not in STARTED:
        raise ActivityStateWrong(_("Nobody can take part before the activity has started."))
    rows = list(rows)
    if not all(is_within(activity, row.occurred_at, now=now) for row in rows):
        raise FactNotValid(fields={"occurred_at": [_("This lies outside of the activity.")]})
    staged = stage(ROWS, COLUMNS, ((activity.pk, *astuple(row)) for row in rows))
    stored = store_participations(staged, source=source)
    counts = {"offered": [None, len(rows)], "stored": [None, stored]}
    record(by=by, action="campaigns.record_participations", obj=activity, changes=counts, at=now)
    return Recorded(offered=len(rows), stored=stored)


def store_participations(relation: str, *, source: str) -> int:
    """From a relation with COLUMNS, whose moments lie within their activities."""
    values: dict[str, Any] = {"zone": settings.TIME_ZONE, "source": source}
    with connection.cursor() as cursor:
        cursor.execute(_STORE.format(rows=relation), values)
        return int(cursor.rowcount)


@transaction.atomic
def add_cost(
    *, activity: Activity, kind: str, amount: Decimal, day: date, note: str = "", by: User | None, now: datetime
) -> Cost:
    """Money spent. Raises FactNotValid with the fields at fault, ActivityStateWrong for one that was cancelled."""
    if activity.state == ActivityState.CANCELLED:
        raise ActivityStateWrong
    faults: dict[str, list[str]] = {}
    if kind not in CostKind.values:
        faults["kind"] = [_("Choose one of the list.")]
    if not Decimal("0.01") <= amount <= LARGEST:
        faults["amount"] = [_("An amount from 0.01 to 999,999,999.99 is expected.")]
    if day > timezone.localdate(now):
        faults["day"] = [_("This day has not come yet.")]
    if len(note) > LONGEST_NOTE:
        faults["note"] = [_("At most %(most)d characters.") % {"most": LONGEST_NOTE}]
    if faults:
        raise FactNotValid(fields=faults)
    cost = Cost.objects.create(activity=activity, kind=kind, amount=amount, day=day, note=note.strip(), by=by, at=now)
    record(by=by, action="campaigns.add_cost", obj=cost, changes={"amount": [None, str(amount)]}, at=now)
    return cost


@transaction.atomic
def take_back_cost(*, cost: Cost, reason: str, by: User | None, now: datetime) -> Cost:
    """It was a mistake: it stays, and counts no more. Raises FactNotValid without a reason or the second time."""
    if not reason.strip():
        raise FactNotValid(fields={"reason": [_("Say why.")]})
    if not Cost.objects.filter(pk=cost.pk, taken_back_at=None).update(taken_back_at=now):
        raise FactNotValid(_("This cost was taken back already."))
    cost.refresh_from_db()
    changes = {"taken_back_at": [None, now]}
    record(by=by, action="campaigns.take_back_cost", obj=cost, reason=reason, changes=changes, at=now)
    return cost
