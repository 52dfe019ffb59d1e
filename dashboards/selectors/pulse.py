"""Yesterday beside the same weekday before, from the roll-ups of days."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum
from django.db.models.query import QuerySet
from django.utils import timezone

from members.models import Member
from timeline.models import InteractionDay, PurchaseDay


@dataclass(frozen=True)
class Figure:
    """A day's value and that of seven days before; `change` is relative, None where the day before had nothing."""

    value: Decimal | int
    before: Decimal | int

    @property
    def change(self) -> float | None:
        return float(self.value / self.before) - 1 if self.before else None

    @property
    def size(self) -> float | None:
        """The change without its sign."""
        return None if self.change is None else abs(self.change)


@dataclass(frozen=True)
class Pulse:
    """What happened on `day` (a whole local day): net revenue in ¥, orders, people who bought, interactions, new."""

    day: dt.date
    revenue: Figure
    orders: Figure
    buyers: Figure
    interactions: Figure
    joined: Figure


def pulse(members: QuerySet[Member] | None, *, today: dt.date) -> Pulse:
    """The pulse of the day before `today`, over `members` (None: everybody). Three statements."""
    day, before = today - dt.timedelta(days=1), today - dt.timedelta(days=8)
    scope = Q() if members is None else Q(member__in=members.order_by())
    bought: dict[dt.date, Mapping[str, Any]] = {
        row["day"]: row
        for row in PurchaseDay.objects.filter(scope, day__in=(day, before))
        .values("day")
        .annotate(revenue=Sum("amount"), count=Sum("orders"), people=Count("member_id", filter=Q(orders__gt=0)))
    }
    done = dict(
        InteractionDay.objects.filter(scope, day__in=(day, before)).values_list("day").annotate(times=Sum("count"))
    )

    def figure(name: str) -> Figure:
        value, earlier = (bought.get(when, {}).get(name, 0) for when in (day, before))
        return Figure(value, earlier)

    return Pulse(
        day=day,
        revenue=figure("revenue"),
        orders=figure("count"),
        buyers=figure("people"),
        interactions=Figure(done.get(day, 0), done.get(before, 0)),
        joined=_joined(Member.objects.active() if members is None else members, day, before),
    )


def _joined(members: QuerySet[Member], day: dt.date, before: dt.date) -> Figure:
    within = _registered_on(day) | _registered_on(before)  # lets the index on the registration do the work
    counts = members.filter(within).aggregate(
        value=Count("pk", filter=_registered_on(day)), before=Count("pk", filter=_registered_on(before))
    )
    return Figure(counts["value"], counts["before"])


def _registered_on(day: dt.date) -> Q:
    start = timezone.make_aware(dt.datetime.combine(day, dt.time.min))
    return Q(registered_at__gte=start, registered_at__lt=start + dt.timedelta(days=1))
