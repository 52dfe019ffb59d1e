"""Restoring a backup: shown first, checked before anything is touched, and put back as it was when something fails.

Order: check every part · set the old tables aside · load · rows counted against the manifest · rights · files and seals ·
newer migrations · this server's transaction numbers · what only the file of seals knows declared as lost · whoever was
erased since erased again · everything verified · the old tables dropped.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction

from accounts.services.exports import LASTS, expire_exports
from audit.errors import SealHeldBack
from audit.services import accept_loss, deliver_seals, record, seal_rows
from compliance.services.erasure import Replayed, proceed_all, replay
from compliance.services.tombstones import read_tombstones, tombstone_file
from core import roles
from core.keys import key_ring_path
from intake.services import move_uploads
from scrm.backup import programs
from scrm.backup.archive import ArchiveReader, whole_or_nothing
from scrm.backup.errors import BackupRefused
from scrm.backup.folders import add_missing_lines, merge_growing, read_tar, replacing
from scrm.backup.inventory import (
    connected,
    count_rows,
    is_cut_short,
    let_go,
    put_back,
    set_aside,
    version_of,
)
from scrm.backup.key import backup_key
from scrm.models import BackupRun
from scrm.services.backing_up import (
    DATABASE,
    FILES,
    KEYS,
    SEALS,
    Progress,
    owner_parameters,
    silent,
)
from scrm.services.restore_plan import RestorePlan
from scrm.services.verifying import Finding, verify_all
from timeline.services import adopt_cluster

# Entries that stand in every database, and rights, which are given afterwards under the names of the roles here.
STANDING = (" SCHEMA - public ", " COMMENT - SCHEMA public ", " COMMENT - EXTENSION ")
RIGHTS = (" ACL ", " DEFAULT ACL ")


@dataclass(frozen=True, kw_only=True)
class Restored:
    """What was done, and what verifying it all found."""

    rows: int
    files: int
    replayed: Replayed
    went_apart: list[str]
    findings: list[Finding]
    seconds: float

    @property
    def ok(self) -> bool:
        return all(finding.ok for finding in self.findings)


def restore(
    plan: RestorePlan,
    *,
    now: datetime,
    clock: Callable[[], datetime],
    tombstones: Path | None = None,
    progress: Progress = silent,
) -> Restored:
    """Do what the plan says. Raises BackupRefused or ArchiveBroken; then everything is as it was before."""
    if plan.obstacles:
        raise BackupRefused(" ".join(plan.obstacles))
    archive = ArchiveReader(plan.path, backup_key())
    whole = sum(part.length for part in archive.parts.values())
    archive.check(lambda done: progress("check", done, whole))
    connection.close()
    with _in_place_of_the_old():
        _load(archive, progress)
        with replacing(Path(settings.MEDIA_ROOT), partial(read_tar, archive.pieces(FILES))) as count:
            went_apart = _bring_seals(archive, tombstones)
            _bring_up_to_date(now)
            again = _make_hold_again(archive, now)
    _seal_on(archive, now)
    findings = verify_all(progress=progress)
    done = Restored(
        rows=plan.rows,
        files=count,
        replayed=again,
        went_apart=went_apart,
        findings=findings,
        seconds=round((clock() - now).total_seconds(), 3),
    )
    _note(done, started=now, finished=clock())
    return done


def restore_keys(path: Path) -> bool:
    """Put the key ring of a keys' backup where there is none; False where one stands already, which is left alone."""
    archive = ArchiveReader(path, backup_key())
    if archive.manifest.get("kind") != KEYS:
        raise BackupRefused(f"{path} is not a backup of keys.")
    ring = key_ring_path()
    if ring.exists():
        return False
    with whole_or_nothing(ring) as stream:
        for piece in archive.pieces(KEYS):
            stream.write(piece)
    return True


@contextmanager
def _in_place_of_the_old() -> Iterator[None]:
    """The old tables stand aside while the block runs: back when it fails, gone when it ends well."""
    parameters = owner_parameters()
    with connected(parameters, autocommit=True) as here:
        if is_cut_short(here):
            put_back(here)
        set_aside(here)
    try:
        yield
    except BaseException:
        connection.close()
        with connected(parameters, autocommit=True) as here:
            put_back(here)
        raise
    connection.close()
    with connected(parameters, autocommit=True) as here:
        let_go(here)


