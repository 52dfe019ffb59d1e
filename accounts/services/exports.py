"""Exports: asked for with a reason, allowed by a second person where they are large, made by a worker, gone after a day."""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.enums import ExportState, NoticeLevel, Role
from accounts.errors import ExportNotReady, ExportNotYours, FourEyes, ListGrew, ReasonMissing
from accounts.models import Export, User
from accounts.selectors import rows_taken_alone
from accounts.services.notices import send_notice
from audit.services import record
from core.errors import Text
from core.files.sealed import sealed_file, sealed_pieces
from core.files.writing import Cell, write_csv, write_xlsx
from core.keys import derived_sealer
from core.registries import Feature, Registry, features
from core.rules.crypto import Sealer
from core.rules.masking import mask_text
from core.services.features import require_feature

ALONE = 1_000  # rows that one person may take out on her own
GREW = "accounts.export_grew"
LASTS = timedelta(hours=24)
LEASE = timedelta(minutes=30)
NOTED = 1_000
NOTE = """
INSERT INTO accounts_exportsubject (export_id, at, subject_id) SELECT %s, %s, unnest(%s::bigint[]) ON CONFLICT DO NOTHING
"""
Parameters = Mapping[str, Sequence[str]]


@dataclass(frozen=True, kw_only=True)
class ExportKind:
    """Something that can be exported by those who hold `permission`.

    `count(user, parameters)` is exact; `rows(user, parameters)` begins with the header and goes over what this user may
    see, as this user may see it. `filters(user, parameters)` says in words what the list is narrowed by, for whoever
    decides. `subject` tells whose data a row holds: the list of them outlives the file.
    """

    code: str
    title: Text
    permission: str
    count: Callable[[User, Parameters], int]
    rows: Callable[[User, Parameters], Iterator[Sequence[Cell]]]
    filters: Callable[[User, Parameters], list[str]] = lambda _user, _parameters: []
    subject: Callable[[Sequence[Cell]], int] | None = None
    order: int = 100


export_kinds: Registry[ExportKind] = Registry("exports")
LARGE_EXPORT = features.register(
    Feature(
        code="large_export",
        label=gettext_lazy("Exports of more than 1,000 rows"),
        why=gettext_lazy("A large copy of personal data leaves the product; what happens to it is out of its sight."),
        article=gettext_lazy("PIPL Art. 55 (5): major effect on persons"),
        order=20,
    )
)


@transaction.atomic
def request_export(*, kind: str, layout: str, parameters: Parameters, reason: str, by: User, now: datetime) -> Export:
    """Ask for a file. What is more than one person may take out alone waits for a second one.

    Raises ExportNotYours, ReasonMissing.
    """
    entry = export_kinds.get(kind)
    if not by.has_perm(entry.permission):
        raise ExportNotYours
    if not reason.strip():
        raise ReasonMissing
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=by.pk)  # two at once are added up too
    rows = entry.count(by, parameters)
    state = ExportState.WAITING if needs_second(by=by, rows=rows, now=now) else ExportState.QUEUED
    plain = {name: list(values) for name, values in parameters.items()}
    made = Export.objects.create(
        kind=kind, layout=layout, parameters=plain, reason=mask_text(reason.strip())[:200], state=state, rows=rows,
        asked_by=by, asked_at=now,
    )  # fmt: skip
    record(by=by, action="accounts.request_export", obj=made, reason=reason, changes=_said(made), at=now)
    if state == ExportState.WAITING:
        _tell_approvers(made, now)
    return made


def needs_second(*, by: User, rows: int, now: datetime) -> bool:
    """More than a thousand rows in one file, or with those of the last 24 hours more than the limit of a day."""
    return rows > ALONE or rows + rows_taken_alone(by, now=now) > settings.SCRM_EXPORT_ROWS_A_DAY


