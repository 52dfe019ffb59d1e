"""What campaigns do by themselves."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns import consumers
from campaigns.services.attribution import TASK as HARVEST
from campaigns.services.attribution import credit_asked
from campaigns.services.giving import TASK as GIVE
from campaigns.services.giving import give_asked
from campaigns.services.harvest import harvest_all
from campaigns.services.launching import TASK as LAUNCH
from campaigns.services.launching import launch_asked
from campaigns.services.running import end_due, start_due
from core.registries import Schedule, schedules
from core.services.surprises import each_by_itself

__all__ = ["consumers"]


@shared_task(name="campaigns.keep_time")
def keep_time() -> int:
    """Start and end activities whose hour has come."""
    now = timezone.now()
    steps = (partial(end_due, now=now), partial(start_due, now=now))
    return sum(each_by_itself(steps, lambda step: step()))


@shared_task(name=HARVEST)
def harvest() -> int:
    """Look through the claims of activities that started or grew, and credit the orders with their codes and coupons."""
    steps: tuple[Callable[[], int], ...] = (partial(harvest_all, now=timezone.now()), credit_asked)
    return sum(each_by_itself(steps, lambda step: step()))


@shared_task(name=LAUNCH)
def launch() -> int:
    """Freeze large audiences and start their activities, as was asked for."""
    return launch_asked(now=timezone.now())


@shared_task(name=GIVE)
def give() -> int:
    """Give coupons to audiences, as was asked for."""
    return give_asked(now=timezone.now())


schedules.register_all(
    (
        Schedule(
            code=GIVE,
            task=GIVE,
            description=_("Gives coupons to the audiences of activities where somebody asked for it"),
            every=timedelta(minutes=1),
            queue="bulk",
        ),
        Schedule(
            code=LAUNCH,
            task=LAUNCH,
            description=_("Starts activities with large audiences where somebody asked for it"),
            every=timedelta(minutes=1),
            queue="bulk",
        ),
        Schedule(
            code="campaigns.keep_time",
            task="campaigns.keep_time",
            description=_("Starts and ends activities"),
            every=timedelta(minutes=1),
        ),
        Schedule(
            code=HARVEST,
            task=HARVEST,
            description=_("Counts who took part in activities that started or grew, and credits their orders"),
            every=timedelta(minutes=2),
        ),
    )
)
