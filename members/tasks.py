"""Tasks of members: looking for likely duplicates each night."""

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.registries import Schedule, schedules
from members import services


@shared_task(name="members.find_duplicates")
def find_duplicates() -> int:
    return services.find_duplicates(now=timezone.now())


schedules.register(
    Schedule(
        code="members.find_duplicates",
        task="members.find_duplicates",
        description=_("Looks for records that may be one person's"),
        crontab="10 4 * * *",
    )
)
