"""Named reads of the schedule's ledger."""

from core.reading import read_once
from scrm.models import ScheduledRun


@read_once
def last_runs() -> dict[str, ScheduledRun]:
    """The latest run that has begun of each periodic task, by its name."""
    begun = ScheduledRun.objects.filter(started_at__isnull=False)
    return {run.schedule: run for run in begun.order_by("schedule", "-planned_at").distinct("schedule")}
