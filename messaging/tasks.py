"""What messaging does by itself. Rows are the work: a message that is lost is made good by the next look."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.registries import Schedule, schedules
from core.services.surprises import each_by_itself
from core.services.waking import wake
from messaging.services import templates
from messaging.services.asking import ask_all
from messaging.services.reaping import reap
from messaging.services.sends import QUEUE, TASK
from messaging.services.tidying import due_sends
from messaging.services.working import work as work_at

__all__ = ["templates"]
EVERY = timedelta(seconds=10)


@shared_task(name=TASK)
def work(send_id: int) -> int:
    """Send what is due of one send."""
    return work_at(send_id=send_id)


@shared_task(name="messaging.look")
def look() -> int:
    """Take back what dead workers left, ask about what is in doubt, wake workers for what is due."""
    now = timezone.now()
    steps: tuple[Callable[[], int], ...] = (partial(reap, now=now), partial(ask_all, now=now))
    done = sum(each_by_itself(steps, lambda step: step()))
    for send_id in due_sends(now=now):
        wake(TASK, send_id, queue=QUEUE, expires=EVERY.total_seconds())
    return done


schedules.register(
    Schedule(
        code="messaging.look",
        task="messaging.look",
        description=_("Sends messages that are due, and looks after those whose worker died"),
        every=EVERY,
    )
)
