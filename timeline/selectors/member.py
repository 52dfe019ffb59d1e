"""Sums of one member."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection

from members.models import Member

_CURVE = """
SELECT month::date, coalesce(sum(fact.amount), 0), count(fact.id) FILTER (WHERE fact.kind = 'order' AND fact.sold)
FROM generate_series(
    date_trunc('month', %(now)s AT TIME ZONE %(zone)s) - make_interval(months => %(months)s - 1),
    date_trunc('month', %(now)s AT TIME ZONE %(zone)s), interval '1 month'
) AS month
LEFT JOIN (
    SELECT id, amount, kind, sold, date_trunc('month', occurred_at AT TIME ZONE %(zone)s) AS month
    FROM timeline_purchase
    WHERE member_id = %(member)s AND occurred_at < %(now)s AND occurred_at >= (
        date_trunc('month', %(now)s AT TIME ZONE %(zone)s) - make_interval(months => %(months)s - 1)
    ) AT TIME ZONE %(zone)s
) AS fact USING (month)
GROUP BY month ORDER BY month
"""
_TOTALS = """
SELECT count(*) FILTER (WHERE kind = 'order' AND sold), count(*) FILTER (WHERE kind = 'refund'),
    coalesce(sum(amount), 0), coalesce(sum(amount) FILTER (WHERE kind = 'order'), 0),
    min(occurred_at) FILTER (WHERE kind = 'order' AND sold), max(occurred_at) FILTER (WHERE kind = 'order' AND sold)
FROM timeline_purchase WHERE member_id = %s AND occurred_at < %s
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


def spend_curve(member: Member, *, now: datetime, months: int = 18) -> list[SpendMonth]:
    """So many local months up to the one of `now`, also those without an order; from the facts, by one query."""
    values: dict[str, Any] = {"member": member.pk, "now": now, "months": months, "zone": settings.TIME_ZONE}
    with connection.cursor() as cursor:
        cursor.execute(_CURVE, values)
        return [SpendMonth(*row) for row in cursor.fetchall()]


def totals(member: Member, *, now: datetime) -> Totals:
    """Everything up to `now`, by one query."""
    with connection.cursor() as cursor:
        cursor.execute(_TOTALS, [member.pk, now])
        return Totals(*cursor.fetchone())
