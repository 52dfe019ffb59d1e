"""Consent history from another system, set-based: the file's events become events, each stored once."""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

from datetime import datetime
from typing import Any

from django.db import connection, transaction

from accounts.models import User
from compliance.enums.consent import ConsentSource
from compliance.services.consent import COLUMNS, ConsentsRecorded
from compliance.services.turns import hold_for_history
from core.models.relations import Relation, as_relation

# The parts of the key as `rules.consent.event_key` joins them.
STORE = f"""
INSERT INTO compliance_consentevent ({COLUMNS})
SELECT member_id, purpose, channel, action, least(occurred_at, %(now)s), %(now)s, notice.id, notice_hash, '', %(door)s,
    left(concat_ws(' · ', nullif(page, ''), nullif(%(source)s, ''), %(file)s), 200), wording, preset, NULL, NULL,
    %(by)s, NULL,
    encode(substr(sha256(convert_to(CASE WHEN key <> '' THEN concat_ws(E'\\x1f', %(door)s, 'key', %(source)s, key)
        ELSE concat_ws(E'\\x1f', %(door)s, purpose, channel, action, extract(epoch FROM occurred_at)::numeric(20, 6))
    END, 'UTF8')), 1, 16), 'hex')::uuid
FROM {{relation}} AS given
LEFT JOIN LATERAL (
    SELECT id FROM compliance_notice AS notice WHERE given.notice_hash <> '' AND notice.hash = given.notice_hash LIMIT 1
) AS notice ON true
ORDER BY member_id, occurred_at
ON CONFLICT (member_id, key) DO NOTHING
"""


@transaction.atomic
def record_history(*, relation: Relation, source: str, file: str, by: User | None, now: datetime) -> ConsentsRecorded:
    """Store what is new of a relation whose values are clean; the same file a second time stores nothing.

    Its columns: member_id, purpose, channel, action, occurred_at, notice_hash, page, wording, preset, key. The caller
    records the act.
    The state follows as for every event: the latest by `occurred_at`, however the file is sorted; what she said here
    later than the file's events stands.
    """
    text = as_relation(relation)
    values: dict[str, Any] = {
        "now": now,
        "door": ConsentSource.IMPORT.value,
        "file": file[:120],
        "source": source,
        "by": by.pk if by else None,
    }
    hold_for_history(relation)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {text} AS given")
        (offered,) = cursor.fetchone()
        cursor.execute(STORE.replace("{relation}", text.replace("%", "%%")), values)  # a literal % is none of ours
        return ConsentsRecorded(offered=offered, stored=cursor.rowcount)
