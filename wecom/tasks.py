"""Entry points of the workers: callbacks that are due, welcomes at once, tidying."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.registries import Schedule, schedules
from wecom.services.brakes import forget_old_blocks
from wecom.services.processing import process_due

EVERY = timedelta(seconds=5)


@shared_task(name="wecom.process")
def process() -> int:
    """Work on what WeCom told us."""
    return process_due(clock=timezone.now)


@shared_task(name="wecom.process_urgent")
def process_urgent() -> int:
    """Work on those who can be welcomed for a few seconds only. A message that is lost is made up for by `process`."""
    return process_due(clock=timezone.now, urgent_only=True)


@shared_task(name="wecom.tidy")
def tidy() -> int:
    """Forget blocks that are long over."""
    return forget_old_blocks(now=timezone.now())


schedules.register_all(
    [
        Schedule(
            code="wecom.process",
            task="wecom.process",
            description=_("Works on what WeCom told us"),
            every=EVERY,
        ),
        Schedule(
            code="wecom.tidy",
            task="wecom.tidy",
            description=_("Forgets limits of WeCom that are over"),
            crontab="50 4 * * *",
        ),
    ]
)
