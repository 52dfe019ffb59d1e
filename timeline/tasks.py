"""Tasks of the timeline: wake-ups; what is to be done stands in the tables."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.registries import Schedule, schedules
from timeline import consumers, services

__all__ = ["consumers"]


@shared_task
def follow_all() -> dict[str, int]:
    return services.follow_all(now=timezone.now())


@shared_task
def make_months() -> int:
    return services.make_months(today=timezone.localdate())


schedules.register_all(
    (
        Schedule(
            code="timeline.follow_all",
            task="timeline.tasks.follow_all",
            description=_("Follows new facts: sums per member and day"),
            every=timedelta(seconds=30),
        ),
        Schedule(
            code="timeline.make_months",
            task="timeline.tasks.make_months",
            description=_("Makes room for the facts of the coming months"),
            crontab="20 3 * * *",
        ),
    )
)
