"""The record of acts is sealed every minute and verified every night."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit import services
from core.registries import Schedule, schedules


@shared_task(name="audit.seal")
def seal() -> int:
    """Seals what is committed, then brings every second place what it lacks, also what failed before."""
    now = timezone.now()
    try:
        return services.seal_rows(now=now).rows
    finally:
        services.deliver_seals(now=now)


@shared_task(name="audit.verify")
def verify() -> bool:
    return services.verify(now=timezone.now()).ok


schedules.register_all(
    [
        Schedule(
            code="audit.seal",
            task="audit.seal",
            description=_("Seals new audit entries and brings the seals to a second place"),
            every=timedelta(minutes=1),
        ),
        Schedule(
            code="audit.verify",
            task="audit.verify",
            description=_("Verifies the whole audit"),
            crontab="10 4 * * *",
            queue="bulk",
        ),
    ]
)
