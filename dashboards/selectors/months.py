"""A month in sums, and the months of which there are figures."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db.models import Count, Max, Min, Q, QuerySet, Sum
from django.utils import timezone

from core.moments import read_day
from dashboards.models import EVERYBODY, Snapshot
from members.models import Member, owner_number
from members.selectors.persons import records_behind
from timeline.models import InteractionDay, PurchaseDay

OWNER = owner_number("member")


@dataclass(frozen=True)
class Month:
    first: date

    @property
    def last(self) -> date:
        return self.following.first - timedelta(days=1)

    @property
    def following(self) -> "Month":
        return Month((self.first + timedelta(days=31)).replace(day=1))

    @property
    def before(self) -> "Month":
        return Month((self.first - timedelta(days=1)).replace(day=1))

    def __str__(self) -> str:
        return f"{self.first:%Y-%m}"


@dataclass(frozen=True)
class MonthTotals:
    """Net ¥, orders, members who ordered, interactions, members who registered."""

    revenue: Decimal
    orders: int
    buyers: int
    interactions: int
    joined: int


def month_of(text: str) -> Month | None:
    """From `2026-10`; None for anything else."""
    first = read_day(f"{text}-01")
    return Month(first) if first else None


def measured_months(today: date) -> list[Month]:
    """Months that are over and whose last day was measured, the latest first."""
    found = Snapshot.objects.filter(slice=EVERYBODY).aggregate(first=Min("day"), last=Max("day"))
    return list(_between(found["first"], min(found["last"], today - timedelta(days=1)))) if found["first"] else []


def _between(first: date, last: date) -> Iterator[Month]:
    month = Month((last + timedelta(days=1)).replace(day=1)).before
    while month.last >= first:
        yield month
        month = month.before


def totals_of(month: Month, members: QuerySet[Member] | None) -> MonthTotals:
    """Of everybody (None), or of the members of a scope, with what was merged into them; three statements."""
    scope = Q() if members is None else Q(member__in=records_behind(members))
    days = Q(day__range=(month.first, month.last))
    bought = PurchaseDay.objects.filter(scope, days).aggregate(
        net=Sum("amount"), count=Sum("orders"), people=Count(OWNER, filter=Q(orders__gt=0), distinct=True)
    )
    did = InteractionDay.objects.filter(scope, days).aggregate(times=Sum("count"))
    people = Member.objects.active() if members is None else members
    begins, ends = (timezone.make_aware(datetime.combine(day, time())) for day in (month.first, month.following.first))
    joined = people.filter(registered_at__gte=begins, registered_at__lt=ends).count()
    return MonthTotals(
        bought["net"] or Decimal(0), bought["count"] or 0, bought["people"] or 0, did["times"] or 0, joined
    )
