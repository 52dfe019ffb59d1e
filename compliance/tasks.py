"""What compliance does by itself."""

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from compliance.services.reviews import expire_reviews
from core.registries import Schedule, schedules


@shared_task(name="compliance.expire_reviews")
def expire() -> int:
    return expire_reviews(now=timezone.now())


schedules.register(
    Schedule(
        code="compliance.expire_reviews",
        task="compliance.expire_reviews",
        description=_("Ends approvals of texts that have run out or that the lexicon has come to forbid"),
        crontab="20 * * * *",
    )
)