@transaction.atomic
def decide_export(*, export: Export, allow: bool, by: User, now: datetime, reason: str = "") -> Export:
    """A second person lets it go, or not. Raises FourEyes, ExportNotReady, and what `require_feature` raises.

    A large file is a copy of the data that nobody can take back: allowing one needs an approved assessment.
    """
    locked = Export.objects.select_for_update(of=("self",)).get(pk=export.pk)
    if by.pk == locked.asked_by_id or not by.has_perm("accounts.approve_export"):
        raise FourEyes
    if locked.state != ExportState.WAITING:
        raise ExportNotReady
    if allow:
        require_feature(LARGE_EXPORT.code, now=now)
    locked.state = ExportState.QUEUED if allow else ExportState.REFUSED
    locked.decided_by, locked.decided_at = by, now
    locked.save(update_fields=["state", "decided_by", "decided_at"])
    action = "accounts.allow_export" if allow else "accounts.refuse_export"
    record(by=by, action=action, obj=locked, reason=reason, at=now)
    return locked


def run_export(*, export_id: int, now: datetime) -> bool:
    """Make one file; False if another worker has it. One that failed says so and is not tried again.

    A list that has grown beyond what one person may take out, or beyond what the second one has allowed, is asked for
    anew rather than cut.
    """
    claimed = _claim(export_id, now)
    if claimed is None:
        return False
    try:
        rows, size = _write(claimed)
    except ListGrew:
        _fail(claimed, GREW, now)
        return True
    except Exception:
        _fail(claimed, "accounts.fail_export", now)
        raise
    _finish(claimed, rows, size, now)
    return True


@transaction.atomic
def _fail(export: Export, action: str, now: datetime) -> None:
    """No half file stays, and no key to one."""
    path_of(export).unlink(missing_ok=True)
    Export.objects.filter(pk=export.pk).update(state=ExportState.FAILED, salt=None, finished_at=now)
    record(by=export.asked_by, action=action, obj=export, changes=_said(export), at=now)
    if action == GREW:
        title = _("The export was not made: the list has grown beyond %(number)s rows; ask for it again.")
        send_notice(
            to=[export.asked_by],
            key=f"export-grew-{export.pk}",
            title=title % {"number": _most(export)},
            url=reverse("accounts:exports"),
            level=NoticeLevel.ACT,
            now=now,
        )


def open_export(*, export: Export, by: User, now: datetime) -> Iterator[bytes]:
    """The file in clear, piece by piece, for the one who asked; each download is recorded first.

    Raises ExportNotYours, ExportNotReady.
    """
    with transaction.atomic():
        locked = Export.objects.select_for_update(of=("self",)).get(pk=export.pk)
        if locked.asked_by_id != by.pk or not by.has_perm(export_kinds.get(locked.kind).permission):
            raise ExportNotYours
        if locked.state != ExportState.DONE or locked.expires_at is None or locked.expires_at <= now:
            raise ExportNotReady
        Export.objects.filter(pk=locked.pk).update(downloads=F("downloads") + 1)
        record(by=by, action="accounts.download_export", obj=locked, reason=locked.reason, at=now)
    return sealed_pieces(path_of(locked), _sealer(locked), _context(locked))


def expire_exports(*, now: datetime) -> int:
    """Take the files away whose day is over, and with the salt the key of every copy of them."""
    over = Export.objects.filter(Q(expires_at__lte=now), state=ExportState.DONE)
    for export in over:
        path_of(export).unlink(missing_ok=True)
        Export.objects.filter(pk=export.pk).update(state=ExportState.EXPIRED, salt=None)
    return len(over)


def path_of(export: Export) -> Path:
    return Path(settings.MEDIA_ROOT) / "exports" / f"{export.pk}.sealed"


def watermark(export: Export) -> list[str]:
    """Who took it out, when, why, and who let it go."""
    asker, second = export.asked_by, export.decided_by
    lines = [
        f"SCRM · {_('export')} #{export.pk} · {export_kinds.get(export.kind).title}",
        _("Taken out by %(name)s (%(account)s)") % {"name": asker, "account": asker.get_username()},
        _("Asked on %(moment)s") % {"moment": f"{localtime(export.asked_at):%Y-%m-%d %H:%M}"},
        _("Reason: %(reason)s") % {"reason": export.reason},
    ]
    if second is not None:
        lines.append(_("Allowed by %(name)s (%(account)s)") % {"name": second, "account": second.get_username()})
    return [*lines, _("Personal data: for this purpose only, and to be deleted afterwards.")]


