"""How far a run is that somebody asked for."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from segments.models import RunRequest, TierRun

PATIENCE = timedelta(seconds=15)
ALMOST = 0.95

_BEING_WRITTEN = """
SELECT EXISTS (
    SELECT FROM pg_locks WHERE locktype = 'relation' AND mode = 'ShareRowExclusiveLock' AND granted
        AND relation = 'segments_tierrun'::regclass AND pid <> pg_backend_pid()
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
)
"""


@dataclass(frozen=True, kw_only=True)
class Progress:
    """`working`: a worker computes now. `abandoned`: none has taken it up for so long that probably none runs.

    `share` (0 to 1, None without a run before): the time passed beside the time of the run before.
    """

    request: RunRequest
    working: bool
    abandoned: bool
    seconds: float
    usual: float | None

    @property
    def share(self) -> float | None:
        return min(self.seconds / self.usual, ALMOST) if self.usual else None


def open_request() -> RunRequest | None:
    """The request that is waiting or under way."""
    return RunRequest.objects.filter(finished_at=None).first()


def latest_request() -> RunRequest | None:
    return RunRequest.objects.order_by("-id").first()


def is_running() -> bool:
    """Whether a run of somebody else, asked for or planned, holds the tiers now; a killed one lets go of them."""
    with connection.cursor() as cursor:
        cursor.execute(_BEING_WRITTEN)
        return bool(cursor.fetchone()[0])


def progress_of(request: RunRequest, *, now: datetime) -> Progress:
    """For a request that is not finished; two queries."""
    held = is_running()
    working = held and request.started_at is not None
    since = request.started_at if working and request.started_at else request.asked_at
    usual = TierRun.objects.order_by("-id").values_list("seconds", flat=True).first()
    return Progress(
        request=request,
        working=working,
        abandoned=not held and now - request.asked_at > PATIENCE,
        seconds=max((now - since).total_seconds(), 0),
        usual=usual or None,
    )
