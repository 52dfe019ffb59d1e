"""Backups: the database as of one moment, then the files, sealed into one file; the keys never in the same one."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import django
import psycopg
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import connection, transaction

from audit.services import record
from core import roles
from core.keys import blind_index, key_ring_path
from scrm import databases
from scrm.backup import programs
from scrm.backup.archive import ArchiveReader, ArchiveWriter, whole_or_nothing
from scrm.backup.errors import BackupRefused
from scrm.backup.folders import files_below, size_of, write_tar
from scrm.backup.inventory import count_rows, describe, snapshot, version_of
from scrm.backup.key import backup_key, ensure_key
from scrm.models import BackupRun

SUFFIX, KEYS_SUFFIX = ".scrm", ".scrm-keys"
DATABASE, FILES, SEALS, KEYS = "database", "files", "seals", "keys"
#: Sealed files that last a day are not taken along: a backup would keep them for as long as it lies there.
SHORT_LIVED = ("exports", "packs")
FORMAT = 1
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, kw_only=True)
class Backup:
    """Where the file lies and what is in it."""

    path: Path
    sha256: str
    size: int
    seconds: float
    manifest: dict[str, Any]
    new_key: bool


def silent(_stage: str, _done: int, _all: int) -> None:
    """Progress that nobody looks at."""


def back_up(
    *,
    folder: Path,
    by: AbstractBaseUser | None,
    now: datetime,
    clock: Callable[[], datetime],
    progress: Progress = silent,
) -> Backup:
    """Write one backup into the folder: a whole file or none. It is noted as a run, in the record of acts too.

    Raises BackupRefused, or OSError when the disk is full.
    """
    try:
        made = write_backup(folder, now=now, clock=clock, progress=progress)
    except (BackupRefused, OSError, psycopg.Error) as error:
        _note(started=now, finished=clock(), error=str(error))
        raise
    facts = {"name": made.path.name, "sha256": made.sha256, "rows": sum(made.manifest["tables"].values())}
    with transaction.atomic():
        changes = {name: [None, fact] for name, fact in facts.items()}
        record(by=by, action="scrm.back_up", changes=changes, at=clock())
        _note(started=now, finished=clock(), size=made.size, report=facts)
    return made


def back_up_keys(path: Path) -> bool:
    """The key ring sealed under the backup key, in a file of its own; says whether the backup key was made just now.

    Raises BackupRefused.
    """
    fresh = ensure_key()
    ring = key_ring_path()
    if not ring.exists():
        raise BackupRefused(f"There are no master keys at {ring}: nothing to back up.")
    with whole_or_nothing(path) as stream:
        writer = ArchiveWriter(stream, backup_key())
        with writer.part(KEYS) as content:
            content.write(ring.read_bytes())
        writer.finish({"format": FORMAT, "kind": KEYS})
    return fresh


def ring_mark() -> str:
    """By which a restore knows whether the key ring here is the one that the backup needs."""
    return blind_index("backup", "ring").hex()


def owner_parameters() -> databases.Parameters:
    """As the owner, to the database that Django is connected to."""
    return {**settings.DATABASE_ROLES["owner"], "NAME": connection.settings_dict["NAME"]}


def write_backup(folder: Path, *, now: datetime, clock: Callable[[], datetime], progress: Progress = silent) -> Backup:
    """The file alone, noted nowhere. Raises BackupRefused or OSError."""
    fresh = ensure_key()
    path = folder / f"scrm-{now:%Y%m%dT%H%M%S%fZ}{SUFFIX}"
    with snapshot(owner_parameters()) as (reading, name):
        moment = clock()
        about = _about(reading, moment)
        _refuse_full_disk(folder, about["database_size"])
        about["tables"] = count_rows(reading, lambda done, of: progress("count", done, of))
        with whole_or_nothing(path) as stream:
            writer = ArchiveWriter(stream, backup_key())
            _dump(writer, version_of(reading), name, about["database_size"], progress)
            reading.close()  # the dump holds the snapshot no longer than it needs
            about |= _write_folders(writer, moment, progress)
            sha256 = writer.finish(about)
    seconds = round((clock() - now).total_seconds(), 3)
    manifest = ArchiveReader(path, backup_key()).manifest
    return Backup(path=path, sha256=sha256, size=path.stat().st_size, seconds=seconds, manifest=manifest, new_key=fresh)


def _about(reading: Any, now: datetime) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "kind": "backup",
        "made_at": now.isoformat(),
        "django": django.get_version(),
        "ring": ring_mark(),
        "roles": {"owner": roles.owner_role(), "app": roles.runtime_role()},
        "files_at": str(settings.MEDIA_ROOT),
        **describe(reading),
    }


def _refuse_full_disk(folder: Path, database_size: int) -> None:
    """A dump is compressed and without indexes: half of the database is room enough for it, with the files."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    needed = database_size // 2 + size_of(_files()) + size_of(files_below(Path(settings.SCRM_SEALS)))
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise BackupRefused(
            f"{folder} has {free // 2**20:,} MB free, and the backup may need {needed // 2**20:,} MB: "
            "make room, or give another folder."
        )


def _dump(writer: ArchiveWriter, server: int, snapshot_name: str, size: int, progress: Progress) -> None:
    with (
        writer.part(DATABASE) as content,
        programs.dump(owner_parameters(), server=server, snapshot=snapshot_name) as pieces,
    ):
        for piece in pieces:
            content.write(piece)
            progress("database", content.size, max(size, content.size))


def _write_folders(writer: ArchiveWriter, moment: datetime, progress: Progress) -> dict[str, int]:
    """Files after the database: what was erased in between is gone from both, what is new in neither."""
    counts = {}
    for number, (name, folder, files, before) in enumerate(
        (
            (FILES, Path(settings.MEDIA_ROOT), _files(), moment.timestamp()),
            (SEALS, Path(settings.SCRM_SEALS), files_below(Path(settings.SCRM_SEALS)), float("inf")),
        )
    ):
        with writer.part(name) as content:
            counts[name] = write_tar(content, folder, files, before=before)
        progress("files", number + 1, 2)
    return counts


def _files() -> Any:
    return files_below(Path(settings.MEDIA_ROOT), leaving_out=SHORT_LIVED)


def _note(
    *, started: datetime, finished: datetime, size: int = 0, error: str = "", report: dict[str, Any] | None = None
) -> None:
    BackupRun.objects.create(
        act=BackupRun.Act.BACKUP,
        started_at=started,
        finished_at=finished,
        ok=not error,
        size=size,
        error=error[:500],
        report=report or {},
    )
