"""One member's activities."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection

from members.models import Member

_HERS = """
WITH took AS (
    SELECT activity_id, max(occurred_at) AS at, count(*) AS times FROM campaigns_participation
    WHERE member_id = %(member)s GROUP BY 1
), bought AS (
    SELECT activity_id, max(occurred_at) AS at, count(*) AS orders, sum(net) AS net FROM campaigns_attribution
    WHERE member_id = %(member)s GROUP BY 1
)
SELECT activity.id, activity.name, greatest(took.at, bought.at), coalesce(took.times, 0), coalesce(bought.orders, 0),
    coalesce(bought.net, 0)
FROM took FULL JOIN bought USING (activity_id) JOIN campaigns_activity AS activity ON activity.id = activity_id
ORDER BY 3 DESC, 1 DESC LIMIT %(limit)s
"""


@dataclass(frozen=True)
class Hers:
    """An activity as one member knows it: when last, how often, what she bought by it."""

    activity_id: int
    name: str
    at: datetime
    times: int
    orders: int
    revenue: Decimal


def activities_of(member: Member, *, limit: int) -> list[Hers]:
    """The latest first; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_HERS, {"member": member.pk, "limit": limit})
        return [Hers(*row) for row in cursor.fetchall()]
