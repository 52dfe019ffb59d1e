"""Who claimed a coupon or entered a draw of an activity took part in it; who was given one, not by that.

Claims and entries are followed in the order in which they were stored: one that is told of long after its own time, as
by a printed code on an order of last month, counts like any other. An activity that has just started, or that an offer
joined, is looked through as a whole once, since its claims may have gone by before.
"""

from datetime import datetime

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from campaigns.models import Activity
from campaigns.selectors.giving import GIVEN
from campaigns.services.facts import store_participations
from core.services.surprises import each_by_itself

ROWS = "campaigns_harvest"
#: By which participations are told that come from claims and entries.
SOURCE = "offers"
# A claim counts from the start of the activity to its end, whenever that is written down.
_CLAIMED = f"""
SELECT offer.activity_id, given.member_id, 'coupon'::varchar AS kind, given.claimed_at AS occurred_at
FROM {{claims}} AS given JOIN campaigns_activityoffer AS offer ON offer.coupon_id = given.coupon_id
JOIN campaigns_activity AS activity ON activity.id = offer.activity_id
WHERE given.member_id IS NOT NULL AND given.source_kind <> '{GIVEN}'
    AND given.claimed_at >= activity.started_at AND given.claimed_at < coalesce(activity.ended_at, activity.ends_at)
"""  # noqa: S608  # the name is ours
_ENTERED = """
SELECT offer.activity_id, entry.member_id, 'draw'::varchar AS kind, entry.entered_at AS occurred_at
FROM {entries} AS entry JOIN campaigns_activityoffer AS offer ON offer.draw_id = entry.draw_id
JOIN campaigns_activity AS activity ON activity.id = offer.activity_id
WHERE entry.member_id IS NOT NULL
    AND entry.entered_at >= activity.started_at AND entry.entered_at < coalesce(activity.ended_at, activity.ends_at)
"""
_OF_ONE = " AND offer.activity_id = %(activity)s"
_WHOLE = (
    f"{_CLAIMED.format(claims='loyalty_coupongrant')}{_OF_ONE} "
    f"UNION ALL {_ENTERED.format(entries='loyalty_drawentry')}{_OF_ONE}"
)


def harvest_all(*, now: datetime) -> int:
    """Every activity that has not been looked through as a whole; answers how many participations are new."""
    waiting = Activity.objects.filter(started_at__isnull=False, harvested_at=None, offers__isnull=False)
    return sum(each_by_itself(list(waiting.distinct()), lambda activity: harvest(activity, now=now)))


@transaction.atomic
def harvest(activity: Activity, *, now: datetime) -> int:
    """Store what is new among all of its claims and entries. Nothing before its start."""
    activity = Activity.objects.select_for_update().get(pk=activity.pk)
    if activity.started_at is None:
        return 0
    with connection.cursor() as cursor:
        stored = _store(cursor, _WHOLE, {"activity": activity.pk})
    Activity.objects.filter(pk=activity.pk).update(harvested_at=now)
    return stored


def harvest_claims(cursor: CursorWrapper, *, batch: str) -> int:
    """Store whoever took part by a batch of coupons that were claimed, of whatever activities. Safe to repeat."""
    return _store(cursor, _CLAIMED.format(claims=batch))


def harvest_entries(cursor: CursorWrapper, *, batch: str) -> int:
    """Store whoever took part by a batch of entries in draws. Safe to repeat."""
    return _store(cursor, _ENTERED.format(entries=batch))


def _store(cursor: CursorWrapper, claims: str, values: dict[str, int] | None = None) -> int:
    cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{ROWS}")
    cursor.execute(f"CREATE TEMP TABLE {ROWS} ON COMMIT DROP AS {claims}", values)
    return store_participations(ROWS, source=SOURCE)
