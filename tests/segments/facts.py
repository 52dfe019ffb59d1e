"""Facts by plain SQL, so that tiers are tested without what lies between a file and the timeline."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any, NamedTuple

from django.db import connection

from members.models import Member

NUMBERS = count(1)


class Order(NamedTuple):
    """A purchase header as the timeline keeps it."""

    member_id: int
    occurred_at: datetime
    amount: Decimal
    sold: bool = True
    coupon: bool = False


class Act(NamedTuple):
    """An interaction as the timeline keeps it."""

    member_id: int
    occurred_at: datetime
    kind: str = "browse"


def make_members(registered: Iterable[datetime | None], *, created_at: datetime | None = None) -> list[int]:
    """Members with these registrations; their numbers."""
    rows = [Member(registered_at=moment, **({"created_at": created_at} if created_at else {})) for moment in registered]
    return [member.pk for member in Member.objects.bulk_create(rows)]


def add_orders(orders: Sequence[Order]) -> list[int]:
    """Insert purchase headers; their numbers."""
    ensure_months(order.occurred_at.date() for order in orders)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO timeline_purchase (member_id, occurred_at, amount, sold, kind, source, order_no, coupon_code)
            SELECT m, o, a, s, k, 'test', n, c FROM unnest(
                %s::bigint[], %s::timestamptz[], %s::numeric[], %s::bool[], %s::text[], %s::text[], %s::text[]
            ) AS u(m, o, a, s, k, c, n) RETURNING id
            """,
            [
                [order.member_id for order in orders],
                [order.occurred_at for order in orders],
                [order.amount for order in orders],
                [order.sold for order in orders],
                ["order" if order.sold else "refund" for order in orders],
                ["C" if order.coupon else "" for order in orders],
                [str(next(NUMBERS)) for _order in orders],
            ],
        )
        return [row[0] for row in cursor.fetchall()]


def add_acts(acts: Sequence[Act]) -> None:
    ensure_months(act.occurred_at.date() for act in acts)
    _run(
        """
        INSERT INTO timeline_interaction (member_id, occurred_at, kind, source)
        SELECT m, o, k, 'test' FROM unnest(%s::bigint[], %s::timestamptz[], %s::text[]) AS u(m, o, k)
        """,
        [[act.member_id for act in acts], [act.occurred_at for act in acts], [act.kind for act in acts]],
    )


def add_touch(member_id: int, occurred_at: datetime) -> None:
    ensure_months([occurred_at.date()])
    _run(
        "INSERT INTO timeline_touch (member_id, occurred_at, source) VALUES (%s, %s, 'test')", [member_id, occurred_at]
    )


def change_order(order_id: int, order: Order) -> None:
    """What the timeline does when lines are added to an order: the header is written anew, and a rebuild is due."""
    ensure_months([order.occurred_at.date()])
    _run(
        """
        UPDATE timeline_purchase SET occurred_at = %s, amount = %s, sold = %s, coupon_code = %s, xid = timeline_xid()
        WHERE id = %s
        """,
        [order.occurred_at, order.amount, order.sold, "C" if order.coupon else "", order_id],
    )
    _run("INSERT INTO timeline_rebuild (member_id, reason) VALUES (%s, 'lines')", [order.member_id])


def ensure_months(days: Iterable[date]) -> None:
    months = sorted({day.replace(day=1) for day in days})
    if months:
        _run("SELECT timeline_ensure_months(%s::date[])", [months])


def moment(text: str) -> datetime:
    """A moment in UTC from ISO text."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _run(sql: str, values: Sequence[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
