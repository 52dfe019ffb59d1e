"""Members for the customer numbers of a delivery of facts, set-based."""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

from datetime import datetime
from typing import Any

from django.db import connection, transaction

from core.models.relations import Relation, as_relation
from members.enums import IdentityType

RESOLVED = "members_resolved"

_RESOLVE = f"""
CREATE TEMP TABLE {RESOLVED} ON COMMIT DROP AS
SELECT wanted.external_id, coalesce(member.merged_into_id, identity.member_id) AS member_id
FROM (SELECT DISTINCT external_id::varchar(128) AS external_id FROM {{relation}} AS given WHERE external_id <> '') AS wanted
LEFT JOIN members_identity AS identity ON identity.lookup = wanted.external_id AND identity.type = %(type)s
LEFT JOIN members_member AS member ON member.id = identity.member_id
"""

# The identity decides who exists: it goes first, in sorted order (two loaders wait for each other, never in a circle),
# and the member follows only where it was new. The reference between them is checked at the end of the transaction.
_CREATE = f"""
WITH fresh AS (
    INSERT INTO members_identity (member_id, type, lookup, source, created_at)
    SELECT nextval((SELECT pg_get_serial_sequence('members_member', 'id')::regclass)), %(type)s, external_id,
        %(source)s, %(now)s
    FROM (SELECT external_id FROM {RESOLVED} WHERE member_id IS NULL ORDER BY external_id) AS missing
    ON CONFLICT (lookup, type) DO NOTHING
    RETURNING member_id
)
INSERT INTO members_member (id, name, name_key, gender, channel, created_at, updated_at)
SELECT member_id, '', '', '', %(channel)s, %(now)s, %(now)s FROM fresh
"""

_FILL = f"""
UPDATE {RESOLVED} AS resolved SET member_id = coalesce(member.merged_into_id, identity.member_id)
FROM members_identity AS identity JOIN members_member AS member ON member.id = identity.member_id
WHERE resolved.member_id IS NULL AND identity.lookup = resolved.external_id AND identity.type = %(type)s
"""


@transaction.atomic
def ensure_members(*, relation: Relation, source: str, now: datetime, channel: str = "") -> int:
    """A member for every `external_id` of the relation; answers how many are new (registration unknown).

    Leaves the temporary table `RESOLVED` (external_id, member_id) until the end of the transaction, to be joined with
    the relation itself. A member merged into another one resolves to that one. The caller records the act.
    """
    values: dict[str, Any] = {"type": IdentityType.EXTERNAL_ID, "source": source, "channel": channel, "now": now}
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{RESOLVED}")
        cursor.execute(_RESOLVE.replace("{relation}", as_relation(relation)), values)
        cursor.execute(_CREATE, values)
        created = cursor.rowcount
        cursor.execute(_FILL, values)
        cursor.execute(f"ANALYZE {RESOLVED}")
    return int(created)
