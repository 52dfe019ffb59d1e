"""What content does by itself."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from content import consumers
from content.services import hours, measuring, tidying
from core.registries import Schedule, schedules

__all__ = ["consumers"]


@shared_task(name="content.watch")
def watch() -> dict[str, int]:
    return measuring.watch(now=timezone.now())


@shared_task(name="content.warn_of_gaps")
def warn_of_gaps() -> int:
    return measuring.warn_of_gaps(now=timezone.now())


@shared_task(name="content.count_active_hours")
def count_active_hours() -> int:
    """Of everybody, then of each audience; answers how many audiences."""
    measuring.count_active_hours(now=timezone.now())
    return hours.count_audience_hours(now=timezone.now())


@shared_task(name="content.measure")
def measure() -> int:
    return measuring.measure_all(now=timezone.now())


@shared_task(name="content.tidy")
def tidy() -> int:
    """Answers how many files went."""
    return tidying.tidy_files(now=timezone.now())


schedules.register_all(
    [
        Schedule(
            code="content.watch",
            task="content.watch",
            description=_("Tells owners what is due in the calendar, and marks what was missed"),
            every=timedelta(minutes=1),
        ),
        Schedule(
            code="content.warn_of_gaps",
            task="content.warn_of_gaps",
            description=_("Warns of gaps in the cadence while there is still time"),
            crontab="0 9 * * *",
        ),
        Schedule(
            code="content.count_active_hours",
            task="content.count_active_hours",
            description=_("Counts at which hours members are active"),
            crontab="50 3 * * *",
            queue="bulk",
        ),
        Schedule(
            code="content.measure",
            task="content.measure",
            description=_("Measures what was published against its targets"),
            crontab="35 * * * *",
            queue="bulk",
        ),
        Schedule(
            code="content.tidy",
            task="content.tidy",
            description=_("Removes files of materials whose upload broke off"),
            crontab="45 4 * * *",
            queue="bulk",
        ),
    ]
)