@transaction.atomic
def _claim(export_id: int, now: datetime) -> Export | None:
    free = Q(state=ExportState.QUEUED) | Q(state=ExportState.RUNNING, started_at__lt=now - LEASE)
    found = Export.objects.select_for_update(of=("self",), skip_locked=True).filter(free, pk=export_id)
    export = found.select_related("asked_by", "decided_by").first()
    if export is None:
        return None
    export.state, export.started_at, export.salt = ExportState.RUNNING, now, secrets.token_bytes(32)
    export.save(update_fields=["state", "started_at", "salt"])
    return export


def _write(export: Export) -> tuple[int, int]:
    """(rows without the header, bytes). Raises ListGrew at the first row that nobody has allowed."""
    kind = export_kinds.get(export.kind)
    rows = _allowed(kind.rows(export.asked_by, export.parameters), _most(export))
    if kind.subject is not None:
        rows = _noted(export, rows, kind.subject)
    with sealed_file(path_of(export), _sealer(export), _context(export)) as sealed:
        if export.layout == "xlsx":
            count = write_xlsx(sealed, rows, about=watermark(export))
        else:
            count = write_csv(sealed, _with_end(rows, watermark(export))) - len(watermark(export)) - 1
    return count - 1, sealed.size


def _with_end(rows: Iterable[Sequence[Cell]], lines: Sequence[str]) -> Iterator[Sequence[Cell]]:
    yield from rows
    yield []
    yield from ([line] for line in lines)


def _most(export: Export) -> int:
    """As many as the second person has seen when she allowed it."""
    return ALONE if export.decided_by_id is None else export.rows


def _allowed(rows: Iterable[Sequence[Cell]], most: int) -> Iterator[Sequence[Cell]]:
    for number, row in enumerate(rows):
        if number > most:  # the first is the header
            raise ListGrew
        yield row


def _noted(
    export: Export, rows: Iterator[Sequence[Cell]], subject: Callable[[Sequence[Cell]], int]
) -> Iterator[Sequence[Cell]]:
    """The same rows, header first; whose they are is kept a thousand at a time, before the file holds more of them."""
    yield next(rows)
    while batch := list(islice(rows, NOTED)):
        with connection.cursor() as cursor:
            cursor.execute(NOTE, [export.pk, export.started_at, sorted({subject(row) for row in batch})])
        yield from batch


@transaction.atomic
def _finish(export: Export, rows: int, size: int, now: datetime) -> None:
    export.state, export.rows, export.size = ExportState.DONE, rows, size
    export.finished_at, export.expires_at = now, now + LASTS
    export.save(update_fields=["state", "rows", "size", "finished_at", "expires_at"])
    record(by=export.asked_by, action="accounts.make_export", obj=export, changes=_said(export), at=now)


def _sealer(export: Export) -> Sealer:
    if export.salt is None:
        raise ExportNotReady
    return derived_sealer(f"export|{bytes(export.salt).hex()}")


def _context(export: Export) -> bytes:
    return b"export|%d" % export.pk


def _said(export: Export) -> dict[str, list[Any]]:
    return {"kind": [None, export.kind], "layout": [None, export.layout], "rows": [None, export.rows]}


def _tell_approvers(export: Export, now: datetime) -> None:
    approvers = User.objects.filter(role__in=(Role.ADMINISTRATOR, Role.LEGAL), is_active=True).exclude(
        pk=export.asked_by_id
    )
    title = ngettext(
        "%(name)s asks to take out %(number)s row", "%(name)s asks to take out %(number)s rows", export.rows
    )
    title %= {"name": export.asked_by, "number": export.rows}
    where = reverse("accounts:exports")
    send_notice(
        to=approvers,
        key=f"export-{export.pk}",
        title=title,
        body=export.reason,
        url=where,
        level=NoticeLevel.ACT,
        now=now,
    )
