"""Jobs: made from a file, told what its columns mean, set going, called off."""

import tempfile
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from core.files import FileFacts, UnreadableFile, sniff
from core.services.claims import claim_until_commit
from core.services.waking import wake_after_commit
from intake.enums import UNFINISHED, ImportKind, ImportState, Layout
from intake.errors import (
    FileNotKept,
    ImportRunning,
    ImportStateWrong,
    MappingIncomplete,
    MappingInvalid,
    UploadTooLarge,
)
from intake.models import ImportJob
from intake.rules.fields import DEFAULT_SOURCE, LAYOUT_SOURCES, LAYOUT_TIMEZONES
from intake.rules.mapping import READING, complete, propose, zone_of
from intake.selectors import ADDED_COLUMNS, file_is_kept, mark_of, uploads_folder
from intake.services.staging import drop_staging

MAX_UPLOAD = 1 << 30
SOURCE_LENGTH = 40
TASK, QUEUE = "intake.run", "bulk"


@transaction.atomic
def create_import(
    *,
    kind: str,
    path: Path,
    by: User | None,
    now: datetime,
    layout: str = "",
    mapping: Mapping[str, Any] | None = None,
    timezone: str = "",
    source: str = "",
    dry_run: bool = False,
    file_name: str = "",
) -> ImportJob:
    """Make a job that is ready to run, for a file that lies on the server and stays there.

    An import of the very same file in the very same way that was interrupted is returned instead, to be finished.

    Raises UnreadableFile, MappingInvalid or MappingIncomplete, and makes nothing.
    """
    given = dict(mapping or {})
    facts = _sniff(path, given)
    layout = layout or _layout(kind, facts)
    _check_layout(kind, layout, facts)
    wanted: dict[str, Any] = {
        "kind": kind,
        "layout": layout,
        "dry_run": dry_run,
        "path": str(path.resolve()),
        "file_mark": mark_of(path),
        "facts": facts.as_json(),
        "mapping": complete(kind, layout, given, facts),
        "timezone": str(zone_of(timezone or LAYOUT_TIMEZONES.get(layout, settings.TIME_ZONE)).key),
        "source": _source(source, layout),
        "stored": False,
    }
    interrupted = ImportJob.objects.filter(state__in=UNFINISHED, **wanted).order_by("pk").last()
    if interrupted is not None:
        return interrupted
    job = ImportJob.objects.create(
        **wanted,
        state=ImportState.QUEUED,
        file_name=(file_name or path.name)[:255],
        file_size=facts.size,
        by=by,
        created_at=now,
    )
    record(by=by, action="intake.create", obj=job, at=now)
    return job


def receive_upload(*, kind: str, chunks: Iterable[bytes], file_name: str, by: User, now: datetime) -> ImportJob:
    """Keep an uploaded file and propose how to read it; the job waits for `configure_import`.

    Raises UnreadableFile or UploadTooLarge, and keeps nothing.
    """
    path = _keep(chunks)
    try:
        facts = sniff(path)
        layout = _layout(kind, facts)
        with transaction.atomic():
            job = ImportJob.objects.create(
                kind=kind,
                layout=layout,
                path=str(path),
                stored=True,
                file_name=Path(file_name).name[:255],
                file_size=facts.size,
                file_mark=mark_of(path),
                facts=facts.as_json(),
                mapping=_remembered(kind, facts) or {"columns": _proposal(kind, layout, facts)},
                timezone=LAYOUT_TIMEZONES.get(layout, settings.TIME_ZONE),
                source=_source("", layout),
                by=by,
                created_at=now,
            )
            record(by=by, action="intake.upload", obj=job, at=now)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return job


@transaction.atomic
def configure_import(
    *,
    job_id: int,
    mapping: Mapping[str, Any],
    by: User,
    now: datetime,
    timezone: str = "",
    source: str = "",
    dry_run: bool = False,
) -> ImportJob:
    """Say what the columns of an uploaded file mean; what ended with nothing stored may be configured again.

    Raises ImportStateWrong, ImportRunning, UnreadableFile, MappingInvalid or MappingIncomplete, and changes nothing.
    """
    job = ImportJob.objects.select_for_update().get(pk=job_id)
    if not job.may_be_configured:
        raise ImportStateWrong
    _require_idle(job)
    facts = _sniff(Path(job.path), mapping)
    job.mapping = complete(job.kind, job.layout, mapping, facts)
    job.facts = facts.as_json()
    job.timezone = str(zone_of(timezone or job.timezone).key)
    job.source = _source(source or job.source, job.layout)
    job.dry_run = dry_run
    _begin_anew(job)
    job.save()
    record(by=by, action="intake.configure", obj=job, at=now)
    return job


def _require_idle(job: ImportJob) -> None:
    """A worker whose import was called off notices at its next chunk; until then the tables are its own."""
    if not claim_until_commit(TASK, job.pk):
        raise ImportRunning


def _begin_anew(job: ImportJob) -> None:
    """Forget what an earlier run of the job read and found."""
    drop_staging(job)
    job.rejects.all().delete()
    job.state = ImportState.UPLOADED
    job.started_at = job.finished_at = None
    job.attempts = 0
    job.read_rows = job.staged_rows = job.rejected_rows = job.last_line = 0
    job.progress, job.counts, job.error = 0.0, {}, {}


