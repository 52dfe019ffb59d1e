"""Claims and entries as interactions of the timeline, one for each row: a row that is followed twice is one fact."""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

from datetime import datetime

from django.db.backends.utils import CursorWrapper

from loyalty.rules.source import GIVEN
from members.rules.persons import owner_at_hand
from timeline.services import record_interactions

CLAIMS, ENTRIES = "loyalty_claim_acts", "loyalty_entry_acts"
# What the brand gave to many is no act of hers; a merged member's acts are those of the one that stayed.
_CLAIMS = f"""
CREATE TEMP TABLE {CLAIMS} ON COMMIT DROP AS
SELECT given.id AS line_no, {owner_at_hand("member")} AS member_id, 'offers'::varchar AS source,
    'claim-' || given.id AS key, given.claimed_at AS occurred_at, 'coupon_claim'::varchar AS kind,
    ''::varchar AS channel, coupon.name::varchar AS subject, NULL::bigint AS store_id,
    jsonb_build_object('coupon', coupon.id) AS properties
FROM {{batch}} AS given
JOIN loyalty_coupon AS coupon ON coupon.id = given.coupon_id
JOIN members_member AS member ON member.id = given.member_id
WHERE given.source_kind <> '{GIVEN}'
"""
_ENTRIES = f"""
CREATE TEMP TABLE {ENTRIES} ON COMMIT DROP AS
SELECT entry.id AS line_no, {owner_at_hand("member")} AS member_id, 'offers'::varchar AS source,
    'entry-' || entry.id AS key, entry.entered_at AS occurred_at, 'other'::varchar AS kind, ''::varchar AS channel,
    draw.name::varchar AS subject, NULL::bigint AS store_id, jsonb_build_object('draw', draw.id) AS properties
FROM {{batch}} AS entry
JOIN loyalty_draw AS draw ON draw.id = entry.draw_id
JOIN members_member AS member ON member.id = entry.member_id
"""


def write_claims(cursor: CursorWrapper, *, batch: str, now: datetime) -> None:
    _write(cursor, CLAIMS, _CLAIMS.format(batch=batch), now)


def write_entries(cursor: CursorWrapper, *, batch: str, now: datetime) -> None:
    _write(cursor, ENTRIES, _ENTRIES.format(batch=batch), now)


def _write(cursor: CursorWrapper, table: str, statement: str, now: datetime) -> None:
    cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
    cursor.execute(statement)
    record_interactions(staging=table, now=now)
