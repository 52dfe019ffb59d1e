"""What compliance does by itself."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from compliance.services.erasure import proceed_all, vacuum_erased
from compliance.services.pipia import expire_assessments
from compliance.services.retention import purge_all
from compliance.services.reviews import expire_reviews
from compliance.services.thresholds import count_persons
from core.registries import Schedule, schedules


@shared_task(name="compliance.erase")
def erase() -> int:
    """Finish erasures that were interrupted or had to wait."""
    return proceed_all(now=timezone.now())


@shared_task(name="compliance.vacuum")
def vacuum() -> int:
    """Make storage forget what was erased since last night."""
    return len(vacuum_erased(now=timezone.now()))


@shared_task(name="compliance.purge")
def purge() -> int:
    """Delete what is older than its retention rule allows."""
    return sum(run.rows for run in purge_all(now=timezone.now()))


@shared_task(name="compliance.expire_reviews")
def expire() -> int:
    return expire_reviews(now=timezone.now())


@shared_task(name="compliance.registers")
def registers() -> int:
    """Count the persons for the thresholds, and end assessments whose time is over. Answers how many ended."""
    now = timezone.now()
    count_persons(now=now)
    return expire_assessments(now=now)


schedules.register_all(
    [
        Schedule(
            code="compliance.purge",
            task="compliance.purge",
            description=_("Deletes what is older than its retention rule allows"),
            crontab="40 2 * * *",
            queue="bulk",
        ),
        Schedule(
            code="compliance.erase",
            task="compliance.erase",
            description=_("Takes up erasures that were interrupted"),
            every=timedelta(minutes=10),
        ),
        Schedule(
            code="compliance.vacuum",
            task="compliance.vacuum",
            description=_("Cleans storage of what was erased"),
            crontab="20 3 * * *",
            queue="bulk",
        ),
        Schedule(
            code="compliance.expire_reviews",
            task="compliance.expire_reviews",
            description=_("Ends approvals of texts that have run out or that the lexicon has come to forbid"),
            crontab="20 * * * *",
        ),
        Schedule(
            code="compliance.registers",
            task="compliance.registers",
            description=_("Counts persons for the thresholds of the law and ends assessments that have run out"),
            crontab="10 4 * * *",
        ),
    ]
)
