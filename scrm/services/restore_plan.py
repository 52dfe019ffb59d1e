"""What restoring a backup would do here, and what keeps it from being done; touches nothing."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from compliance.services.tombstones import read_tombstones, tombstone_file
from core import roles
from core.keys import key_ring_path
from scrm.backup.archive import ArchiveReader
from scrm.backup.errors import BackupRefused
from scrm.backup.folders import files_below
from scrm.backup.inventory import connected, is_cut_short, other_sessions, tables_of, version_of
from scrm.backup.key import backup_key
from scrm.services.backing_up import FORMAT, owner_parameters, ring_mark


@dataclass(frozen=True, kw_only=True)
class RestorePlan:
    """What is in the file, and what would happen here. `obstacles` keep it from being done."""

    path: Path
    manifest: dict[str, Any]
    database: str
    tables_here: int
    files_here: int
    tombstones: int
    cut_short: bool
    obstacles: list[str] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return sum(self.manifest["tables"].values())


def plan_restore(
    path: Path, *, replace: bool, tombstones: Path | None = None, brings_keys: bool = False
) -> RestorePlan:
    """Look at the file and at what stands here; touches nothing. Raises ArchiveBroken or BackupRefused.

    `brings_keys`: the key ring will be restored first.
    """
    manifest = ArchiveReader(path, backup_key()).manifest
    if manifest.get("kind") != "backup" or manifest["format"] != FORMAT:
        raise BackupRefused(f"{path} is not a backup of this kind of system.")
    connection.close()  # ours is none of the programs that must not be at work
    with connected(owner_parameters()) as here:
        tables, others, cut_short = len(tables_of(here)), other_sessions(here), is_cut_short(here)
        server = version_of(here)
    files = sum(1 for _path in files_below(Path(settings.MEDIA_ROOT)))
    obstacles = _obstacles(manifest, server=server, others=others, brings_keys=brings_keys)
    if not replace and (tables or files or cut_short):
        obstacles.append(
            f"There are {tables} tables and {files} files here already. A restore goes into an empty database, or with "
            "--replace into the place of what is here."
        )
    return RestorePlan(
        path=path,
        manifest=manifest,
        database=str(connection.settings_dict["NAME"]),
        tables_here=tables,
        files_here=files,
        tombstones=sum(1 for _each in read_tombstones(tombstones or tombstone_file())),
        cut_short=cut_short,
        obstacles=obstacles,
    )


def _obstacles(manifest: dict[str, Any], *, server: int, others: int, brings_keys: bool) -> list[str]:
    found = []
    if others:
        found.append(f"{others} programs are connected to this database: stop web, worker and beat first.")
    no_ring = not key_ring_path().exists()
    if not (no_ring and brings_keys) and (no_ring or manifest["ring"] != ring_mark()):
        found.append(
            f"The key ring at {key_ring_path()} is not the one of this backup: protected values would stay unreadable. "
            "Restore the keys first (--keys), or point SCRM_MASTER_KEYS at them."
        )
    if server < manifest["server_version"]:
        found.append(f"The backup is from PostgreSQL {manifest['server_version']}, the server here is {server}.")
    if manifest["roles"]["owner"] == manifest["roles"]["app"] and roles.has_two_roles():
        found.append(
            "The backup is from an installation where one role does everything: it says nothing of the rights of a "
            "second one. Restore it with DATABASE_URL alone."
        )
    unknown = sorted(_migrations_of(manifest) - set(MigrationLoader(None).disk_migrations))
    if unknown:
        found.append(
            f"The backup is from a newer version of this system ({len(unknown)} migrations are not known here, such as "
            f"{'.'.join(unknown[0])}): install that version first."
        )
    return found


def _migrations_of(manifest: dict[str, Any]) -> set[tuple[str, str]]:
    return {(app, name) for app, names in manifest["migrations"].items() for name in names}
