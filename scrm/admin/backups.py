"""Backups, restores and drills: the list, and what it tells the page "Today"."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin import EvidenceAdmin
from core.registries import MenuEntry, WorkItem, WorkSource, health, menu, work
from core.templatetags.scrm import moment, moment_text
from scrm.models import BackupRun
from scrm.selectors import latest_runs

LIST = "admin:scrm_backuprun_changelist"
PERMISSION = "scrm.view_backuprun"
DRILL_LASTS = timedelta(days=15)


menu.register(
    MenuEntry(
        code="backups",
        group="settings",
        title=gettext_lazy("Backups and drills"),
        url_name=LIST,
        icon="backup",
        permission=PERMISSION,
        order=95,
    )
)


@admin.register(BackupRun)
class BackupRunAdmin(EvidenceAdmin):
    list_display = ("when", "act", "ok", "how_large", "took", "error")
    list_filter = ("act", "ok")
    readonly_fields = ("how_large", "took", "said")
    fieldsets = (
        (None, {"fields": (("started_at", "finished_at"), ("act", "ok"), ("how_large", "took"), "error", "said")}),
    )

    @admin.display(description=gettext_lazy("started at"), ordering="started_at")
    def when(self, run: BackupRun) -> SafeString | str:
        return moment(run.started_at)

    @admin.display(description=gettext_lazy("size"), ordering="size")
    def how_large(self, run: BackupRun) -> str:
        return filesizeformat(run.size) if run.size else "—"

    @admin.display(description=gettext_lazy("duration"))
    def took(self, run: BackupRun) -> str:
        return _("%(seconds)s s") % {"seconds": round((run.finished_at - run.started_at).total_seconds(), 1)}

    @admin.display(description=gettext_lazy("what was verified"))
    def said(self, run: BackupRun) -> str:
        """One line for each verification that a restore made."""
        findings = run.report.get("findings", [])
        lines = ((each["label"], " ".join(each["faults"]) or "✓") for each in findings)
        return format_html_join("", "<div>{} {}</div>", lines) or "—"


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
