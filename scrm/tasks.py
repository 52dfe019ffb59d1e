"""The schedule looks after itself."""

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.registries import Schedule, schedules
from scrm import runs, services

runs.connect()


@shared_task
def forget_old_runs() -> int:
    return services.forget_old_runs(now=timezone.now())


schedules.register(
    Schedule(
        code="scrm.forget_old_runs",
        task="scrm.tasks.forget_old_runs",
        description=_("Forgets runs of periodic tasks after 30 days"),
        crontab="40 3 * * *",
    )
)
