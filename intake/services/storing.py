"""Step two of an import: from the staging table to members and facts, in one transaction."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Count
from psycopg import sql

from compliance.services.importing import record_history
from core.files import Fault
from intake.enums import ImportKind, Reason
from intake.errors import CountsDiffer
from intake.models import ImportJob
from intake.services.staging import staging_table
from members.rules.recording import DUPLICATE, REPEATED
from members.services import RESOLVED, ensure_members
from members.services.recording import decide_members, record_members
from timeline.services import record_interactions, record_purchases

log = logging.getLogger(__name__)

PURCHASES = """(
    SELECT given.line AS line_no, known.member_id, {source}::varchar(40) AS source, given.order_no, given.line_at,
        given.product_code, given.product_name, given.quantity, given.unit_price, given.store_id, given.channel,
        given.coupon_code, given.referral_code
    FROM {staging} AS given JOIN {resolved} AS known ON known.external_id = given.external_id
)"""
INTERACTIONS = """(
    SELECT given.line AS line_no, known.member_id, {source}::varchar(40) AS source, given.key, given.occurred_at,
        given.kind, given.channel, given.subject, given.store_id, NULL::jsonb AS properties
    FROM {staging} AS given JOIN {resolved} AS known ON known.external_id = given.external_id
)"""
CONSENTS = """(
    SELECT known.member_id, given.purpose, coalesce(nullif(given.channel, ''), 'any') AS channel, given.action,
        given.occurred_at, given.notice_hash, given.page, given.wording, given.preset <> '' AS preset, given.key
    FROM {staging} AS given JOIN {resolved} AS known ON known.external_id = given.external_id
)"""
NO_CONSENTS = """
WITH refused AS (
    DELETE FROM {staging} WHERE (preset <> '' AND action IN ('grant', 'guardian_grant'))
        OR (channel NOT IN ('', 'any') AND purpose <> 'marketing') RETURNING line
)
INSERT INTO intake_importreject (job_id, line, reason, value) SELECT %s, line, %s, '' FROM refused
"""
OF_ERASED = """
WITH refused AS (
    DELETE FROM {staging} AS given USING members_identity AS identity
    JOIN compliance_contactstatus AS standing ON standing.member_id = identity.member_id
    WHERE identity.type = 'external_id' AND identity.lookup = given.external_id AND standing.erased_at IS NOT NULL
        AND given.action IN ('grant', 'guardian_grant') RETURNING given.line
)
INSERT INTO intake_importreject (job_id, line, reason, value) SELECT %s, line, %s, '' FROM refused
"""
REFUSED = """
INSERT INTO intake_importreject (job_id, line, reason, value)
SELECT %s, line, reason, CASE WHEN reason = %s THEN first::text ELSE '' END FROM {offered} WHERE reason NOT IN ('', %s)
"""
#: What `amount` holds, of a line and of an order: numeric(14, 2).
AMOUNT_LIMIT = 10**12
MOST_TOGETHER = "SELECT coalesce(sum(abs(quantity * unit_price)), 0) FROM {staging}"
BEYOND_LIMIT = """
WITH line AS (
    SELECT line, external_id, order_no, quantity < 0 AS returned, round(quantity * unit_price, 2) AS amount FROM {staging}
), summed AS (
    SELECT line, abs(amount) >= {limit} AS beyond, sum(amount) FILTER (WHERE abs(amount) < {limit})
        OVER (PARTITION BY external_id, order_no, returned) AS total
    FROM line
), refused AS (
    DELETE FROM {staging} AS given USING summed
    WHERE given.line = summed.line AND (summed.beyond OR abs(summed.total) >= {limit}) RETURNING given.line
)
INSERT INTO intake_importreject (job_id, line, reason, value) SELECT %s, line, %s, '' FROM refused
"""
#: Sums and sorts over a whole file; the setting ends with the transaction.
WORK_MEM = "64MB"

Counts = dict[str, int]


def decide(job: ImportJob) -> None:
    """Reject what only the database can tell; stays also when a dry run takes the rest back."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('work_mem', %s, true)", [WORK_MEM])
        if job.kind == ImportKind.MEMBERS:
            offered = decide_members(relation=staging_table(job))
            cursor.execute(REFUSED.format(offered=offered), [job.pk, DUPLICATE, REPEATED])
        if job.kind == ImportKind.CONSENTS:
            staging = staging_table(job)
            cursor.execute(NO_CONSENTS.format(staging=staging), [job.pk, Reason.NO_CONSENT_EVENT])
            cursor.execute(OF_ERASED.format(staging=staging), [job.pk, Reason.MEMBER_ERASED])
        if job.kind == ImportKind.PURCHASES:
            _refuse_beyond_limit(cursor, job)


