"""Whoever took part did something: participations become interactions of the timeline, written behind them."""

# the text of the SQL comes from this project alone; every value is a bound parameter

from datetime import datetime

from django.db.backends.utils import CursorWrapper

from campaigns.services.harvest import SOURCE as HARVESTED
from members.rules.persons import owner_at_hand
from timeline.services import record_interactions

ACTS = "campaigns_participation_acts"
# Claims and entries are interactions of their own, told by whoever keeps coupons and draws.
_ACTS = f"""
CREATE TEMP TABLE {ACTS} ON COMMIT DROP AS
SELECT took.id AS line_no, {owner_at_hand("member")} AS member_id, 'activity'::varchar AS source,
    took.id::varchar AS key, took.occurred_at,
    (CASE took.kind WHEN 'check_in' THEN 'check_in' WHEN 'sign_up' THEN 'join' WHEN 'coupon' THEN 'coupon_claim'
        ELSE 'other' END)::varchar AS kind,
    activity.channel::varchar AS channel, activity.name::varchar AS subject, NULL::bigint AS store_id,
    jsonb_build_object('activity', activity.id) AS properties
FROM {{batch}} AS took
JOIN campaigns_activity AS activity ON activity.id = took.activity_id
JOIN members_member AS member ON member.id = took.member_id
WHERE took.source <> %(harvested)s
"""  # noqa: S608  # the name is ours


def write_interactions(cursor: CursorWrapper, *, batch: str, now: datetime) -> None:
    """One for each participation that is no claim and no entry; by its number, so that seeing it twice changes nothing."""
    cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{ACTS}")
    cursor.execute(_ACTS.format(batch=batch), {"harvested": HARVESTED})
    record_interactions(staging=ACTS, now=now)
