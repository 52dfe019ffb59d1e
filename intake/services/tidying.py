"""Leaving nothing behind: files of old uploads, and reports nobody will fetch any more."""

from datetime import datetime, timedelta
from pathlib import Path

from django.db import connection

from intake.enums import UNFINISHED
from intake.models import ImportJob
from intake.selectors import unnamed_uploads

_TABLES = "SELECT substr(relname, 16)::bigint FROM pg_class WHERE relname ~ '^intake_staging_[0-9]+$' AND relkind = 'r'"

FILES_KEPT = timedelta(days=7)
#: No upload takes longer: what no job names by then broke off.
UPLOAD_LASTS = timedelta(days=1)
REPORTS_KEPT = timedelta(days=180)


def tidy_imports(*, now: datetime) -> int:
    """Remove uploaded files a week after their job was made, and reject reports after half a year; answers how many.

    Staging tables that no worker will need again go as well, and what uploads left that broke off. The jobs themselves
    stay: who imported what, when, with which result.
    """
    idle = ImportJob.objects.exclude(state__in=UNFINISHED)
    forgotten = idle.filter(stored=True, created_at__lt=now - FILES_KEPT).exclude(path="")
    tidied = _drop_forgotten_staging() + _drop_broken_uploads(now)
    for job in forgotten:
        Path(job.path).unlink(missing_ok=True)
        ImportJob.objects.filter(pk=job.pk).update(path="")
        tidied += 1
    for job in idle.filter(created_at__lt=now - REPORTS_KEPT, rejected_rows__gt=0, rejects__isnull=False).distinct():
        job.rejects.all().delete()
        tidied += 1
    return tidied


def move_uploads(*, before: str, after: str) -> int:
    """Files of uploads lie below another folder than they did (a restore elsewhere); answers how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE intake_importjob SET path = %(after)s || substr(path, length(%(before)s) + 1) "
            "WHERE starts_with(path, %(before)s || '/') AND %(before)s <> %(after)s",
            {"before": before, "after": after},
        )
        return int(cursor.rowcount)


def _drop_broken_uploads(now: datetime) -> int:
    """A process that was killed could not take its file away."""
    latest = (now - UPLOAD_LASTS).timestamp()
    broken = [path for path in unnamed_uploads() if path.stat().st_mtime < latest]
    for path in broken:
        path.unlink(missing_ok=True)
    return len(broken)


def _drop_forgotten_staging() -> int:
    """Tables of jobs that were called off or removed while nobody worked on them."""
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)  # before the jobs: a job that begins just now is then among them
        staged = [job_id for (job_id,) in cursor.fetchall()]
        needed = set(ImportJob.objects.filter(state__in=UNFINISHED).values_list("pk", flat=True))
        forgotten = [job_id for job_id in staged if job_id not in needed]
        for job_id in forgotten:
            cursor.execute("SELECT intake_close_staging(%s)", [job_id])
    return len(forgotten)
