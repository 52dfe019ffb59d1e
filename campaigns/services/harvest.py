"""Who claimed a coupon or entered a draw of an activity took part in it; who was given one, not by that."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from campaigns.enums import ActivityState
from campaigns.models import Activity
from campaigns.selectors.giving import GIVEN
from campaigns.services.facts import store_participations
from core.services.surprises import each_by_itself

ROWS = "campaigns_harvest"
#: By which participations are told that come from claims and entries.
SOURCE = "offers"
#: A claim is stored a moment after its own time; what was looked at before is looked at once more.
OVERLAP = timedelta(hours=1)
_CLAIMS = f"""
CREATE TEMP TABLE {ROWS} ON COMMIT DROP AS
SELECT given.member_id, 'coupon'::varchar AS kind, given.claimed_at AS occurred_at
FROM campaigns_activityoffer AS offer JOIN loyalty_coupongrant AS given USING (coupon_id)
WHERE offer.activity_id = %(activity)s AND given.member_id IS NOT NULL AND given.source_kind <> '{GIVEN}'
    AND given.claimed_at >= %(since)s AND given.claimed_at < %(until)s
UNION ALL
SELECT entry.member_id, 'draw', entry.entered_at
FROM campaigns_activityoffer AS offer JOIN loyalty_drawentry AS entry USING (draw_id)
WHERE offer.activity_id = %(activity)s AND entry.member_id IS NOT NULL
    AND entry.entered_at >= %(since)s AND entry.entered_at < %(until)s
"""  # noqa: S608  # the name is ours


def harvest_all(*, now: datetime) -> int:
    """For every activity that runs or has just ended; answers how many participations are new."""
    live = Activity.objects.filter(state__in=(ActivityState.RUNNING, ActivityState.ENDED), offers__isnull=False)
    waiting = [activity for activity in live.distinct() if _is_open(activity)]
    return sum(each_by_itself(waiting, lambda activity: harvest(activity, now=now)))


@transaction.atomic
def harvest(activity: Activity, *, now: datetime) -> int:
    """Store what is new since the last time. A claim counts from the start of the activity to its end."""
    activity = Activity.objects.select_for_update().get(pk=activity.pk)
    start = activity.started_at
    if start is None:
        return 0
    since = max(start, activity.harvested_at - OVERLAP) if activity.harvested_at else start
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{ROWS}")
        until = activity.ended_at or min(now, activity.ends_at or now)
        values: dict[str, Any] = {"activity": activity.pk, "since": since, "until": until}
        cursor.execute(_CLAIMS, values)
    stored = store_participations(activity, ROWS, source=SOURCE)
    Activity.objects.filter(pk=activity.pk).update(harvested_at=now)
    return stored


def _is_open(activity: Activity) -> bool:
    """Until everything before its end has been looked at."""
    if activity.ended_at is None or activity.harvested_at is None:
        return True
    return activity.harvested_at < activity.ended_at + OVERLAP
