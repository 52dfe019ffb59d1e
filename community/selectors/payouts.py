"""Pay-outs before they are made, and as they stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection

from accounts.models import User
from community.models import Koc, Payout, PayoutLine
from community.rules.payout_sql import PLAN, POSITIONS

NOBODY = "SELECT NULL::bigint WHERE false"


@dataclass(frozen=True, kw_only=True)
class PayoutPlan:
    """What a pay-out made now would hold.

    `offset` of `payable` goes against what KOC have to give back; `carried` is what `debtors` still owe afterwards;
    `gone` were erased, and what they are owed (`gone_amount`) cannot be paid to anybody.
    """

    koc: int
    payable: Decimal
    offset: Decimal
    debtors: int
    carried: Decimal
    gone: int
    gone_amount: Decimal

    @property
    def total(self) -> Decimal:
        return self.payable - self.offset


def positions_statement(user: User) -> tuple[str, Sequence[Any]]:
    """SELECT of what each KOC that `user` may see is owed and has to give back, with its values."""
    try:
        koc, values = Koc.objects.visible_to(user).order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:  # somebody who works with no person
        koc, values = NOBODY, ()
    return POSITIONS.format(koc=koc), values


def plan_of_payout(user: User) -> PayoutPlan:
    """The dry run, by one statement; nothing is kept from anybody meanwhile."""
    positions, values = positions_statement(user)
    with connection.cursor() as cursor:
        cursor.execute(PLAN.format(positions=positions), values)
        koc, payable, offset, debtors, carried, gone, gone_amount = cursor.fetchone()
    return PayoutPlan(
        koc=koc,
        payable=payable,
        offset=offset,
        debtors=debtors,
        carried=carried,
        gone=gone,
        gone_amount=gone_amount,
    )


def lines_of(payout: Payout, *, user: User, after: int = 0, most: int = 0) -> list[PayoutLine]:
    """In the order of the KOC's numbers, those above `after`; all without `most`."""
    rows = PayoutLine.objects.visible_to(user).filter(payout=payout, koc__gt=after).select_related("koc__member")
    rows = rows.order_by("koc_id")
    return list(rows[:most] if most else rows)
