"""Messages into their table, with the sums per day, the contacts of members, and whatever looks at the text meanwhile.

The text is in hand here and nowhere else: the scans see it, it is kept for few (`community.services.texts`), and goes
with the transaction.
"""

# the text of the SQL comes from this project alone; every value is a bound parameter

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DataError, IntegrityError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Q
from django.utils.translation import gettext as _

from community.errors.chats import MessagesNotStored
from community.models import Group, batch_scans
from community.rules import message_sql
from community.rules.message_sql import BATCH, CONTACTS, MESSAGE_COLUMNS, TURNED
from community.selectors.keeping import DIGESTS, kept_days
from community.services.flow import count_flow
from community.services.texts import keep_texts
from core.models.relations import Relation, as_relation, stage
from core.rules.faults import scrubbed
from timeline.services import record_interactions

STAGED = "community_staged"
SORTING = "128MB"


@dataclass(frozen=True, kw_only=True)
class MessagesStored:
    """`offered` = `stored` + `already_stored`."""

    offered: int
    stored: int

    @property
    def already_stored(self) -> int:
        return self.offered - self.stored


@transaction.atomic
def store_messages(
    *,
    now: datetime,
    staging: Relation | None = None,
    rows: Iterable[Sequence[Any]] | None = None,
    job_id: int | None = None,
) -> MessagesStored:
    """Store what is new in a staging relation (`MESSAGE_COLUMNS`) or among `rows`; nothing on MessagesNotStored.

    Whoever calls has seen to it that the groups are those that somebody may write to.
    """
    try:
        if staging is None:
            staging = stage(STAGED, MESSAGE_COLUMNS, rows or ())
        relation = as_relation(staging)
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL work_mem = '{SORTING}'")
            spans = _spans(cursor, relation)
            if not spans.offered:
                return MessagesStored(offered=0, stored=0)
            cursor.execute(message_sql.MONTHS.format(staging=relation))
            _lock(cursor, spans)
            if job_id is None:
                hear(groups=spans.groups, until=now)
            stored = _make_batch(cursor, relation, spans, now)
            if stored:
                _write(cursor, spans, job_id, now)
            for table in (BATCH, TURNED, CONTACTS):
                cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
            return MessagesStored(offered=spans.offered, stored=stored)
    except (DataError, IntegrityError) as error:
        raise MessagesNotStored(hint=scrubbed(str(error))) from error


def hear(*, groups: Sequence[int], until: datetime) -> None:
    """Whatever was said in these groups until then is here: a silence is theirs, and not that of the feed."""
    later = Q(heard_until=None) | Q(heard_until__lt=until)
    Group.objects.filter(later, pk__in=groups).update(heard_until=until)


@dataclass(frozen=True)
class Spans:
    """Of which groups rows are offered, from when to when; whether any of them turns to somebody."""

    groups: list[int]
    since: list[datetime]
    until: list[datetime]
    offered: int
    turned: bool


def _spans(cursor: CursorWrapper, relation: str) -> Spans:
    cursor.execute(message_sql.SPANS.format(staging=relation))
    rows = cursor.fetchall()
    groups, since, until, counts, turned = ([row[place] for row in rows] for place in range(5))
    return Spans(groups, since, until, sum(counts), any(turned))


def _lock(cursor: CursorWrapper, spans: Spans) -> None:
    cursor.execute(message_sql.LOCK_GROUPS, {"groups": spans.groups})
    if len(cursor.fetchall()) < len(spans.groups):
        raise MessagesNotStored(_("One of the groups does not exist."))


def _make_batch(cursor: CursorWrapper, relation: str, spans: Spans, now: datetime) -> int:
    """What is not stored yet, with its speakers, in the order of the table; answers how many."""
    cursor.execute(message_sql.OVERLAPS, {"groups": spans.groups, "since": spans.since, "until": spans.until})
    (overlaps,) = cursor.fetchone()
    fresh = message_sql.NOT_STORED if overlaps else "true"
    unknown = message_sql.KEYED.format(staging=relation, where=message_sql.UNKNOWN)
    cursor.execute(message_sql.ADD_SPEAKERS.format(keyed=unknown, fresh=fresh), {"now": now})
    columns, joined = message_sql.NOBODY_TURNED
    if spans.turned:
        cursor.execute(message_sql.FIND_TURNED.format(staging=relation))
        columns, joined = message_sql.SOMEBODY_TURNED
    keyed = message_sql.KEYED.format(staging=relation, where="")
    make = message_sql.MAKE_BATCH.format(keyed=keyed, fresh=fresh, turned=columns, joined=joined)
    cursor.execute(make, {"zone": settings.TIME_ZONE, "groups": spans.groups})
    stored = int(cursor.rowcount)
    cursor.execute(message_sql.LOOK_AT_BATCH)
    return stored


def _write(cursor: CursorWrapper, spans: Spans, job_id: int | None, now: datetime) -> None:
    cursor.execute(message_sql.STORE, {"job": job_id})
    cursor.execute(message_sql.COUNT_SPOKEN)
    cursor.execute(message_sql.COUNT_EDGES)
    cursor.execute(message_sql.SEEN)
    if cursor.fetchone()[0]:
        count_flow(spans.groups)
    cursor.execute(message_sql.KEEP_DIGESTS, {"since": now - timedelta(days=kept_days(DIGESTS))})
    cursor.execute(message_sql.INTERACTIONS)
    if cursor.rowcount:
        record_interactions(now=now, staging=CONTACTS)
    keep_texts(cursor, batch=BATCH, now=now)
    for each in batch_scans:
        each.scan(cursor, BATCH, now)
