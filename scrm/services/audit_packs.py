"""Audit packs as rows: asked for with a reason, made by a worker, fetched by whoever asked, gone after a week."""

import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import translation

from accounts.enums import ExportState
from accounts.errors import ExportNotReady, ExportNotYours, ReasonMissing
from accounts.models import User
from audit.services import record
from core.files.sealed import sealed_file, sealed_pieces
from core.keys import derived_sealer
from core.registries import evidence
from core.rules.crypto import Sealer
from scrm.models import AuditPack
from scrm.services.packing import Packed, write_pack

LASTS = timedelta(days=7)
LEASE = timedelta(minutes=60)


@transaction.atomic
def request_pack(*, reason: str, by: User, now: datetime) -> AuditPack:
    """Raises ReasonMissing or ExportNotYours."""
    if not by.has_perm("scrm.add_auditpack"):
        raise ExportNotYours
    if not reason.strip():
        raise ReasonMissing
    pack: AuditPack = AuditPack.objects.create(
        reason=reason.strip()[:200], asked_by=by, asked_at=now, all_items=len(evidence)
    )
    record(by=by, action="scrm.request_audit_pack", obj=pack, reason=reason, at=now)
    return pack


def run_pack(*, pack_id: int, now: datetime) -> bool:
    """Make one; False if another worker has it. One that failed says so and is not tried again."""
    pack = _claim(pack_id, now)
    if pack is None:
        return False
    try:
        made, size = _write(pack, now)
    except Exception:
        path_of(pack).unlink(missing_ok=True)
        AuditPack.objects.filter(pk=pack.pk).update(state=ExportState.FAILED, salt=None, finished_at=now)
        raise
    with transaction.atomic():
        pack.state, pack.digest, pack.size = ExportState.DONE, made.digest, size
        pack.done_items, pack.finished_at, pack.expires_at = len(made.items), now, now + LASTS
        pack.save()
        note_pack(made, by=pack.asked_by, obj=pack, reason=pack.reason, now=now)
    return True


@transaction.atomic
def note_pack(made: Packed, *, by: User | None, now: datetime, obj: AuditPack | None = None, reason: str = "") -> None:
    """Its fingerprint into the record of acts, where the next seal covers it."""
    changes: dict[str, list[Any]] = {
        "manifest": [None, made.digest],
        "items": [None, len(made.items)],
        "rows": [None, made.rows],
    }
    record(by=by, action="scrm.make_audit_pack", obj=obj, changes=changes, reason=reason, at=now)


def open_pack(*, pack: AuditPack, by: User, now: datetime) -> Iterator[bytes]:
    """The archive for the one who asked; each download is recorded first. Raises ExportNotYours, ExportNotReady."""
    with transaction.atomic():
        locked = AuditPack.objects.select_for_update(of=("self",)).get(pk=pack.pk)
        if locked.asked_by_id != by.pk or not by.has_perm("scrm.add_auditpack"):
            raise ExportNotYours
        if locked.state != ExportState.DONE or locked.expires_at is None or locked.expires_at <= now:
            raise ExportNotReady
        record(by=by, action="scrm.download_audit_pack", obj=locked, reason=locked.reason, at=now)
    return sealed_pieces(path_of(locked), _sealer(locked), _context(locked))


def expire_packs(*, now: datetime) -> int:
    over = list(AuditPack.objects.filter(expires_at__lte=now, state=ExportState.DONE))
    for pack in over:
        path_of(pack).unlink(missing_ok=True)
        AuditPack.objects.filter(pk=pack.pk).update(state=ExportState.EXPIRED, salt=None)
    return len(over)


def path_of(pack: AuditPack) -> Path:
    return Path(settings.MEDIA_ROOT) / "packs" / f"{pack.pk}.sealed"


@transaction.atomic
def _claim(pack_id: int, now: datetime) -> AuditPack | None:
    free = Q(state=ExportState.QUEUED) | Q(state=ExportState.RUNNING, started_at__lt=now - LEASE)
    found = AuditPack.objects.select_for_update(of=("self",), skip_locked=True).filter(free, pk=pack_id)
    pack = found.select_related("asked_by").first()
    if pack is None:
        return None
    pack.state, pack.started_at, pack.salt = ExportState.RUNNING, now, secrets.token_bytes(32)
    pack.done_items, pack.all_items = 0, len(evidence)
    pack.save()
    return pack


def _write(pack: AuditPack, now: datetime) -> tuple[Packed, int]:
    mine = AuditPack.objects.filter(pk=pack.pk)
    sealed_as = (path_of(pack), _sealer(pack), _context(pack))
    with sealed_file(*sealed_as) as sealed, translation.override(settings.LANGUAGE_CODE):
        made = write_pack(sealed, now=now, note=lambda done, of: _progress(mine, done, of))
    return made, sealed.size


def _progress(mine: Any, done: int, of: int) -> None:
    mine.update(done_items=done, all_items=of)


def _sealer(pack: AuditPack) -> Sealer:
    if pack.salt is None:
        raise ExportNotReady
    return derived_sealer(f"pack|{bytes(pack.salt).hex()}")


def _context(pack: AuditPack) -> bytes:
    return b"pack|%d" % pack.pk
