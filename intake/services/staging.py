"""Step one of an import: from the file into a staging table of the job, chunk by chunk.

Each chunk commits together with the rows it rejected and with the job's place in the file, so that a killed import
goes on where its last whole chunk ended.
"""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import compress
from pathlib import Path

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _

from core.files import BadCell, BadRow, Fault, FileFacts, Meter, read_rows
from core.rules.masking import mask_text
from intake.enums import ImportState, Reason
from intake.errors import MappingInvalid
from intake.models import ImportJob
from intake.rules.cells import NULL, Surroundings, converter, copy_text
from intake.rules.columns import Column
from intake.rules.fields import FIELDS, Field, field_of
from intake.selectors import surroundings

CHUNK_ROWS = 20_000
#: Reading is most of the work that can be measured; storing is one transaction.
READING_SHARE = 0.8
VALUE_LENGTH = 80
#: What tells how far the reading came.
MOVING = ("read_rows", "staged_rows", "rejected_rows", "last_line")
REJECTS = "intake_importreject"
COLUMNS_OF_REJECT = ("job_id", "line", '"column"', "reason", "value", "further")


Chunk = dict[str, list[str]]
#: Line, column, reason, value, and whether another fault of the row stands before it.
Reject = tuple[int, int | None, str, str, bool]
Rejects = list[Reject]


class Cancelled(Exception):
    """The job was called off while it was being read."""


def staging_table(job: ImportJob) -> str:
    return f"intake_staging_{job.pk}"


def drop_staging(job: ImportJob) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT intake_close_staging(%s)", [job.pk])


def open_staging(job: ImportJob, *, now: datetime) -> None:
    """Begin reading, or go on after a kill; a table that a crash of the server has emptied is filled anew."""
    if job.state == ImportState.STAGING and is_staged(job):
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT intake_open_staging(%s, %s)", [job.pk, job.kind])
        job.rejects.all().delete()
        job.state, job.started_at = ImportState.STAGING, job.started_at or now
        job.read_rows = job.staged_rows = job.rejected_rows = job.last_line = 0
        job.save(update_fields=["state", "started_at", *MOVING])


def is_staged(job: ImportJob) -> bool:
    """Whether the staging table still holds what was read: a crash of the server empties it."""
    return _rows_in(staging_table(job)) == job.staged_rows


def _rows_in(table: str) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [table])
        if cursor.fetchone()[0] is None:
            return None
        cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608 - named after the job's number
        return int(cursor.fetchone()[0])


def _mapped(job: ImportJob) -> list[tuple[Field, str]]:
    """Fields with their columns, in the order in which a row's faults count: who, then what."""
    columns = job.mapping["columns"]
    return [(field, columns[field.name]) for field in FIELDS[job.kind] if field.name in columns]


def _field(job: ImportJob, name: str) -> Field:
    field = field_of(job.kind, name)
    if field is None:
        raise MappingInvalid(_("There is no field “%(name)s”.") % {"name": name})
    return field


def _constant(field: Field, text: str, around: Surroundings) -> str | None:
    try:
        return converter(field, around)(text)
    except BadCell as refused:
        raise MappingInvalid(
            _("The fixed value “%(text)s” of “%(field)s” cannot be used: %(why)s.")
            % {"text": text, "field": field.label, "why": refused.fault.label}
        ) from None


