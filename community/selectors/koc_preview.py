"""Who would move if the scores were weighed otherwise, from the facts of the last run; nothing is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from accounts.models import User
from community.rules.koc_scoring import Weighing, parts_sql, stored_fact, total_sql
from members.models import Member

SHOWN = 12
# Among the best is whoever stands within so many places; at equal scores the lower number comes first, as in the list.
RANKED = """
WITH weighed AS (
    SELECT member_id, total AS was, {total} AS now FROM (
        SELECT member_id, total, {parts} AS parts FROM community_kocscore
    ) AS score
), ranked AS (
    SELECT *, row_number() OVER (ORDER BY was DESC, member_id) AS place_was,
        row_number() OVER (ORDER BY now DESC, member_id) AS place_now FROM weighed
)
"""
COUNTS = """
SELECT count(*), count(*) FILTER (WHERE now > was), count(*) FILTER (WHERE now < was),
    count(*) FILTER (WHERE place_now <= %(places)s AND place_was > %(places)s),
    round(avg(was), 1), round(avg(now), 1) FROM ranked
"""
MOVERS = """
SELECT member_id, was, now, place_was, place_now FROM ranked
WHERE (place_now <= %(places)s) <> (place_was <= %(places)s)
ORDER BY abs(now - was) DESC, member_id LIMIT %(shown)s
"""


@dataclass(frozen=True, kw_only=True)
class Mover:
    """Somebody who comes among the best, or drops out; `member` only for whom she is visible to."""

    member: Member | None
    was: Decimal
    now: Decimal
    place_was: int
    place_now: int
    enters: bool


@dataclass(frozen=True, kw_only=True)
class Preview:
    """`places` are as many as the upper share of KOC; as many come in as drop out."""

    members: int
    places: int
    higher: int
    lower: int
    exchanged: int
    mean_was: Decimal | None
    mean_now: Decimal | None
    movers: Sequence[Mover]


def preview(weighing: Weighing, *, places: int, user: User) -> Preview:
    """Two statements over the stored facts. A window that changes shows in the next run only."""
    parts = parts_sql(weighing, stored_fact)
    ranked = RANKED.format(parts=parts, total=total_sql(weighing, "parts"))
    with connection.cursor() as cursor:
        cursor.execute(ranked + COUNTS, {"places": places})
        members, higher, lower, exchanged, mean_was, mean_now = cursor.fetchone()
        cursor.execute(ranked + MOVERS, {"places": places, "shown": SHOWN})
        rows = cursor.fetchall()
    seen = Member.objects.visible_to(user).in_bulk([row[0] for row in rows])
    movers = [
        Mover(
            member=seen.get(member_id),
            was=was,
            now=now,
            place_was=place_was,
            place_now=place_now,
            enters=place_now <= places,
        )
        for member_id, was, now, place_was, place_now in rows
    ]
    return Preview(
        members=members,
        places=places,
        higher=higher,
        lower=lower,
        exchanged=exchanged,
        mean_was=mean_was,
        mean_now=mean_now,
        movers=movers,
    )
