"""The text of messages: kept for members who agreed to personalised content, sealed under their keys, for a while.

Everybody else's is read by the scans when it arrives and then is gone. Agreement is asked of the gate when a text is
stored, when it is read, and every few minutes of what lies here: a withdrawal takes the texts with it.
"""

# the text of the SQL comes from this project alone; every value is a bound parameter

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from audit.services import record
from community.models import MessageText
from community.selectors.keeping import TEXTS, kept_days
from compliance.enums.consent import Channel, Purpose
from compliance.selectors.gate import verdicts
from core.services.claims import claimed
from core.services.sealing import subject_keys
from core.services.surprises import each_by_itself

WORK = "community.forget_texts"
AT_ONCE = 5_000
FIELD = MessageText._meta.get_field("text")
_SPEAKERS = "SELECT DISTINCT member_id FROM {batch} WHERE member_id IS NOT NULL AND text <> '' AND sent_at >= %s"
_TEXTS = """
SELECT message_id, member_id, group_id, sent_at, text FROM {batch}
WHERE member_id = ANY (%s) AND text <> '' AND sent_at >= %s ORDER BY message_id
"""
_WITH_TEXTS = "SELECT DISTINCT member_id FROM community_messagetext WHERE member_id > %s ORDER BY 1 LIMIT %s"
_FORGET = "DELETE FROM community_messagetext WHERE member_id = ANY (%s)"


def agreed(member_ids: Iterable[int], *, now: datetime) -> list[int]:
    """Those of them whose words may be kept, by the contact gate."""
    found: list[int] = []
    for some in _batches(member_ids):
        answers = verdicts(some, purpose=Purpose.PERSONALISATION, channel=Channel.ANY, at=now)
        found += [member_id for member_id, verdict in answers.items() if verdict.allowed]
    return found


def keep_texts(cursor: CursorWrapper, *, batch: str, now: datetime) -> int:
    """Seal the texts of a batch that may be kept and are young enough; answers how many."""
    since = now - timedelta(days=kept_days(TEXTS))
    cursor.execute(_SPEAKERS.format(batch=batch), [since])
    members = agreed((member_id for (member_id,) in cursor.fetchall()), now=now)
    if not members:
        return 0
    keys = subject_keys(FIELD.subject_kind, members)
    cursor.execute(_TEXTS.format(batch=batch), [members, since])
    rows = cursor.fetchall()
    sealed = keys.seal_all(FIELD, ((row[1], row[4]) for row in rows))
    with cursor.copy("COPY community_messagetext (message_id, member_id, group_id, sent_at, text) FROM STDIN") as copy:
        for row, text in zip(rows, sealed, strict=True):
            copy.write_row((*row[:4], text))
    return len(rows)


def forget_texts(*, now: datetime) -> int:
    """Delete the texts of all who do not agree any more; answers of how many members. Outside of a transaction.

    Each batch commits by itself; behind one that fails the others are done, before that is raised. Where another process
    is at it, nothing is done.
    """
    with claimed(WORK) as mine:
        return sum(each_by_itself(_holders() if mine else (), lambda members: _forget_refusing(members, now)))


def _holders() -> Iterator[list[int]]:
    """Members of whom there are texts, some at a time."""
    last = 0
    while members := _members_after(last):
        last = members[-1]
        yield members


def _forget_refusing(members: list[int], now: datetime) -> int:
    gone = sorted(set(members) - set(agreed(members, now=now)))
    if gone:
        _forget(gone, now)
    return len(gone)


def _members_after(last: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_WITH_TEXTS, [last, AT_ONCE])
        return [member_id for (member_id,) in cursor.fetchall()]


@transaction.atomic
def _forget(member_ids: list[int], now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, [member_ids])
        changes = {"texts": [cursor.rowcount, 0], "members": [len(member_ids), 0]}
    record(by=None, action="community.forget_texts", changes=changes, at=now)


def _batches(numbers: Iterable[int]) -> Iterator[list[int]]:
    listed = list(numbers)
    yield from (listed[start : start + AT_ONCE] for start in range(0, len(listed), AT_ONCE))
