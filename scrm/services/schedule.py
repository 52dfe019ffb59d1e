"""What beat and worker write into the ledger of the schedule."""

import json
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils import translation
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from audit import services as audit
from core.errors import ScrmError
from core.registries import Schedule, schedules
from scrm.models import ScheduledRun

CRONTAB = ("minute", "hour", "day_of_month", "month_of_year", "day_of_week")


def claim_run(*, schedule: str, planned_at: datetime) -> int | None:
    """The number of the run if this beat is the first to plan it, else None."""
    run, won = ScheduledRun.objects.get_or_create(schedule=schedule, planned_at=planned_at)
    return run.pk if won else None


def give_back_run(*, run: int) -> None:
    """It could not be sent: another beat may try."""
    ScheduledRun.objects.filter(pk=run, outcome=ScheduledRun.Outcome.WAITING).delete()


def begin_run(*, run: int, now: datetime) -> None:
    """A run delivered twice begins anew."""
    ScheduledRun.objects.filter(pk=run).update(
        started_at=now, finished_at=None, outcome=ScheduledRun.Outcome.RUNNING, error=""
    )


def end_run(*, run: int, now: datetime, error: BaseException | None = None) -> None:
    outcome = ScheduledRun.Outcome.FAILED if error else ScheduledRun.Outcome.SUCCEEDED
    ScheduledRun.objects.filter(pk=run).update(finished_at=now, outcome=outcome, error=_words(error)[:500])


def forget_old_runs(*, now: datetime) -> int:
    return ScheduledRun.objects.filter(planned_at__lt=now - ScheduledRun.KEPT_FOR).delete()[0]


@transaction.atomic
def sync_schedules(*, shipped: Iterable[Schedule] = schedules) -> list[str]:
    """Add the schedules that are missing; what an operator changed stands. Answers the names of the new ones."""
    known = {task.name: task for task in PeriodicTask.objects.select_for_update()}
    added = [schedule for schedule in shipped if schedule.code not in known]
    for schedule in added:
        audit.record(by=None, action="scrm.schedule_added", obj=_named(_add(schedule)))
    for schedule in shipped:
        task = known.get(schedule.code)
        if task and task.task != schedule.task:  # the code moved; nobody chose the old path
            task.task = schedule.task
            task.save()
    return [schedule.code for schedule in added]


@transaction.atomic
def switch_task(*, task: PeriodicTask, on: bool, by: AbstractBaseUser | None) -> None:
    """Let a periodic task run, or stop it until it is switched on again."""
    task = PeriodicTask.objects.select_for_update().get(pk=task.pk)
    if task.enabled == on:
        return
    audit.record(by=by, action="scrm.task_switched", obj=_named(task), changes={"enabled": [task.enabled, on]})
    task.enabled = on
    task.save(update_fields=["enabled"])


def _named(task: PeriodicTask) -> audit.Target:
    """The model is not ours to give it a label; its name is that of a shipped schedule."""
    return audit.Target(object_type=task._meta.label_lower, object_id=task.pk, label=task.description or task.name)


def _add(schedule: Schedule) -> PeriodicTask:
    with translation.override(settings.LANGUAGE_CODE):
        return PeriodicTask.objects.create(
            name=schedule.code,
            task=schedule.task,
            description=str(schedule.description),
            args=json.dumps(list(schedule.args)),
            kwargs=json.dumps(dict(schedule.kwargs)),
            queue=schedule.queue,
            **_times(schedule),
        )


def _times(schedule: Schedule) -> dict[str, CrontabSchedule | IntervalSchedule]:
    if schedule.every:
        seconds = int(schedule.every.total_seconds())
        return {"interval": IntervalSchedule.objects.get_or_create(every=seconds, period=IntervalSchedule.SECONDS)[0]}
    parts = dict(zip(CRONTAB, schedule.crontab.split(), strict=True))
    return {"crontab": CrontabSchedule.objects.get_or_create(**parts, timezone=settings.TIME_ZONE)[0]}


def _words(error: BaseException | None) -> str:
    """Messages of strange exceptions can quote a member's data: those give their name only."""
    if error is None:
        return ""
    return str(error) if isinstance(error, ScrmError) else type(error).__qualname__
