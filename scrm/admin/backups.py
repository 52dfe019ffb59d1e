"""What backups and drills tell the page "Today"."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from core.registries import WorkItem, WorkSource, health, work
from core.templatetags.scrm import moment_text
from scrm.models import BackupRun
from scrm.selectors import latest_runs

LIST = "admin:scrm_backuprun_changelist"
PERMISSION = "scrm.view_backuprun"
DRILL_LASTS = timedelta(days=15)


def waiting(user: Any, now: datetime) -> Iterator[WorkItem]:
    """A drill that did not pass: nobody knows whether it all would come back."""
    del user, now
    failed = latest_runs().drill
    if failed is not None and not failed.ok:
        yield WorkItem(
            state="act",
            title=_("The restore drill did not pass"),
            detail=failed.error[:160],
            url=reverse(LIST),
            act=_("See backups and drills"),
        )


def condition(user: Any, now: datetime) -> Iterator[WorkItem]:
    del user
    runs = latest_runs()
    passed, failed = runs.good_drill, runs.drill is not None and not runs.drill.ok
    old = passed is None or now - passed.finished_at > DRILL_LASTS
    state = "act" if failed else "watch" if old else "good"
    yield WorkItem(
        state=state, title=_("Backups"), detail=f"{_backup(runs.good_backup, now)} · {_drill(passed, now)}",
        url=reverse(LIST), act="",
    )  # fmt: skip


def _backup(run: BackupRun | None, now: datetime) -> str:
    if run is None:
        return _("none made from here yet")
    return _("last one %(moment)s") % {"moment": moment_text(run.finished_at, now)}


def _drill(run: BackupRun | None, now: datetime) -> str:
    if run is None:
        return _("no drill has passed yet")
    return _("drill passed %(moment)s") % {"moment": moment_text(run.finished_at, now)}


work.register(WorkSource(code="scrm.backups", items=waiting, permission=PERMISSION, order=6))
health.register(WorkSource(code="scrm.backups", items=condition, permission=PERMISSION, order=26))
