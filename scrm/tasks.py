"""The schedule looks after itself."""

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.registries import Schedule, schedules
from scrm import runs, services
from scrm.services.drilling import drill

runs.connect()


@shared_task
def forget_old_runs() -> int:
    return services.forget_old_runs(now=timezone.now())


@shared_task(name="scrm.restore_drill")
def restore_drill() -> bool:
    """What it found stands in its run and on the page "Today"."""
    return drill(by=None, now=timezone.now(), clock=timezone.now).ok


schedules.register_all(
    [
        Schedule(
            code="scrm.forget_old_runs",
            task="scrm.tasks.forget_old_runs",
            description=_("Forgets runs of periodic tasks after 30 days"),
            crontab="40 3 * * *",
        ),
        Schedule(
            code="scrm.restore_drill",
            task="scrm.restore_drill",
            description=_("Restores a backup into a database of its own, and verifies everything"),
            crontab="30 4 * * 0",
            queue="bulk",
        ),
    ]
)
