"""Who came from which tier to which, between any two moments."""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from members.models import Member

# The tier of everybody at a moment: what the first change after it moved away from, else what stands now. Only
# changes after the moment are read. Members that were in no run yet have the empty tier.
TIER_AT = """
    SELECT coalesce(s.member_id, c.member_id) AS member_id, coalesce(c.from_tier, s.tier) AS tier
    FROM segments_memberstanding s FULL JOIN (
        SELECT DISTINCT ON (member_id) member_id, from_tier
        FROM segments_tierchange WHERE at > %(at)s ORDER BY member_id, at, id
    ) c ON c.member_id = s.member_id
"""
NAMED = re.compile(r"%\((\w+)\)s")
START, END = TIER_AT.replace("%(at)s", "%(start)s"), TIER_AT.replace("%(at)s", "%(end)s")


@dataclass(frozen=True, kw_only=True)
class FlowCell:
    """Members that were in one tier and then in another (empty: in none), and their net revenue in between."""

    from_tier: str
    to_tier: str
    members: int
    revenue: Decimal


def tier_flow(*, start: datetime, end: datetime) -> list[FlowCell]:
    """Every pair of tiers at two moments, those who stayed included; revenue in `[start, end)`.

    The tier at a moment is that of the last run at or before it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT b.tier, e.tier, count(*), coalesce(sum(p.amount), 0)
            FROM ({START}) b JOIN ({END}) e ON e.member_id = b.member_id
            LEFT JOIN (
                SELECT member_id, sum(amount) AS amount FROM timeline_purchase
                WHERE occurred_at >= %(start)s AND occurred_at < %(end)s GROUP BY member_id
            ) p ON p.member_id = b.member_id
            WHERE b.tier <> '' OR e.tier <> '' GROUP BY 1, 2 ORDER BY 1, 2
            """,
            {"start": start, "end": end},
        )
        rows: Sequence[tuple[str, str, int, Decimal]] = cursor.fetchall()
    return [FlowCell(from_tier=one, to_tier=other, members=n, revenue=money) for one, other, n, money in rows]


def members_in_flow(*, start: datetime, end: datetime, from_tier: str, to_tier: str) -> QuerySet[Member]:
    """The people behind one cell; whoever asks still has to apply `visible_to`."""
    sql = f"""
        SELECT b.member_id FROM ({START}) b JOIN ({END}) e ON e.member_id = b.member_id
        WHERE b.tier = %(from)s AND e.tier = %(to)s
    """
    return Member.objects.filter(pk__in=_raw(sql, {"start": start, "end": end, "from": from_tier, "to": to_tier}))


def _raw(sql: str, values: dict[str, object]) -> RawSQL:
    """RawSQL takes its values by place."""
    names = NAMED.findall(sql)
    return RawSQL(  # noqa: S611  # same
        NAMED.sub("%s", sql), [values[name] for name in names]
    )
