"""Clicks: counted by the redirect in one statement; sums, touches and interactions written behind it."""

# the text of the SQL comes from this project alone; every value is a bound parameter

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection
from django.db.backends.utils import CursorWrapper

from members.rules.persons import owner_at_hand
from timeline.services import record_interactions, record_touches

ACTS, CAME = "campaigns_click_acts", "campaigns_click_touches"
# A member who was erased, or never was, leaves a click without a person.
_CLICK = """
WITH link AS (
    SELECT link.id, link.destination FROM campaigns_trackedlink AS link
    JOIN campaigns_linkhost AS host ON host.host = link.host_id AND host.is_active
    WHERE link.code = %(code)s AND link.closed_at IS NULL
), counted AS (
    INSERT INTO campaigns_linkclick (link_id, member_id, at, bot)
    SELECT link.id, (
        SELECT member.id FROM members_member AS member
        WHERE member.id = %(member_id)s AND NOT EXISTS (
            SELECT FROM compliance_contactstatus WHERE member_id = member.id AND erased_at IS NOT NULL
        )
    ), %(at)s, %(bot)s FROM link
)
SELECT destination FROM link
"""
_DAYS = """
INSERT INTO campaigns_linkday AS kept (link_id, day, humans, known, bots, last_at)
SELECT link_id, (at AT TIME ZONE %(zone)s)::date, count(*) FILTER (WHERE bot = ''),
    count(*) FILTER (WHERE bot = '' AND member_id IS NOT NULL), count(*) FILTER (WHERE bot <> ''), max(at)
FROM {batch} GROUP BY 1, 2 ORDER BY 1, 2
ON CONFLICT (link_id, day) DO UPDATE SET humans = kept.humans + EXCLUDED.humans, known = kept.known + EXCLUDED.known,
    bots = kept.bots + EXCLUDED.bots, last_at = greatest(kept.last_at, EXCLUDED.last_at)
"""
_HERS = """
FROM {batch} AS click
JOIN campaigns_trackedlink AS link ON link.id = click.link_id
JOIN members_member AS member ON member.id = click.member_id
WHERE click.bot = ''
"""
_ACTS = f"""
CREATE TEMP TABLE {ACTS} ON COMMIT DROP AS
SELECT click.id AS line_no, {owner_at_hand("member")} AS member_id, 'link'::varchar AS source,
    click.id::varchar AS key, click.at AS occurred_at, 'click'::varchar AS kind, link.channel,
    link.name::varchar AS subject, NULL::bigint AS store_id,
    jsonb_strip_nulls(jsonb_build_object('link', link.code, 'activity', link.activity_id, 'slot', link.slot_id))
        AS properties
{_HERS}
"""
_CAME = f"""
CREATE TEMP TABLE {CAME} ON COMMIT DROP AS
SELECT click.id AS line_no, {owner_at_hand("member")} AS member_id, 'link'::varchar AS source,
    click.id::varchar AS key, click.at AS occurred_at, link.channel, link.utm_source, link.utm_medium,
    link.utm_campaign, link.utm_content, link.utm_term, link.code::varchar AS code, NULL::bigint AS inviter_id
{_HERS}
"""


def click(*, code: str, member_id: int | None, bot: str, now: datetime) -> str | None:
    """Count one click and answer where it leads; None for a link that is unknown, closed, or off the list of hosts.

    One round trip: the connection is not asked beforehand whether it still lives, for the statement finds that out.
    """
    values: dict[str, Any] = {"code": code, "member_id": member_id, "bot": bot, "at": now}
    connection.health_check_done = True  # type: ignore[attr-defined]  # every backend has it
    try:
        return _counted(values)
    except OperationalError:
        if connection.in_atomic_block:
            raise
        connection.close()
        return _counted(values)


def write_facts(cursor: CursorWrapper, *, batch: str, now: datetime) -> None:
    """What follows from a batch of clicks: an interaction and a touch for each one of a member, sums for all."""
    cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{ACTS}, pg_temp.{CAME}")
    for statement in (_ACTS, _CAME):
        cursor.execute(statement.format(batch=batch))
    record_interactions(staging=ACTS, now=now)
    record_touches(staging=CAME, now=now)
    cursor.execute(_DAYS.format(batch=batch), {"zone": settings.TIME_ZONE})


def _counted(values: dict[str, Any]) -> str | None:
    with connection.cursor() as cursor:
        cursor.execute(_CLICK, values)
        row = cursor.fetchone()
    return None if row is None else str(row[0])
