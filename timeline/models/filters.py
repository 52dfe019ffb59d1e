"""What the timeline lets members be filtered by: when they first bought, by the sums per day."""

from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.enums import FilterKind
from members.models import Member, MemberFilter, member_filters
from members.rules.parameters import Span
from timeline.models.rollups import PurchaseDay


def first_purchase_within(members: QuerySet[Member], span: Span) -> QuerySet[Member]:
    """Members whose first day with an order lies in the span."""
    start, end = _days(span)
    if start is not None:
        members = members.filter(_bought(day__gte=start), ~_bought(day__lt=start))
    if end is not None:
        members = members.filter(_bought(day__lt=end))
    return members


def _bought(**days: date) -> Exists:
    return Exists(PurchaseDay.objects.filter(member=OuterRef("pk"), orders__gt=0, **days))


def _days(span: Span) -> tuple[date | None, date | None]:
    """Whole local days: the one on which the span begins, and the one that is the first after it."""
    end = None if span.end is None else _local_day(span.end - timedelta(microseconds=1)) + timedelta(days=1)
    return (None if span.start is None else _local_day(span.start)), end


def _local_day(moment: datetime) -> date:
    return moment.astimezone(timezone.get_default_timezone()).date()


member_filters.register_all(
    (
        MemberFilter(
            code="first_purchase",
            label=_("first purchase"),
            kind=FilterKind.MOMENTS,
            apply=first_purchase_within,
            order=42,
        ),
    )
)
