"""Chances in a draw: one for each reason, as many as the rules allow, in time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from accounts.models import User
from audit.services import Target, record
from loyalty.errors import ChancesUsed, DrawClosed
from loyalty.models import Draw
from members.models import Member

LONGEST_REASON = 80
# The draw's row is locked in share mode: whoever runs the draw waits until entries on their way have arrived.
OPEN = """
SELECT max_chances FROM loyalty_draw
WHERE id = %(draw)s AND state = 'published' AND opens_at <= %(now)s AND closes_at > %(now)s FOR SHARE
"""
ENTER = """
WITH held AS (
    SELECT count(*) AS chances, min(id) AS first, max(id) FILTER (WHERE reason = %(reason)s) AS same
    FROM loyalty_drawentry WHERE draw_id = %(draw)s AND member_id = %(member)s
), number AS (SELECT nextval(pg_get_serial_sequence('loyalty_drawentry', 'id')) AS id), entered AS (
    INSERT INTO loyalty_drawentry (id, draw_id, member_id, participant, ordinal, reason, entered_at)
    SELECT number.id, %(draw)s, %(member)s, coalesce(first, number.id), chances + 1, %(reason)s, %(now)s
    FROM held, number WHERE same IS NULL AND chances < %(most)s
    ON CONFLICT DO NOTHING RETURNING id
)
SELECT (SELECT id FROM entered), same, chances FROM held
"""
TURNS = 20


@dataclass(frozen=True, kw_only=True)
class Entered:
    """A chance; `new` is False where the member had it for the same reason already."""

    entry_id: int
    new: bool


@transaction.atomic
def enter(*, draw: Draw, member: Member, now: datetime, by: User | None, reason: str = "entry") -> Entered:
    """A chance for the member, one for each reason ("entry", "order:A1"), as many as the rules allow.

    The same reason again is the same chance. Raises DrawClosed before, after, and while nothing is published;
    ChancesUsed.
    """
    values: dict[str, Any] = {"draw": draw.pk, "member": member.pk, "reason": reason[:LONGEST_REASON], "now": now}
    with connection.cursor() as cursor:
        cursor.execute(OPEN, values)
        found = cursor.fetchone()
        if found is None:
            raise DrawClosed
        for _turn in range(TURNS):
            cursor.execute(ENTER, {**values, "most": found[0]})
            entry, same, chances = cursor.fetchone()
            if same is not None:
                return Entered(entry_id=same, new=False)
            if entry is not None:
                return _entered(draw, entry, by=by, now=now)
            if chances >= found[0]:
                break
    raise ChancesUsed


def _entered(draw: Draw, entry: int, *, by: User | None, now: datetime) -> Entered:
    target = Target(object_type="loyalty.drawentry", object_id=entry, label=draw.name)
    record(by=by, action="loyalty.enter_draw", obj=target, changes={"draw": [None, draw.pk]}, at=now)
    return Entered(entry_id=entry, new=True)
