"""Runs that somebody asks for: written down at once, computed by a worker."""

from datetime import datetime

from celery import current_app
from django.db import transaction
from django.db.models.functions import Now

from accounts.models import User
from audit.services import record
from core.errors import ScrmError
from segments.errors import RetierRunning
from segments.models import RunRequest
from segments.selectors.progress import is_running
from segments.services.goals import measure_goals
from segments.services.retier import retier

TASK = "segments.run_request"
QUEUE = "bulk"
FAILED = "failed"


@transaction.atomic
def request_run(*, by: User, now: datetime) -> RunRequest:
    """Ask for a run as of when it begins; a request that is still open answers for this one too.

    A worker is woken after the commit. Should the message be lost, `segments.take_up` sends another.
    """
    request, is_new = RunRequest.objects.get_or_create(finished_at=None, defaults={"asked_at": now, "by": by})
    if is_new:
        record(by=by, action="segments.run_request", obj=request, at=now)
        number = request.pk
        transaction.on_commit(lambda: wake(number), robust=True)
    return request


def wake(request_id: int) -> None:
    """Tell a worker; saying it twice does no harm."""
    current_app.send_task(TASK, (request_id,), queue=QUEUE)


def perform_request(*, request_id: int, now: datetime) -> bool:
    """Compute the tiers for an open request, then the day's goals. False: nothing to do, or another run is under way.

    What the run refuses is kept as the request's error; what fails by surprise closes it too, and is raised.
    """
    if is_running() or not RunRequest.objects.filter(pk=request_id, finished_at=None).update(started_at=now):
        return False
    request = RunRequest.objects.select_related("by").get(pk=request_id)
    try:
        result = retier(by=request.by)
    except RetierRunning:
        RunRequest.objects.filter(pk=request_id, started_at=now, finished_at=None).update(started_at=None)
        return False
    except ScrmError as refused:
        _close(request_id, error=refused.code)
        return False
    except Exception:
        _close(request_id, error=FAILED)
        raise
    measure_goals()
    _close(request_id, run_id=result.run_id)
    return True


def _close(request_id: int, *, run_id: int | None = None, error: str = "") -> None:
    """The time is the end's, not the beginning's."""
    RunRequest.objects.filter(pk=request_id, finished_at=None).update(finished_at=Now(), run=run_id, error=error)