def _refuse_beyond_limit(cursor: CursorWrapper, job: ImportJob) -> None:
    """Lines whose amount, or whose order's, no column holds. One sum tells that a file has none, as files do."""
    staging = staging_table(job)
    cursor.execute(MOST_TOGETHER.format(staging=staging))
    if cursor.fetchone()[0] >= AMOUNT_LIMIT:
        cursor.execute(BEYOND_LIMIT.format(staging=staging, limit=AMOUNT_LIMIT), [job.pk, Fault.OUT_OF_RANGE.value])


def refresh_statistics() -> None:
    """Call it outside the transaction that stores: only what has committed is seen by the planner of others."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT intake_refresh_statistics()")


def store(job: ImportJob, *, now: datetime) -> Counts:
    """Store what is new of the staged rows and answer the counts; the caller's transaction holds it together."""
    return _STORE[job.kind](job, now)


def counted(job: ImportJob, stored: Mapping[str, int]) -> dict[str, object]:
    """The answer of the import: what was read, stored, there before, and rejected by reason.

    Each is counted where it happened. Raises CountsDiffer when a row is nowhere, or in two places.
    """
    reasons = job.rejects.filter(further=False).values("reason").annotate(rows=Count("pk")).order_by("reason")
    rejected = {row["reason"]: row["rows"] for row in reasons}
    accounted = stored["lines_stored"] + stored["already_stored"] + sum(rejected.values())
    if accounted != job.read_rows:
        log.error("import %s: %s rows read, %s stored %s rejected", job.pk, job.read_rows, dict(stored), rejected)
        raise CountsDiffer
    return {"rows_read": job.read_rows, **stored, "rejected": rejected}


def _relation(job: ImportJob, select: str) -> sql.Composable:
    return sql.SQL(select).format(
        staging=sql.Identifier(staging_table(job)), resolved=sql.Identifier(RESOLVED), source=sql.Literal(job.source)
    )


def _store_purchases(job: ImportJob, now: datetime) -> Counts:
    created = ensure_members(relation=staging_table(job), source=job.source, now=now)
    recorded = record_purchases(now=now, staging=_relation(job, PURCHASES))
    return {
        "lines_stored": recorded.stored,
        "already_stored": recorded.already_stored,
        "purchases": recorded.purchases,
        "refunds": recorded.refunds,
        "members": created,
    }


def _store_interactions(job: ImportJob, now: datetime) -> Counts:
    created = ensure_members(relation=staging_table(job), source=job.source, now=now)
    recorded = record_interactions(now=now, staging=_relation(job, INTERACTIONS), repeats=True)
    return {"lines_stored": recorded.stored, "already_stored": recorded.already_stored, "members": created}


def _store_members(job: ImportJob, now: datetime) -> Counts:
    recorded = record_members(relation=staging_table(job), source=job.source, now=now)
    return {
        "lines_stored": recorded.stored,
        "already_stored": recorded.already_stored,
        "members": recorded.created,
    }


def _store_consents(job: ImportJob, now: datetime) -> Counts:
    created = ensure_members(relation=staging_table(job), source=job.source, now=now)
    recorded = record_history(
        relation=_relation(job, CONSENTS), source=job.source, file=job.file_name, by=job.by, now=now
    )
    return {"lines_stored": recorded.stored, "already_stored": recorded.already_stored, "members": created}


_STORE: Mapping[str, Callable[[ImportJob, datetime], Counts]] = {
    ImportKind.PURCHASES: _store_purchases,
    ImportKind.INTERACTIONS: _store_interactions,
    ImportKind.MEMBERS: _store_members,
    ImportKind.CONSENTS: _store_consents,
}
