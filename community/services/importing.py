"""Running the import of a chat, from wherever an earlier run was stopped.

Messages are stored chunk by chunk, each with its sums, its rejected rows and the place in the file in one transaction.
The whole file is read once before, so that one that cannot be read to its end brings nothing. A list of participants is
one transaction.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from audit.services import record
from community.enums.messages import UNFINISHED, ChatKind, ChatState
from community.errors.chats import ChatBusy, ChatGone, ChatTooOften, as_json
from community.models import ChatImport, Group
from community.services.chat_reading import MessageReader, Rejected, Skipped, Surroundings
from community.services.chat_rows import ChatFile, Row
from community.services.chats import NAMES, TASK, forget_file
from community.services.rosters import store_roster
from community.services.storing import store_messages
from core.errors import ScrmError
from core.services.claims import claimed

CHUNK_ROWS = 20_000
MAX_ATTEMPTS = 5
COUNTS = ("read", "stored", "already", "skipped", "rejected")
MOVING = ("last_line", "progress", "counts")

Progress = Callable[[float], None]


class Cancelled(Exception):
    """Somebody called the import off while it ran."""


def _silent(_fraction: float) -> None:
    """Nobody is watching."""


@dataclass
class Chunk:
    """Rows in hand that are not stored yet."""

    rows: list[tuple[Any, ...]] = field(default_factory=list)
    rejects: list[tuple[int, str, str]] = field(default_factory=list)
    skipped: int = 0
    last_line: int = 0

    @property
    def size(self) -> int:
        return len(self.rows) + len(self.rejects) + self.skipped


def run_chat(*, job_id: int, now: datetime, on_progress: Progress = _silent) -> ChatImport:
    """Do or finish an import; one that has ended is returned as it is.

    What the file has wrong as a whole ends it as failed. Any other error leaves it unfinished: the next run goes on from
    the last chunk, and gives up after some attempts. Raises ChatBusy where another process works on it.
    """
    with _held(job_id):
        job = ChatImport.objects.select_related("group", "by").get(pk=job_id)
        if job.state not in UNFINISHED:
            return job
        try:
            _attempt(job, now)
            file = _file(job)
            if job.kind == ChatKind.PARTICIPANTS:
                store_roster(job, file, surroundings(job), now=now)
            else:
                _store_chat(job, file, now=now, on_progress=on_progress)
            _finish(job, now=now)
        except Cancelled:
            pass  # whoever called it off has written so, and the record of it
        except ScrmError as error:
            _fail(job, error, now=now)
        job.refresh_from_db()
        on_progress(1.0)
        return job


def surroundings(job: ChatImport) -> Surroundings:
    """What the rows are read against: the groups that whoever started the import may see."""
    groups = Group.objects.visible_to(job.by) if job.by else Group.objects.all()
    known = list(groups.values_list("pk", "name", "external_id", "closed_on"))
    names = Counter(name for _pk, name, _number, _closed in known)
    return Surroundings(
        zone=ZoneInfo(job.timezone),
        latest=job.created_at,
        group_id=job.group_id,
        groups={name: pk for pk, name, _number, _closed in known if names[name] == 1}
        | {number: pk for pk, _name, number, _closed in known if number},
        closed={pk: closed for pk, _name, _number, closed in known if closed},
    )


@contextmanager
def _held(job_id: int) -> Iterator[None]:
    with claimed(TASK, job_id) as mine:
        if not mine:
            raise ChatBusy
        yield


def _attempt(job: ChatImport, now: datetime) -> None:
    job.attempts += 1
    job.state, job.started_at = ChatState.RUNNING, job.started_at or now
    moved = ChatImport.objects.filter(pk=job.pk, state__in=UNFINISHED).update(
        attempts=job.attempts, state=job.state, started_at=job.started_at
    )
    if not moved:
        raise Cancelled
    if job.attempts > MAX_ATTEMPTS:
        raise ChatTooOften


def _file(job: ChatImport) -> ChatFile:
    path = Path(job.path)
    if not path.exists():
        raise ChatGone
    return ChatFile(path, NAMES[ChatKind(job.kind)])


def _store_chat(job: ChatImport, file: ChatFile, *, now: datetime, on_progress: Progress) -> None:
    if not job.last_line:
        for _row in file.rows():  # raises where the file cannot be read to its end
            pass
    reader = MessageReader(surroundings(job))
    chunk = Chunk(last_line=job.last_line)
    for row in file.rows():
        if row.line <= job.last_line:
            continue
        _read(reader, row, chunk)
        if chunk.size >= CHUNK_ROWS:
            _store_chunk(job, chunk, file.fraction, now=now)
            on_progress(job.progress)
            chunk = Chunk(last_line=job.last_line)
    _store_chunk(job, chunk, 1.0, now=now)


def _read(reader: MessageReader, row: Row, chunk: Chunk) -> None:
    chunk.last_line = row.line
    if row.fault:
        chunk.rejects.append((row.line, row.fault, ""))
        return
    try:
        chunk.rows.append(reader.read(row.line, row.values))
    except Skipped:
        chunk.skipped += 1
    except Rejected as refused:
        chunk.rejects.append((row.line, refused.reason, refused.column))


@transaction.atomic
def _store_chunk(job: ChatImport, chunk: Chunk, progress: float, *, now: datetime) -> None:
    """The rows in hand, their rejects and the place in the file stand together or not at all."""
    stored = store_messages(now=now, rows=chunk.rows, job_id=job.pk)
    write_rejects(job, chunk.rejects)
    fresh = (chunk.size, stored.stored, stored.already_stored, chunk.skipped, len(chunk.rejects))
    job.counts = {name: job.counts.get(name, 0) + more for name, more in zip(COUNTS, fresh, strict=True)}
    job.last_line, job.progress = chunk.last_line, progress
    moved = ChatImport.objects.filter(pk=job.pk, state=ChatState.RUNNING).update(
        **{name: getattr(job, name) for name in MOVING}
    )
    if not moved:
        raise Cancelled


def write_rejects(job: ChatImport, rejects: list[tuple[int, str, str]]) -> None:
    if not rejects:
        return
    with (
        connection.cursor() as cursor,
        cursor.copy('COPY community_chatreject (job_id, line, reason, "column") FROM STDIN') as copy,
    ):
        for line, reason, column in rejects:
            copy.write_row((job.pk, line, reason, column))


@transaction.atomic
def _finish(job: ChatImport, *, now: datetime) -> None:
    moved = ChatImport.objects.filter(pk=job.pk, state=ChatState.RUNNING).update(
        state=ChatState.DONE, progress=1.0, finished_at=now
    )
    if not moved:
        raise Cancelled
    forget_file(job)
    changes = {name: [None, number] for name, number in job.counts.items()}
    record(by=job.by, action="community.finish_import", obj=job, changes=changes, at=now)


@transaction.atomic
def _fail(job: ChatImport, error: ScrmError, *, now: datetime) -> None:
    ChatImport.objects.filter(pk=job.pk, state__in=UNFINISHED).update(
        state=ChatState.FAILED, finished_at=now, error=as_json(error)
    )
    forget_file(job)
    record(by=job.by, action="community.fail_import", obj=job, at=now)
