"""Running an import: read, store, answer; from wherever an earlier run was stopped."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from django.db import IntegrityError, transaction
from django.utils import translation

from audit.services import record
from core.errors import ScrmError
from core.files import UnreadableFile
from core.services.claims import claimed
from intake.enums import UNFINISHED, ImportKind, ImportState
from intake.errors import FileChanged, ImportRunning, TooManyAttempts
from intake.models import ImportJob
from intake.selectors import mark_of
from intake.services.jobs import TASK
from intake.services.member_staging import MemberStager, drop_unused_keys
from intake.services.purchase_staging import PurchaseStager
from intake.services.staging import Cancelled, Stager, drop_staging, is_staged, stage_file
from intake.services.storing import counted, decide, refresh_statistics, store
from timeline.services import follow_all

MAX_ATTEMPTS = 5
STAGERS: Mapping[str, type[Stager]] = {ImportKind.MEMBERS: MemberStager, ImportKind.PURCHASES: PurchaseStager}

Progress = Callable[[float], None]


def _silent(_fraction: float) -> None:
    """Nobody is watching."""


def run_import(*, job_id: int, now: datetime, on_progress: Progress = _silent) -> ImportJob:
    """Do or finish an import; one that is finished already is returned as it is.

    What the file or the mapping has wrong ends the job as failed, with nothing stored. Any other error leaves it
    unfinished: the next run goes on from the last chunk, and gives up after some attempts.

    Raises:
        ImportRunning: another process works on it.

    """
    with _held(job_id):
        job = ImportJob.objects.get(pk=job_id)
        if job.state not in UNFINISHED:
            return job
        began = time.monotonic()
        try:
            _attempt(job)
            _read_again_what_was_lost(job)
            _require_same_file(job)
            if job.state != ImportState.APPLYING:
                stage_file(job, now=now, on_progress=on_progress, stager=STAGERS.get(job.kind, Stager))
            refresh_statistics()
            _store_and_finish(job, now=now, began=began)
        except Cancelled:
            _clear(job)
        except ScrmError as error:
            _fail(job, error, now=now)
        job.refresh_from_db()
        on_progress(1.0)
        return job


def run_import_and_follow(*, job_id: int, now: datetime, on_progress: Progress = _silent) -> ImportJob:
    """`run_import`; what it brought is seen at once by all who follow the facts: sums per member and day, and others."""
    job = run_import(job_id=job_id, now=now, on_progress=on_progress)
    if job.state == ImportState.DONE and not job.dry_run and job.counts["lines_stored"]:
        follow_all(now=now)
    return job


@contextmanager
def _held(job_id: int) -> Iterator[None]:
    with claimed(TASK, job_id) as mine:
        if not mine:
            raise ImportRunning
        yield


def _attempt(job: ImportJob) -> None:
    job.attempts += 1
    job.save(update_fields=["attempts"])
    if job.attempts > MAX_ATTEMPTS:
        raise TooManyAttempts


def _read_again_what_was_lost(job: ImportJob) -> None:
    """Storing an emptied staging table would end the import well with nothing stored."""
    if job.state == ImportState.APPLYING and not is_staged(job):
        job.state = ImportState.STAGING
        job.save(update_fields=["state"])


def _require_same_file(job: ImportJob) -> None:
    if job.state != ImportState.APPLYING and mark_of(Path(job.path)) != job.file_mark:
        raise FileChanged


def _store_and_finish(job: ImportJob, *, now: datetime, began: float) -> None:
    """One transaction: facts, counts, state and audit row stand together or not at all. A rival is tried again once."""
    try:
        _store_once(job, now=now, began=began)
    except IntegrityError:
        _store_once(job, now=now, began=began)


def _store_once(job: ImportJob, *, now: datetime, began: float) -> None:
    with transaction.atomic():
        _require_applying(job)
        decide(job)
        with transaction.atomic():
            stored = store(job, now=now)
            if job.dry_run:
                transaction.set_rollback(True)
        seconds = time.monotonic() - began
        job.counts = {**counted(job, stored), "seconds": round(seconds, 3)}
        job.rejected_rows = job.rejects.filter(further=False).count()  # reading rejected some, deciding the others
        job.state, job.progress, job.error = ImportState.DONE, 1.0, {}
        job.finished_at = now + timedelta(seconds=seconds)
        job.save(update_fields=["counts", "rejected_rows", "state", "progress", "error", "finished_at"])
        record(by=job.by, action="intake.finish", obj=job, at=job.finished_at)
        _clear(job)


def _require_applying(job: ImportJob) -> None:
    """Locks the job; a rival that was quicker, or somebody who called it off, is found here."""
    state = ImportJob.objects.select_for_update().values_list("state", flat=True).get(pk=job.pk)
    if state != ImportState.APPLYING:
        raise Cancelled


def _fail(job: ImportJob, error: ScrmError, *, now: datetime) -> None:
    with transaction.atomic():
        job.state, job.finished_at, job.error = ImportState.FAILED, now, _as_json(error)
        job.save(update_fields=["state", "finished_at", "error"])
        record(by=job.by, action="intake.fail", obj=job, at=now)
        _clear(job)


def _as_json(error: ScrmError) -> dict[str, object]:
    """Kept without a language: the reader's decides when it is shown."""
    if isinstance(error, UnreadableFile):
        return {"reason": error.reason, "line": error.line, "column": error.column, "facts": error.facts}
    with translation.override("en"):
        return {"code": error.code, "message": str(error), "hint": str(error.hint)}


def _clear(job: ImportJob) -> None:
    """What was only needed on the way goes; an uploaded file stays until every row of it was stored for good.

    With rejected rows it stays for as long as uploads are kept: their report is read from it.
    """
    if job.kind == ImportKind.MEMBERS:
        drop_unused_keys(job)
    drop_staging(job)
    if job.stored and job.state == ImportState.DONE and not job.dry_run and not job.rejected_rows:
        path = Path(job.path)
        transaction.on_commit(lambda: path.unlink(missing_ok=True))
