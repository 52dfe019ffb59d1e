"""Activities in the content calendar, on the days on which they run."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from django.urls import reverse
from django.utils import timezone

from campaigns.models import Activity
from campaigns.pages.activities import STATES
from content.models import Stretch, StretchSource, stretches

NOT_DRAWN = ("archived", "cancelled")
MOST = 200


def activities_between(first: date, last: date) -> Sequence[Stretch]:
    """Whatever has its dates and touches these days; one that ends at midnight ends with the day before."""
    begin, end = (timezone.make_aware(datetime.combine(day, time.min)) for day in (first, last + timedelta(days=1)))
    found = Activity.objects.filter(starts_at__lt=end, ends_at__gt=begin).exclude(state__in=NOT_DRAWN)
    return [_stretch(activity) for activity in found.order_by("starts_at", "pk")[:MOST]]


def _stretch(activity: Activity) -> Stretch:
    starts, ends = (
        activity.starts_at or activity.created_at,
        activity.ended_at or activity.ends_at or activity.created_at,
    )
    return Stretch(
        name=activity.name,
        url=reverse("campaigns:activity", args=(activity.pk,)),
        first=timezone.localdate(starts),
        last=max(timezone.localdate(ends - timedelta(microseconds=1)), timezone.localdate(starts)),
        state=STATES[activity.state],
        words=activity.get_state_display(),
    )


stretches.register(
    StretchSource(code="activities", find=activities_between, permission="campaigns.view_activity", order=10)
)
