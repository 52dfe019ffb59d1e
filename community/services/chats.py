"""Imports of chats: a file kept, set going, called off, tidied away."""

import hashlib
import tempfile
from collections.abc import Callable, Iterable
from contextlib import ExitStack, suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from community.enums.messages import UNFINISHED, ChatKind, ChatState
from community.errors.chats import ChatNotUsable, ChatStateWrong, ChatTooLarge
from community.errors.groups import GroupIsClosed
from community.models import ChatImport, Group
from community.rules.chat_fields import MESSAGE_NAMES, ROSTER_NAMES
from community.selectors.chats import unfinished_chats
from community.services.chat_rows import ChatFile
from core.errors import NotFound
from core.services import waking
from core.services.surprises import each_by_itself

TASK, QUEUE = "community.import", "bulk"
TAKE_UP_EVERY = timedelta(seconds=20)
MAX_UPLOAD = 1 << 30
FILES_KEPT = timedelta(days=1)
REPORTS_KEPT = timedelta(days=180)
DEFAULT_SOURCE = "chat"
NAMES = {ChatKind.MESSAGES: MESSAGE_NAMES, ChatKind.PARTICIPANTS: ROSTER_NAMES}
#: What has to be told, each with an example of a name.
NEEDED = {
    ChatKind.MESSAGES: ((("sent_at",), "发送时间"), (("speaker_key", "nickname"), "发送者")),
    ChatKind.PARTICIPANTS: ((("speaker_key", "nickname"), "昵称"),),
}


def receive_chat(
    *,
    kind: str,
    chunks: Iterable[bytes],
    file_name: str,
    group: Group | None,
    by: User | None,
    now: datetime,
    source: str = "",
) -> ChatImport:
    """Keep a file and set its import going. The same file for the same group that is not done yet is returned instead.

    Raises UnreadableFile, ChatNotUsable, ChatTooLarge or GroupIsClosed, and keeps nothing.
    """
    if group is not None and kind == ChatKind.PARTICIPANTS and not group.is_active:
        raise GroupIsClosed
    path, digest = _keep(chunks)
    try:
        file = ChatFile(path, NAMES[ChatKind(kind)])
        _require_columns(file, kind, group)
        with transaction.atomic():
            waiting = ChatImport.objects.filter(kind=kind, group=group, file_hash=digest, state__in=UNFINISHED)
            job = waiting.select_for_update().order_by("pk").last()
            if job is not None:
                path.unlink(missing_ok=True)
                return job
            job = ChatImport.objects.create(
                kind=kind,
                layout=file.layout,
                group=group,
                path=str(path),
                file_name=Path(file_name).name[:255] or digest[:12],
                file_size=path.stat().st_size,
                file_hash=digest,
                source=source or (group.source if group else "") or DEFAULT_SOURCE,
                timezone=settings.TIME_ZONE,
                facts=file.facts(),
                by=by,
                created_at=now,
            )
            record(by=by, action="community.import_chat", obj=job, changes={"file": [None, digest]}, at=now)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    transaction.on_commit(lambda: wake(job.pk), robust=True)
    return job


def wake(job_id: int, *, expires: float | None = None) -> None:
    """Tell a worker; saying it twice does no harm."""
    waking.wake(TASK, job_id, queue=QUEUE, expires=expires)


@transaction.atomic
def cancel_chat(*, job: ChatImport, by: User, now: datetime) -> ChatImport:
    """Call an import off: the worker stops after the rows in hand. What is stored stays. Raises ChatStateWrong."""
    job = ChatImport.objects.select_for_update().get(pk=job.pk)
    if job.state not in UNFINISHED:
        raise ChatStateWrong
    job.state, job.finished_at = ChatState.CANCELLED, now
    job.save(update_fields=["state", "finished_at"])
    forget_file(job)
    record(by=by, action="community.cancel_import", obj=job, at=now)
    return job


def forget_file(job: ChatImport) -> None:
    """The file goes as soon as nobody will read it any more: it holds words of people who never agreed to that."""
    path = Path(job.path)
    transaction.on_commit(lambda: path.unlink(missing_ok=True))


def tidy_chats(*, now: datetime) -> int:
    """Files that a crash left, a day after; reports of rejected rows half a year after. Answers how many.

    One that cannot be removed keeps no other; the first surprise is raised at the end.
    """
    needed = {Path(path) for path in ChatImport.objects.filter(state__in=UNFINISHED).values_list("path", flat=True)}
    left = [path for path in _folder().iterdir() if path not in needed and _is_older(path, now - FILES_KEPT)]
    old = ChatImport.objects.filter(created_at__lt=now - REPORTS_KEPT, rejects__isnull=False).distinct()
    tidying: list[Callable[[], object]] = [partial(path.unlink, missing_ok=True) for path in left]
    tidying += [job.rejects.all().delete for job in old]
    return len(each_by_itself(tidying, lambda tidy: tidy()))


def _is_older(path: Path, than: datetime) -> bool:
    """One that was removed meanwhile is not there to be old."""
    with suppress(FileNotFoundError):
        return path.stat().st_mtime < than.timestamp()
    return False


def wake_unfinished() -> int:
    """Send every unfinished import to a worker: those whose message was lost, or whose worker was killed."""
    return len(
        each_by_itself(unfinished_chats(), lambda job_id: wake(job_id, expires=3 * TAKE_UP_EVERY.total_seconds()))
    )


def group_of_import(number: int | None, *, by: User) -> Group | None:
    """The group that somebody chose, among those she may see. Raises NotFound."""
    if number is None:
        return None
    group = Group.objects.visible_to(by).filter(pk=number).first()
    if group is None:
        raise NotFound
    return group


def _require_columns(file: ChatFile, kind: str, group: Group | None) -> None:
    for fields, example in NEEDED[ChatKind(kind)]:
        if not any(name in file.columns for name in fields):
            names = ", ".join(file.header[:40])
            raise ChatNotUsable("columns_missing", missing=_told(fields[0]), names=names, example=example)
    if group is None and "group" not in file.columns:
        raise ChatNotUsable("no_group")


def _told(field: str) -> str:
    return {
        "sent_at": _("when a message was sent"),
        "speaker_key": _("who it is about"),
    }[field]


def _folder() -> Path:
    folder = Path(settings.MEDIA_ROOT) / "chats"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _keep(chunks: Iterable[bytes]) -> tuple[Path, str]:
    """On disk for as long as the import takes, readable by the product alone.

    Whatever goes wrong, a full disk or a broken connection, leaves nothing there.
    """
    digest = hashlib.sha256()
    size = 0
    with ExitStack() as undo:
        with tempfile.NamedTemporaryFile(dir=_folder(), delete=False) as file:
            path = Path(file.name)
            undo.callback(path.unlink, missing_ok=True)
            for chunk in chunks:
                size += len(chunk)
                if size > MAX_UPLOAD:
                    raise ChatTooLarge
                digest.update(chunk)
                file.write(chunk)
        undo.pop_all()
    return path, digest.hexdigest()
