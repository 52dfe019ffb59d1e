"""What imports tell the page "Today": those that run, and those that ended within a day and need a look."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.registries import WorkItem, WorkSource, health, work
from core.templatetags.scrm import figure, moment_text
from intake.enums import UNFINISHED, ImportState
from intake.models import ImportJob
from intake.selectors import imports_visible_to

DAY = timedelta(hours=24)
MOST = 5


def waiting(user: Any, now: datetime) -> Iterator[WorkItem]:
    """Failed imports, imports with rejected rows, running ones: the newest first, five at most."""
    states = (*UNFINISHED, ImportState.FAILED, ImportState.DONE)
    jobs = imports_visible_to(user).filter(state__in=states, created_at__gte=now - DAY, dry_run=False)
    for job in jobs.order_by("-pk")[:MOST]:
        item = _item(job)
        if item:
            yield item


def _item(job: ImportJob) -> WorkItem | None:
    url = reverse("admin:intake_importjob_change", args=(job.pk,))
    if job.state == ImportState.FAILED:
        title = _("The import of %(file)s failed") % {"file": job.file_name}
        return WorkItem(state="act", title=title, detail=job.error_text, url=url, act=_("See what is wrong"))
    if job.state in UNFINISHED:
        title = _("%(file)s is being imported") % {"file": job.file_name}
        detail = _("%(percent)s %% done") % {"percent": f"{100 * job.progress:.0f}"}
        return WorkItem(state="busy", title=title, detail=detail, url=url, act=_("Watch the import"))
    if not job.rejected_rows:
        return None
    count = job.rejected_rows
    title = ngettext("%(file)s: %(count)s row was not taken", "%(file)s: %(count)s rows were not taken", count)
    title %= {"file": job.file_name, "count": figure(count)}
    return WorkItem(state="watch", title=title, url=url, act=_("Download the rejected rows"))


def condition(user: Any, now: datetime) -> Iterator[WorkItem]:
    """The last import that ended."""
    job = imports_visible_to(user).filter(finished_at__isnull=False).order_by("-finished_at").first()
    if job is None or job.finished_at is None:
        return
    yield WorkItem(
        state="act" if job.state == ImportState.FAILED else "good",
        title=_("Last import"),
        detail=_("%(file)s, %(moment)s") % {"file": job.file_name, "moment": moment_text(job.finished_at, now)},
        url=reverse("admin:intake_importjob_change", args=(job.pk,)),
        act="",
    )


work.register(WorkSource(code="intake.imports", items=waiting, permission="intake.view_importjob", order=30))
health.register(WorkSource(code="intake.imports", items=condition, permission="intake.view_importjob", order=30))
