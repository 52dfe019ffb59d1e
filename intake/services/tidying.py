"""Leaving nothing behind: files of old uploads, and reports nobody will fetch any more."""

from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction

from intake.enums import UNFINISHED
from intake.models import ImportJob
from intake.services.staging import drop_staging

FILES_KEPT = timedelta(days=7)
REPORTS_KEPT = timedelta(days=180)


def tidy_imports(*, now: datetime) -> int:
    """Remove uploaded files a week after their job was made, and reject reports after half a year; answers how many.

    The jobs themselves stay: who imported what, when, with which result.
    """
    idle = ImportJob.objects.exclude(state__in=UNFINISHED)
    forgotten = idle.filter(stored=True, created_at__lt=now - FILES_KEPT).exclude(path="")
    tidied = 0
    for job in forgotten:
        Path(job.path).unlink(missing_ok=True)
        with transaction.atomic():
            drop_staging(job)
            ImportJob.objects.filter(pk=job.pk).update(path="")
        tidied += 1
    for job in idle.filter(created_at__lt=now - REPORTS_KEPT, rejected_rows__gt=0, rejects__isnull=False).distinct():
        job.rejects.all().delete()
        tidied += 1
    return tidied
