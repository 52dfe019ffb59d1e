"""Entry points of the workers: one for a job that was set going, one that finds those nobody works on."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.registries import Schedule, schedules
from core.services.waking import wake
from intake.errors import ImportRunning
from intake.selectors import unfinished_imports
from intake.services import QUEUE, TASK, run_import_and_follow, tidy_imports

TAKE_UP_EVERY = timedelta(seconds=20)
WAKE_UP_LASTS = 3 * TAKE_UP_EVERY


@shared_task(name="intake.run")
def run(job_id: int) -> None:
    """Do or finish one import; if another worker has it, there is nothing to do."""
    try:
        run_import_and_follow(job_id=job_id, now=timezone.now())
    except ImportRunning:
        return


@shared_task(name="intake.take_up")
def take_up() -> None:
    """Send every unfinished import to a worker: those whose message was lost, or whose worker was killed.

    The next round sends them again, so that what a busy worker has not taken by then need not wait for it.
    """
    for job_id in unfinished_imports():
        wake(TASK, job_id, queue=QUEUE, expires=WAKE_UP_LASTS.total_seconds())


@shared_task(name="intake.tidy")
def tidy() -> None:
    """Remove what old imports left behind."""
    tidy_imports(now=timezone.now())


schedules.register_all(
    [
        Schedule(
            code="intake.take_up",
            task="intake.take_up",
            description=_("Start waiting or interrupted imports"),
            every=TAKE_UP_EVERY,
        ),
        Schedule(
            code="intake.tidy",
            task="intake.tidy",
            description=_("Removes files and reports of old imports"),
            crontab="40 4 * * *",
        ),
    ]
)
