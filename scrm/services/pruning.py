"""Old backups go when their time is over: whoever was erased since is still in them. One that is whole always stays."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from audit.services import record
from scrm.backup.archive import ArchiveReader
from scrm.backup.errors import ArchiveBroken, BackupRefused
from scrm.backup.key import backup_key
from scrm.services.backing_up import KEYS_SUFFIX, SUFFIX, ring_mark


@dataclass(frozen=True, kw_only=True)
class Pruned:
    """Names of what went; `kept` is the newest backup that was read to its end and is whole, None where there is none."""

    gone: tuple[str, ...]
    kept: str | None


def prune_backups(
    *, folder: Path, days: int, by: AbstractBaseUser | None, now: datetime, keys: Path | None = None
) -> Pruned:
    """Delete backups of this installation that are older than `days`, with their keys' backups in `keys`.

    Before anything goes, the newest one is read to its end; where it is broken the one before it, and so on. What is
    found whole stays, whatever its age; where none is whole nothing goes. A file that does not open under our key, or is of
    another installation, is never touched.
    """
    ours = sorted(_ours(folder), key=lambda each: each[0], reverse=True)
    whole = next((path for _made, path in ours if _is_whole(path)), None)
    old = [path for made, path in ours if made < now - timedelta(days=days) and path != whole]
    if whole is None or not old:
        return Pruned(gone=(), kept=whole.name if whole else None)
    _delete(old, keys, by=by, now=now, kept=whole.name)
    return Pruned(gone=tuple(path.name for path in old), kept=whole.name)


@transaction.atomic
def _delete(paths: Sequence[Path], keys: Path | None, *, by: AbstractBaseUser | None, now: datetime, kept: str) -> None:
    names = [path.name for path in paths]
    record(by=by, action="scrm.prune_backups", changes={"backups": [names, None], "kept": [None, kept]}, at=now)
    for path in paths:
        if keys is not None:
            (keys / f"{path.stem}{KEYS_SUFFIX}").unlink(missing_ok=True)
        path.unlink(missing_ok=True)


def _ours(folder: Path) -> Iterator[tuple[datetime, Path]]:
    """(made at, path) of the backups here that were made under our backup key and key ring."""
    key, ring = backup_key(), ring_mark()
    for path in folder.glob(f"scrm-*{SUFFIX}"):
        try:
            manifest = ArchiveReader(path, key).manifest
        except (ArchiveBroken, BackupRefused):
            continue
        if manifest.get("ring") == ring:
            yield datetime.fromisoformat(manifest["made_at"]), path


def _is_whole(path: Path) -> bool:
    try:
        ArchiveReader(path, backup_key()).check()
    except (ArchiveBroken, BackupRefused):
        return False
    return True
