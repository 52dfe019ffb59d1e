"""Before a coupon is given to many: how many would get one, and why others would not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from loyalty.models import Coupon
from loyalty.rules.giving import COUNT, JUDGED
from members.models import Member


@dataclass(frozen=True, kw_only=True)
class GivingPlan:
    """`without` counts members by why they get none: had, merged, limit, exhausted."""

    would: int
    without: Mapping[str, int] = field(default_factory=dict)


def plan_of_giving(*, coupon: Coupon, members: QuerySet[Member], key: str) -> GivingPlan:
    """One statement over the members as things stand now; nothing is kept from anybody meanwhile."""
    judged, values = judged_statement(coupon, members, key)
    with connection.cursor() as cursor:
        cursor.execute(COUNT.format(judged=judged), values)
        counts = dict(cursor.fetchall())
    free = counts.pop("", 0)
    left = Coupon.objects.values_list("stock", "granted").get(pk=coupon.pk)
    would = free if left[0] is None else min(free, left[0] - left[1])
    return GivingPlan(would=would, without=counts | ({"exhausted": free - would} if free > would else {}))


def judged_statement(coupon: Coupon, members: QuerySet[Member], key: str) -> tuple[str, list[Any]]:
    """SELECT of the members' numbers (`id`) and `why` one gets none (empty: she does), with its values."""
    asked, given = members.order_by().values("id", "merged_into_id").query.sql_with_params()
    return JUDGED.format(members=asked), [coupon.per_member, *given, key, coupon.pk]
