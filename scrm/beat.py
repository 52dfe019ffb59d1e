"""The schedule as rows, run by any number of beats: a planned run is a row that one of them wins.

For two beats to mean the same run it needs the same planned time in both: crontabs have one by nature, intervals get
one by falling on a grid (every 10 minutes is at :00, :10, :20 …) instead of counting from each beat's own start.
"""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

from celery.schedules import crontab, schedstate
from celery.schedules import schedule as plain_interval
from django_celery_beat.schedulers import DatabaseScheduler, ModelEntry

from scrm import services
from scrm.runs import HEADER

#: A worker that is busy for a while does not let go of the runs that come every few seconds.
LEAST_VALIDITY = timedelta(minutes=1)


class Grid(plain_interval):
    """An interval whose due times are whole multiples of it since the epoch."""

    run_every: timedelta

    def is_due(self, last_run_at: datetime) -> schedstate:
        now = self.now()
        return schedstate(is_due=self.planned_at(now) > last_run_at, next=self._until_next(now))

    def planned_at(self, now: datetime) -> datetime:
        """The latest due time that has come."""
        step = self.run_every.total_seconds()
        return datetime.fromtimestamp(math.floor(now.timestamp() / step) * step, tz=UTC)

    def _until_next(self, now: datetime) -> float:
        return (self.planned_at(now) + self.run_every - now).total_seconds()


class RunEntry(ModelEntry):
    """A periodic task, and the time for which it is planned when it is due."""

    schedule: Any
    planned: datetime

    def __init__(self, model: Any, app: Any = None) -> None:
        super().__init__(model, app=app)
        if self.model.interval_id and self.schedule.run_every > timedelta(0):
            self.schedule = Grid(self.schedule.run_every, nowfun=self.schedule.nowfun, app=self.app)

    def planned_at(self, last_run_at: datetime, now: datetime) -> datetime:
        """The same in every beat that knows the same last run, give or take the time between two due times."""
        stored: Any = self.schedule
        if isinstance(stored, Grid):
            return stored.planned_at(now)
        if isinstance(stored, crontab):
            return _first_after(last_run_at, stored)
        return now.replace(microsecond=0)  # clocked and solar

    def validity(self, planned_at: datetime) -> timedelta:
        """How long the message of a run is worth doing: until the next one is planned."""
        stored: Any = self.schedule
        step = LEAST_VALIDITY
        if isinstance(stored, Grid):
            step = stored.run_every
        elif isinstance(stored, crontab):
            step = _first_after(planned_at, stored) - planned_at
        return max(step, LEAST_VALIDITY)


class RunScheduler(DatabaseScheduler):
    """Sends a due task only if this beat is the one that wrote the run down.

    A message lasts until the next one of its task: a worker that was down for a day finds one run of each to do, not
    those of every minute. The ledger keeps the others as waiting, for nobody ran them. What an operator set stands.
    """

    Entry = RunEntry

    def reserve(self, entry: RunEntry) -> RunEntry:
        """The tick calls this just before it sends; what is planned is known only until the entry moves on."""
        planned_at = entry.planned_at(entry.last_run_at, entry.default_now())
        entry.planned = planned_at
        following: RunEntry = super().reserve(entry)
        return following

    def apply_async(self, entry: RunEntry, producer: Any = None, advance: bool = True, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002  # as Celery has it
        run = services.claim_run(schedule=entry.name, planned_at=entry.planned)
        if run is None:
            return None
        entry.options["headers"][HEADER] = run
        entry.options.setdefault("expires", entry.validity(entry.planned).total_seconds())
        try:
            return super().apply_async(entry, producer=producer, advance=advance, **kwargs)
        except Exception:
            services.give_back_run(run=run)
            raise


def _first_after(last_run_at: datetime, times: Any) -> datetime:
    last, delta, _ = times.remaining_delta(last_run_at.astimezone(times.tz))
    planned: datetime = last + delta
    return planned.astimezone(UTC)