@transaction.atomic
def enqueue_import(*, job_id: int, by: User, now: datetime) -> ImportJob:
    """Set an uploaded and configured job going. A job that runs already is left as it is.

    A worker is woken after the commit. Should the message be lost, `intake.take_up` sends another.
    """
    job = ImportJob.objects.select_for_update().get(pk=job_id)
    if job.state != ImportState.UPLOADED:
        raise ImportStateWrong
    job.mapping = complete(job.kind, job.layout, job.mapping, FileFacts.from_json(job.facts))
    job.state = ImportState.QUEUED
    job.save(update_fields=["mapping", "state"])
    record(by=by, action="intake.start", obj=job, at=now)
    wake_after_commit(TASK, job_id, queue=QUEUE)
    return job


@transaction.atomic
def cancel_import(*, job_id: int, by: User, now: datetime) -> ImportJob:
    """Call an import off before anything of it is stored: a worker that reads stops at its next chunk.

    Its file stays for as long as uploads are kept, to begin again from. An upload that was never set going is thrown
    away with its file.
    """
    job = ImportJob.objects.select_for_update().get(pk=job_id)
    if job.state not in {ImportState.UPLOADED, ImportState.QUEUED, ImportState.STAGING}:
        raise ImportStateWrong
    if job.state == ImportState.UPLOADED and job.stored:
        _throw_away(job)
    job.state, job.finished_at = ImportState.CANCELLED, now
    job.save(update_fields=["state", "finished_at", "path"])
    record(by=by, action="intake.cancel", obj=job, at=now)
    return job


def _throw_away(job: ImportJob) -> None:
    path, job.path = Path(job.path), ""
    transaction.on_commit(lambda: path.unlink(missing_ok=True))


@transaction.atomic
def note_rejects_taken(*, job_id: int, by: User, now: datetime) -> ImportJob:
    """Write down that somebody takes the rejected rows out, with the names and numbers in them.

    Raises FileNotKept when they are no longer there.
    """
    job = ImportJob.objects.get(pk=job_id)
    if not file_is_kept(job):
        raise FileNotKept
    record(by=by, action="intake.download_rejects", obj=job, at=now)
    return job


def _sniff(path: Path, given: Mapping[str, Any]) -> FileFacts:
    has_header = given.get("has_header")
    texts = {key: str(given.get(key) or "") for key in READING if key != "has_header"}
    if has_header is not None and not isinstance(has_header, bool):
        raise MappingInvalid(_("has_header is true or false."))
    try:
        return sniff(path, **texts, has_header=has_header)
    except LookupError:
        raise MappingInvalid(_("There is no encoding named “%(name)s”.") % {"name": texts["encoding"]}) from None


def _layout(kind: str, facts: FileFacts) -> str:
    known = propose(kind, Layout.ONLINE_RETAIL, ())
    if kind == ImportKind.PURCHASES and set(known.values()) <= set(facts.header):
        return Layout.ONLINE_RETAIL
    return Layout.XLSX if facts.kind == "xlsx" else Layout.CSV


def _check_layout(kind: str, layout: str, facts: FileFacts) -> None:
    if layout == Layout.ONLINE_RETAIL and kind != ImportKind.PURCHASES:
        raise MappingInvalid(_("The layout of Online Retail holds purchases."))
    if layout in {Layout.CSV, Layout.XLSX} and (layout == Layout.XLSX) != (facts.kind == "xlsx"):
        raise MappingInvalid(_("The file is not of the layout “%(layout)s”.") % {"layout": Layout(layout).label})


def _source(given: str, layout: str) -> str:
    source = given.strip() or LAYOUT_SOURCES.get(layout, DEFAULT_SOURCE)
    if len(source) > SOURCE_LENGTH or not source.isprintable():
        raise MappingInvalid(
            _("The source is a short name of at most %(limit)s characters.") % {"limit": SOURCE_LENGTH}
        )
    return source


def _proposal(kind: str, layout: str, facts: FileFacts) -> dict[str, str]:
    """What can be said of the columns before the marketer has looked: doubtful ones are left to her."""
    return {
        name: title
        for name, title in propose(kind, layout, facts.header).items()
        if title in facts.header and title not in facts.duplicates
    }


def _remembered(kind: str, facts: FileFacts) -> dict[str, Any] | None:
    """The mapping of the latest import that had the same columns, or whose rejected rows come back corrected."""
    header = list(facts.header)
    known = Q(facts__header=header) | Q(facts__header=header[: -len(ADDED_COLUMNS)])
    latest = (
        ImportJob.objects.filter(known, kind=kind, state=ImportState.DONE)
        .order_by("-id")
        .values_list("mapping", flat=True)
        .first()
    )
    if latest is None:
        return None
    try:
        return complete(kind, Layout.CSV, latest, facts)
    except (MappingIncomplete, MappingInvalid, UnreadableFile):
        return None


def _keep(chunks: Iterable[bytes]) -> Path:
    """Into a file of our own; whatever goes wrong, a full disk or a broken connection, leaves nothing there."""
    folder = uploads_folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    size = 0
    with ExitStack() as undo:
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
            path = Path(file.name)
            undo.callback(path.unlink, missing_ok=True)
            for chunk in chunks:
                size += len(chunk)
                if size > MAX_UPLOAD:
                    raise UploadTooLarge
                file.write(chunk)
        undo.pop_all()
    return path
