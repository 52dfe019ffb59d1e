"""What the schedule tells the page "Today": which periodic tasks failed, and when the last one ran."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django_celery_beat.models import PeriodicTask

from core.registries import WorkItem, WorkSource, health, work
from core.templatetags.scrm import moment_text
from scrm.admin.periodic import title_of
from scrm.models import ScheduledRun
from scrm.selectors import last_runs

LIST = "admin:django_celery_beat_periodictask_changelist"


def waiting(user: Any, now: datetime) -> Iterator[WorkItem]:
    """Tasks in use whose last run failed."""
    del user
    failed = {name: run for name, run in last_runs().items() if run.outcome == ScheduledRun.Outcome.FAILED}
    for task in PeriodicTask.objects.filter(name__in=failed, enabled=True).order_by("name") if failed else ():
        run = failed[task.name]
        yield WorkItem(
            state="act",
            title=_("Failed: %(task)s") % {"task": title_of(task)},
            detail=" ".join(
                part for part in (moment_text(run.started_at, now) if run.started_at else "", run.error[:120]) if part
            ),
            url=reverse(LIST),
            act=_("See the tasks"),
        )


def condition(user: Any, now: datetime) -> Iterator[WorkItem]:
    """How the periodic tasks do: the latest one that began, and how many failed last."""
    del user
    runs = last_runs().values()
    begun = [run.started_at for run in runs if run.started_at]
    if not begun:
        detail, state = _("none has run yet; the worker and beat may not be running"), "watch"
    else:
        failed = sum(run.outcome == ScheduledRun.Outcome.FAILED for run in runs)
        state = "act" if failed else "good"
        facts = {"moment": moment_text(max(begun), now), "failed": failed}
        detail = _("last one %(moment)s, %(failed)s failed") % facts if failed else _("last one %(moment)s") % facts
    yield WorkItem(state=state, title=_("Periodic tasks"), detail=detail, url=reverse(LIST), act="")


PERMISSION = "django_celery_beat.view_periodictask"
work.register(WorkSource(code="scrm.tasks", items=waiting, permission=PERMISSION, order=10))
health.register(WorkSource(code="scrm.tasks", items=condition, permission=PERMISSION, order=20))
