"""Tiers and tags keep themselves up to date."""

from datetime import timedelta
from typing import Any

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.errors import ScrmError
from core.registries import Schedule, schedules
from core.services.features import require_feature
from core.services.waking import wake
from segments.enums import TIERING
from segments.errors import RetierRunning
from segments.selectors.progress import is_running, open_request
from segments.services.audiences import COUNT_TASK, count_asked, refresh_all
from segments.services.goals import measure_goals
from segments.services.requests import QUEUE, TASK, perform_request
from segments.services.retier import RetierResult, retier
from segments.services.tags import count_tags, expire_tags, refresh_rule_tags

TICK = timedelta(seconds=20)


@shared_task(name="segments.retier")
def retier_hourly(*, full: bool = False) -> dict[str, Any]:
    """One run, then the day's goals. A run that is under way already does the same work: nothing is left to do.

    Without an approved assessment nobody is sorted by the clock (PIPL Art. 55): nothing is done, and Today says why.
    """
    try:
        require_feature(TIERING, now=timezone.now())
    except ScrmError as refused:
        return {"skipped": refused.code}
    try:
        result = retier(full=full)
    except RetierRunning:
        return {"skipped": "running"}
    measure_goals()
    return _numbers(result)


@shared_task(name="segments.run_request")
def run_request(request_id: int) -> None:
    """A run that somebody asked for."""
    perform_request(request_id=request_id, now=timezone.now())


@shared_task(name="segments.take_up")
def take_up() -> None:
    """Send a request to a worker that waited for another run, whose message was lost, or whose worker was killed."""
    request = open_request()
    if request is not None and not is_running():
        wake(TASK, request.pk, queue=QUEUE, expires=TICK.total_seconds())


@shared_task(name="segments.refresh_tags")
def refresh_tags() -> dict[str, int]:
    count_tags()
    refreshed = refresh_rule_tags()
    return {
        "tags": len(refreshed),
        "added": sum(r.added for r in refreshed),
        "removed": sum(r.removed for r in refreshed),
    }


@shared_task(name="segments.refresh_audiences")
def refresh_audiences() -> dict[str, int]:
    return {"audiences": len(refresh_all(now=timezone.now()))}


@shared_task(name=COUNT_TASK)
def count_audience(audience_id: int) -> bool:
    """One that took longer than a page waits."""
    return count_asked(audience_id=audience_id, now=timezone.now())


@shared_task(name="segments.expire_tags")
def expire() -> int:
    return expire_tags()


def _numbers(result: RetierResult) -> dict[str, Any]:
    return {"kind": str(result.kind), "members": result.members, "moved": result.moved, "seconds": result.seconds}


schedules.register_all(
    [
        Schedule(
            code="segments.retier",
            task="segments.retier",
            description=_("Computes scores and tiers from what happened since the last run"),
            crontab="5 * * * *",
            queue="bulk",
        ),
        Schedule(
            code="segments.retier_full",
            task="segments.retier",
            description=_("Computes scores and tiers from all facts"),
            crontab="30 3 * * 0",
            kwargs={"full": True},
            queue="bulk",
        ),
        Schedule(
            code="segments.take_up",
            task="segments.take_up",
            description=_("Takes up a computation of the tiers that was asked for and waits"),
            every=TICK,
        ),
        Schedule(
            code="segments.refresh_tags",
            task="segments.refresh_tags",
            description=_("Gives and takes the tags that are kept by a rule"),
            crontab="20 * * * *",
            queue="bulk",
        ),
        Schedule(
            code="segments.refresh_audiences",
            task="segments.refresh_audiences",
            description=_("Counts who is in each audience"),
            crontab="40 * * * *",
            queue="bulk",
        ),
        Schedule(
            code="segments.expire_tags",
            task="segments.expire_tags",
            description=_("Takes away tags that have ended"),
            every=timedelta(minutes=15),
        ),
    ]
)