def _load(archive: ArchiveReader, progress: Progress) -> None:
    """Tables, rows, indexes and functions as the owner's; then the rights. Raises BackupRefused."""
    parameters = owner_parameters()
    with connected(parameters, autocommit=True) as here:
        server = version_of(here)
        listed = programs.entries(archive.pieces(DATABASE), server=server)
        rights = [line for line in listed if any(kind in line for kind in RIGHTS)]
        wanted = [line for line in listed if line not in rights and not any(kind in line for kind in STANDING)]
        programs.load(parameters, _told(archive, progress), server=server, entries=wanted)
        here.execute(_renamed(programs.script(archive.pieces(DATABASE), server=server, entries=rights), archive))
        counted = count_rows(here, lambda done, of: progress("count", done, of))
    expected = archive.manifest["tables"]
    wrong = sorted(name for name in expected.keys() | counted.keys() if expected.get(name) != counted.get(name))
    if wrong:
        raise BackupRefused(f"The restored tables do not hold the rows of the backup: {', '.join(wrong[:5])}.")


def _told(archive: ArchiveReader, progress: Progress) -> Iterator[bytes]:
    done, whole = 0, archive.parts[DATABASE].size
    for piece in archive.pieces(DATABASE):
        done += len(piece)
        progress("database", done, whole)
        yield piece


def _renamed(script: str, archive: ArchiveReader) -> str:
    """Rights under the names that the two roles have here; psql's own commands are left out."""
    named = archive.manifest["roles"]
    lines = [line for line in script.splitlines() if line and not line.startswith(("\\", "--", "SET ", "SELECT "))]
    for old, new in ((named["owner"], roles.owner_role()), (named["app"], roles.runtime_role())):
        lines = [_with_role(line, old, new) for line in lines]
    return "\n".join(lines)


def _with_role(line: str, old: str, new: str) -> str:
    for word in (old, _quoted(old)):
        parts = re.split(rf" {re.escape(word)}(?=[ ;])", line)
        line = f" {_quoted(new)}".join(parts)
    return line


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _bring_seals(archive: ArchiveReader, tombstones: Path | None) -> list[str]:
    """Seals and tombstones: what this machine knows, what the backup knows and what was brought, together."""
    with TemporaryDirectory() as folder:
        read_tar(archive.pieces(SEALS), Path(folder))
        apart = merge_growing(Path(folder), Path(settings.SCRM_SEALS))
    if tombstones is not None and tombstones.exists():
        add_missing_lines(tombstones, tombstone_file())
    return apart


def _bring_up_to_date(now: datetime) -> None:
    """Migrations that are newer than the backup, and the numbers of this server's transactions."""
    call_command("migrate", interactive=False, verbosity=0)
    with roles.as_owner():
        adopt_cluster(by=None, now=now)


def _make_hold_again(archive: ArchiveReader, now: datetime) -> Replayed:
    """What has happened since the backup and must hold again; files of a day are not in it."""
    changes = {"backup": [None, archive.manifest["made_at"]]}
    with transaction.atomic():
        record(by=None, action="scrm.restore", changes=changes, at=now)
        move_uploads(before=archive.manifest["files_at"], after=str(settings.MEDIA_ROOT))
        expire_exports(now=now + LASTS)
    again = replay(tombstones=read_tombstones(tombstone_file()), now=now)
    proceed_all(now=now)
    return again


def _seal_on(archive: ArchiveReader, now: datetime) -> None:
    """Seals that only the file knows are lost with what was written after the backup; that is declared, and sealed."""
    reason = f"restored the backup of {archive.manifest['made_at']}"
    with suppress(SealHeldBack):  # the verification that follows tells what the file knows and the database does not
        accept_loss(by=None, reason=reason, now=now)
        seal_rows(now=now)
    deliver_seals(now=now)


def _note(done: Restored, *, started: datetime, finished: datetime) -> None:
    report = asdict(done)
    faults = [fault for finding in done.findings for fault in finding.faults]
    BackupRun.objects.create(
        act=BackupRun.Act.RESTORE,
        started_at=started,
        finished_at=finished,
        ok=done.ok,
        error=" ".join(faults)[:500],
        report=report,
    )
