"""A slot that repeats: all of its repetitions, or none."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from content.errors import PlanNotLaid
from content.models import ContentType, Series, Slot
from content.selectors.calendar import midnight
from content.services.slots import create_slot

MOST_TIMES, MOST_DAYS = 60, 92


@transaction.atomic
def repeat(
    *,
    type: ContentType,  # noqa: A002  # the word of the domain
    title: str,
    first_at: datetime,
    every_days: int,
    times: int,
    owner: User,
    by: User,
    now: datetime,
) -> list[Slot]:
    """A slot and its repetitions, at the same time of day where the brand is. Raises PlanNotLaid or what a slot does."""
    faults = {}
    if not 1 <= times <= MOST_TIMES:
        faults["times"] = [_("Between 1 and %(limit)d times.") % {"limit": MOST_TIMES}]
    if not 1 <= every_days <= MOST_DAYS:
        faults["every_days"] = [_("Between 1 and %(limit)d days apart.") % {"limit": MOST_DAYS}]
    if faults:
        raise PlanNotLaid(fields=faults)
    series = Series.objects.create(title=title.strip()[:100], every_days=every_days, times=times, by=by, at=now)
    record(by=by, action="content.series.create", obj=series, changes={"times": [None, times]}, at=now)
    local = timezone.localtime(first_at)
    moments = [at_time_of(local, local.date() + timedelta(days=place * every_days)) for place in range(times)]
    return [
        create_slot(
            type=type,
            title=title,
            planned_at=moment,
            owner=owner,
            series_id=series.pk,
            by=by,
            now=now,
            allow_overlap=True,
        )
        for moment in moments
    ]


def at_time_of(moment: datetime, day: date) -> datetime:
    """That day, at the time of day of the moment."""
    start = midnight(day)
    return start.replace(hour=moment.hour, minute=moment.minute)
