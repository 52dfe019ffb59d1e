"""Keeps core's own tables small."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.registries import Schedule, schedules
from core.services.idempotency import purge_answers
from core.services.rate_limits import purge_buckets


@shared_task(name="core.tasks.purge_requests")
def purge_requests() -> int:
    """Forget stored answers whose day is over and callers who have been quiet."""
    return purge_answers(now=timezone.now()) + purge_buckets()


schedules.register(
    Schedule(
        code="purge-requests",
        task="core.tasks.purge_requests",
        description=_("Forget stored API answers after a day, and quiet callers after an hour"),
        every=timedelta(hours=1),
    )
)
