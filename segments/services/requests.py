"""Runs that somebody asks for: written down at once, computed by a worker."""

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from accounts.models import User
from audit.services import record
from core.errors import ScrmError
from core.services.claims import claimed
from core.services.features import require_feature
from core.services.waking import wake_after_commit
from segments.enums import TIERING
from segments.errors import RetierRunning
from segments.models import RunRequest
from segments.selectors.progress import is_running
from segments.services.goals import measure_goals
from segments.services.retier import retier

TASK = "segments.run_request"
QUEUE = "bulk"
FAILED = "failed"
TOO_MANY_ATTEMPTS = "too_many_attempts"
MAX_ATTEMPTS = 3


@transaction.atomic
def request_run(*, by: User, now: datetime) -> RunRequest:
    """Ask for a run as of when it begins; a request that is still open answers for this one too.

    A worker is woken after the commit. Should the message be lost, `segments.take_up` sends another. Raises what
    `require_feature` raises while automated tiering has no approved assessment.
    """
    require_feature(TIERING, now=now)
    request, is_new = RunRequest.objects.get_or_create(finished_at=None, defaults={"asked_at": now, "by": by})
    if is_new:
        record(by=by, action="segments.run_request", obj=request, at=now)
        wake_after_commit(TASK, request.pk, queue=QUEUE)
    return request


def perform_request(*, request_id: int, now: datetime) -> bool:
    """Compute the tiers for an open request, then the day's goals. False: nothing to do, or another run is under way.

    What the run refuses is kept as the request's error; what fails by surprise closes it too, and is raised. Should the
    goals fail, the run stands, and the next one measures them.
    """
    with claimed(TASK, request_id) as mine:
        if not mine or is_running() or not _begin(request_id, now=now):
            return False
        return _perform(RunRequest.objects.select_related("by").get(pk=request_id))


def _begin(request_id: int, *, now: datetime) -> bool:
    """A request whose workers were killed again and again is given up."""
    begun = RunRequest.objects.filter(pk=request_id, finished_at=None, attempts__lt=MAX_ATTEMPTS)
    if begun.update(started_at=now, attempts=F("attempts") + 1):
        return True
    _close(request_id, error=TOO_MANY_ATTEMPTS)
    return False


def _perform(request: RunRequest) -> bool:
    try:
        result = retier(by=request.by)
    except RetierRunning:
        RunRequest.objects.filter(pk=request.pk).update(started_at=None, attempts=F("attempts") - 1)
        return False
    except ScrmError as refused:
        _close(request.pk, error=refused.code)
        return False
    except Exception:
        _close(request.pk, error=FAILED)
        raise
    try:
        measure_goals()
    finally:
        _close(request.pk, run_id=result.run_id)
    return True


def _close(request_id: int, *, run_id: int | None = None, error: str = "") -> None:
    """The time is the end's, not the beginning's."""
    RunRequest.objects.filter(pk=request_id, finished_at=None).update(finished_at=Now(), run=run_id, error=error)