class Stager:
    """Reads one file into its job's staging table."""

    #: How a converted value stands in a chunk; COPY text, unless a subclass has more to do with it.
    encode = staticmethod(copy_text)

    def __init__(self, job: ImportJob) -> None:
        self.job = job
        self.facts = FileFacts.from_json(job.facts)
        around = surroundings(job)
        self.columns = [
            Column(self.facts.position(title), field, converter(field, around), self.encode)
            for field, title in _mapped(job)
        ]
        self.constants = {
            name: self.encode(_constant(_field(job, name), text, around))
            for name, text in job.mapping["constants"].items()
        }
        self._meter = Meter()
        self._lines: list[int] = []
        self._rows: list[list[str]] = []
        self._rejects: Rejects = []

    def run(self) -> Iterator[float]:
        """Read what is not read yet; yields the progress after each chunk. Raises Cancelled between two chunks."""
        done, lines, rows, rejects = self.job.last_line, self._lines, self._rows, self._rejects
        for line, cells in read_rows(Path(self.job.path), self.facts, self._on_bad, self._meter):
            if line <= done:
                continue
            lines.append(line)
            rows.append(cells)
            if len(rows) + len(rejects) >= CHUNK_ROWS:
                yield self._flush()
        yield self._flush()

    def _on_bad(self, bad: BadRow) -> None:
        if bad.line > self.job.last_line:
            self._rejects.append((bad.line, bad.column, bad.fault.value, "", False))

    def _flush(self) -> float:
        progress = READING_SHARE * self._meter.fraction
        with transaction.atomic(), connection.cursor() as cursor:
            last_line = max([self.job.last_line, *self._lines[-1:], *(reject[0] for reject in self._rejects[-1:])])
            read = len(self._rows) + len(self._rejects)
            staged = self.write(cursor, self._converted())
            _copy_rejects(cursor, self.job, self._rejects)
            self._move(last_line, progress, read=read, staged=staged)
        self._lines.clear()
        self._rows.clear()
        self._rejects.clear()
        return progress

    def _converted(self) -> Chunk:
        """The rows in hand as values by column; those with faults go to the rejects, with every fault they have."""
        texts = list(zip(*self._rows, strict=True))
        values: Chunk = {"line": list(map(str, self._lines))}
        faulty: dict[int, list[tuple[Column, str]]] = {}
        for column in self.columns:
            values[column.field.name], faults = column.convert(texts[column.place] if texts else ())
            for place, code in faults.items():
                faulty.setdefault(place, []).append((column, code))
        values |= {name: [value] * len(self._lines) for name, value in self.constants.items()}
        if faulty:
            self._rejects += [
                self._rejected(place, *fault, further=nth > 0)
                for place in sorted(faulty)
                for nth, fault in enumerate(faulty[place])
            ]
            keep = [place not in faulty for place in range(len(self._lines))]
            values = {name: list(compress(column, keep)) for name, column in values.items()}
        return values

    def _rejected(self, place: int, column: Column, code: str, *, further: bool) -> Reject:
        text = "" if column.field.personal else self._rows[place][column.place]
        value = mask_text(text.replace("\0", ""))[:VALUE_LENGTH] if text else ""
        return self._lines[place], column.place + 1, code, value, further

    def write(self, cursor: CursorWrapper, chunk: Chunk) -> int:
        """COPY a chunk to the staging table; answers how many rows there were."""
        block = "\n".join(map("\t".join, zip(*chunk.values(), strict=True)))
        if block:
            with cursor.copy(f"COPY {staging_table(self.job)} ({', '.join(chunk)}) FROM STDIN") as copy:
                copy.write(block + "\n")
        return len(chunk["line"])

    def without(self, chunk: Chunk, keep: Sequence[object], reason: Reason | Fault, field: str = "") -> Chunk:
        """The chunk in hand without the rows that are refused while it is written, for what stands in the field."""
        if all(keep):
            return chunk
        place = next((column.place + 1 for column in self.columns if column.field.name == field), None)
        lines = compress(chunk["line"], (not kept for kept in keep))
        self._rejects += [(int(line), place, reason.value, "", False) for line in lines]
        return {name: list(compress(values, keep)) for name, values in chunk.items()}

    def _move(self, last_line: int, progress: float, *, read: int, staged: int) -> None:
        job = self.job
        job.last_line, job.progress = last_line, progress
        job.read_rows += read
        job.staged_rows += staged
        job.rejected_rows += sum(not further for *_fault, further in self._rejects)
        moved = ImportJob.objects.filter(pk=job.pk, state=ImportState.STAGING).update(
            progress=progress, **{name: getattr(job, name) for name in MOVING}
        )
        if not moved:
            raise Cancelled


def _copy_rejects(cursor: CursorWrapper, job: ImportJob, rejects: Rejects) -> None:
    if not rejects:
        return
    lines = [
        f"{job.pk}\t{line}\t{NULL if column is None else column}\t{reason}\t{copy_text(value)}\t{int(further)}\n"
        for line, column, reason, value, further in rejects
    ]
    with cursor.copy(f"COPY {REJECTS} ({', '.join(COLUMNS_OF_REJECT)}) FROM STDIN") as copy:
        copy.write("".join(lines))


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Rows are no circles: looking for some among millions of lists takes as long as reading the file."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def stage_file(
    job: ImportJob, *, now: datetime, on_progress: Callable[[float], None], stager: "type[Stager]" = Stager
) -> None:
    """Read the whole file into the staging table, from where an earlier run was stopped.

    Raises FileChanged, MappingInvalid, UnreadableFile or Cancelled.
    """
    open_staging(job, now=now)
    with _collector_at_rest():
        for progress in stager(job).run():
            on_progress(progress)
            gc.collect(1)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT intake_analyze_staging(%s)", [job.pk])
        if not ImportJob.objects.filter(pk=job.pk, state=ImportState.STAGING).update(state=ImportState.APPLYING):
            raise Cancelled
    job.state = ImportState.APPLYING
