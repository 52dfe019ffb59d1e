"""The restore drill: a backup is made, restored as on a new server, verified, and thrown away.

The restore is the operator's own command, in a database and a home of its own. A backup that was never restored is a hope.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import psycopg
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from psycopg import sql

from audit.services import record
from compliance.services.tombstones import tombstone_file
from core.keys import key_ring_path
from scrm import databases
from scrm.backup.errors import BackupRefused
from scrm.backup.inventory import connected
from scrm.backup.key import key_path
from scrm.models import BackupRun
from scrm.services.backing_up import Progress, owner_parameters, silent, write_backup

PATIENCE = 3000
LOCK = 7_236_514_077
ELSEWHERE = ("SCRM_SEAL_STORE_URL", "SCRM_SEAL_STORE_TOKEN", "SCRM_SEAL_MAIL_TO", "CELERY_BROKER_URL")


@dataclass(frozen=True, kw_only=True)
class Drill:
    """`report` is what the restore said; `error` why it did not get that far."""

    ok: bool
    seconds: float
    size: int
    report: dict[str, Any]
    error: str = ""


def drill(
    *, by: AbstractBaseUser | None, now: datetime, clock: Callable[[], datetime], progress: Progress = silent
) -> Drill:
    """Back up, restore elsewhere, verify, throw away; noted as a run and in the record of acts. Nothing here changes."""
    size, report, error = 0, {}, ""
    try:
        with _alone(), _scratch_folder() as folder:
            made = write_backup(folder, now=now, clock=clock, progress=progress)
            size = made.size
            with _scratch_database() as database:
                report = _restored(made.path, database, folder)
    except (BackupRefused, OSError, psycopg.Error, subprocess.TimeoutExpired) as failed:
        error = str(failed).strip() or type(failed).__name__
    error = error or _faults(report)
    seconds = round((clock() - now).total_seconds(), 3)
    done = Drill(ok=not error, seconds=seconds, size=size, report=report, error=error)
    _note(done, by=by, started=now, finished=clock())
    return done


@contextmanager
def _alone() -> Iterator[None]:
    with connected(owner_parameters(), autocommit=True) as here:
        row = here.execute("SELECT pg_try_advisory_lock(%s)", [LOCK]).fetchone()
        if not (row and row[0]):
            raise BackupRefused("Another drill is going on.")
        yield


@contextmanager
def _scratch_folder() -> Iterator[Path]:
    home = Path(settings.SCRM_HOME)
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left_over in home.glob("drill-*"):
        shutil.rmtree(left_over, ignore_errors=True)
    folder = Path(mkdtemp(prefix="drill-", dir=home))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _drop(here: psycopg.Connection[Any], name: str) -> None:
    """FORCE ends our own connections; of an autovacuum only a superuser may, while the plain form makes it step aside."""
    drop = sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name))
    try:
        here.execute(drop + sql.SQL(" WITH (FORCE)"))
    except psycopg.errors.InsufficientPrivilege:
        here.execute(drop)


@contextmanager
def _scratch_database() -> Iterator[str]:
    """Raises BackupRefused where the owner may not make databases."""
    parameters = owner_parameters()
    name = f"{parameters['NAME']}_drill"
    with connected(parameters, autocommit=True) as here:
        here.execute("SET client_min_messages = error")
        _drop(here, name)
        try:
            here.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        except psycopg.errors.InsufficientPrivilege as error:
            raise BackupRefused(
                f"A drill needs a database to restore into: `ALTER ROLE {parameters['USER']} CREATEDB` lets it make one."
            ) from error
    try:
        yield name
    finally:
        with connected(parameters, autocommit=True) as here:
            _drop(here, name)


def _restored(backup: Path, database: str, folder: Path) -> dict[str, Any]:
    """The very command that an operator would use, in a process that knows nothing of this one."""
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "restore", str(backup), "--yes", "--json"]
    command += ["--tombstones", str(tombstone_file())]
    done = subprocess.run(  # noqa: S603
        command, env=_environment(database, folder), capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    try:
        report: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        words = done.stderr.strip().splitlines()
        raise BackupRefused(words[-1] if words else "The restore said nothing.") from None
    return report


def _environment(database: str, folder: Path) -> dict[str, str]:
    """A home of its own, the keys of this one, and no address outside."""
    addresses = {
        variable: databases.url_of({**settings.DATABASE_ROLES[role], "NAME": database})
        for variable, role in (("DATABASE_URL", "app"), ("DATABASE_OWNER_URL", "owner"))
    }
    kept = {name: value for name, value in os.environ.items() if name not in ELSEWHERE}
    return {
        **kept,
        **addresses,
        "SCRM_HOME": str(folder / "home"),
        "SCRM_SEALS": str(folder / "home" / "seals"),
        "SCRM_MASTER_KEYS": str(key_ring_path()),
        "SCRM_BACKUP_KEY": str(key_path()),
    }


def _faults(report: dict[str, Any]) -> str:
    return " ".join(fault for finding in report["findings"] for fault in finding["faults"])


def _note(done: Drill, *, by: AbstractBaseUser | None, started: datetime, finished: datetime) -> None:
    with transaction.atomic():
        record(by=by, action="scrm.restore_drill", changes={"ok": [None, done.ok]}, at=finished)
        BackupRun.objects.create(
            act=BackupRun.Act.DRILL,
            started_at=started,
            finished_at=finished,
            ok=done.ok,
            size=done.size,
            error=done.error[:500],
            report=done.report,
        )
