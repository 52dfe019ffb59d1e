"""Sums of one member."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from members.models import Member
from members.selectors.persons import records_of_person

_BY_MONTH = """
SELECT date_trunc('month', occurred_at AT TIME ZONE %(zone)s)::date,
    count(*) FILTER (WHERE kind = 'order' AND sold), count(*) FILTER (WHERE kind = 'refund'),
    sum(amount), coalesce(sum(amount) FILTER (WHERE kind = 'order'), 0),
    min(occurred_at) FILTER (WHERE kind = 'order' AND sold), max(occurred_at) FILTER (WHERE kind = 'order' AND sold)
FROM timeline_purchase WHERE member_id = ANY (%(records)s) AND occurred_at < %(now)s
GROUP BY 1 ORDER BY 1
"""


@dataclass(frozen=True)
class SpendMonth:
    """Net money and orders of one local month, which begins on `month`; the last one is not over yet."""

    month: date
    amount: Decimal
    orders: int


@dataclass(frozen=True)
class Totals:
    """All that a member ever bought: `net` is after refunds, `gross` before; times of the first and last order."""

    orders: int
    refunds: int
    net: Decimal
    gross: Decimal
    first_order_at: datetime | None
    last_order_at: datetime | None

    @property
    def average_order(self) -> Decimal | None:
        """Money of orders, before refunds, per order; None without any."""
        return round(self.gross / self.orders, 2) if self.orders else None


@dataclass(frozen=True)
class Spending:
    """`months`: so many local months up to the present one, also those without an order; `totals`: since the beginning."""

    months: list[SpendMonth]
    totals: Totals


def spending(member: Member, *, now: datetime, months: int = 18) -> Spending:
    """What a member bought up to `now`, by every record of hers, from the facts."""
    values: dict[str, Any] = {"records": records_of_person(member.pk), "now": now, "zone": settings.TIME_ZONE}
    with connection.cursor() as cursor:
        cursor.execute(_BY_MONTH, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    found = {row[0]: SpendMonth(row[0], row[3], row[1]) for row in rows}
    present = timezone.localtime(now).date().replace(day=1)
    shown = [_month_before(present, back) for back in range(months - 1, -1, -1)]
    return Spending([found.get(month, SpendMonth(month, Decimal(0), 0)) for month in shown], _totals(rows))


def _totals(rows: list[tuple[Any, ...]]) -> Totals:
    """Rows are in the order of time: the first order is in the first month that has one."""
    first, last = ([row[place] for row in rows if row[place]] for place in (5, 6))
    return Totals(
        orders=sum(row[1] for row in rows),
        refunds=sum(row[2] for row in rows),
        net=sum((row[3] for row in rows), Decimal(0)),
        gross=sum((row[4] for row in rows), Decimal(0)),
        first_order_at=first[0] if first else None,
        last_order_at=last[-1] if last else None,
    )


def _month_before(month: date, back: int) -> date:
    year, place = divmod(month.year * 12 + month.month - 1 - back, 12)
    return date(year, place + 1, 1)
