"""Backup and restore (T23, T25b): whole or nothing, checked before anything is touched, and nobody erased comes back."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.utils import timezone

from audit.models import AuditEntry
from audit.services import deliver_seals, seal_rows
from compliance.enums.rights import ErasureReason
from compliance.models import ConsentState, Erasure
from compliance.services.erasure import erase
from compliance.services.tombstones import tombstone_file
from core import roles
from core.registries import Verification, Verified, verifications
from members.models import Identity
from scrm import databases
from scrm.backup import folders, inventory, key, programs
from scrm.backup.archive import ArchiveReader, ArchiveWriter, whole_or_nothing
from scrm.backup.errors import ArchiveBroken, BackupRefused
from scrm.models import BackupRun
from scrm.services.backing_up import back_up, back_up_keys, owner_parameters
from scrm.services.drilling import drill
from scrm.services.verifying import verify_all
from tests.compliance.people import member, said

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SECRET = b"13812349876"


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, settings: Any) -> None:
    settings.SCRM_HOME = tmp_path / "home"
    settings.MEDIA_ROOT = tmp_path / "home" / "files"
    settings.SCRM_SEALS = tmp_path / "home" / "seals"
    settings.SCRM_BACKUP_KEY = tmp_path / "safe" / "backup.key"


def backup(folder: Path) -> Path:
    return back_up(folder=folder, by=None, now=timezone.now(), clock=timezone.now).path


@contextmanager
def new_server(tmp_path: Path) -> Iterator[Callable[..., dict[str, Any]]]:
    """An empty database and an empty home; gives `manage.py` there, which answers JSON."""
    name = f"{connection.settings_dict['NAME']}_elsewhere"
    owner = owner_parameters()
    with inventory.connected(owner, autocommit=True) as here:
        here.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        here.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    home = tmp_path / "elsewhere"
    environment = {
        **os.environ,
        "DATABASE_URL": databases.url_of({**settings.DATABASE_ROLES["app"], "NAME": name}),
        "DATABASE_OWNER_URL": databases.url_of({**owner, "NAME": name}),
        "SCRM_HOME": str(home),
        "SCRM_SEALS": str(home / "seals"),
        "SCRM_MASTER_KEYS": str(home / "keys" / "master.json"),
        "SCRM_BACKUP_KEY": str(settings.SCRM_BACKUP_KEY),
        "CELERY_BROKER_URL": "",
    }

    def run(*arguments: str, code: int = 0) -> dict[str, Any]:
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]
        done = subprocess.run(command, check=False, env=environment, capture_output=True, text=True)
        assert done.returncode == code, done.stderr + done.stdout
        return json.loads(done.stdout) if done.stdout.startswith("{") else {"said": done.stdout + done.stderr}

    try:
        yield run
    finally:
        with inventory.connected(owner, autocommit=True) as here:
            here.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def backup_then_erase(tmp_path: Path) -> tuple[Path, Path, Path]:
    """A backup, its keys and an upload in it; of the sixty people in it fifty were erased afterwards."""
    people = [member(f"138{number:08}", name=f"客户{number}") for number in range(60)]
    for who in people:
        said(who, "grant")
    upload = Path(settings.MEDIA_ROOT) / "imports" / "one.csv"
    upload.parent.mkdir(parents=True)
    upload.write_text("手机号\n13900139000\n")
    seal_rows(now=NOW)
    deliver_seals(now=NOW)
    path, keys = backup(tmp_path / "backups"), tmp_path / "keys" / "ring.scrm-keys"
    back_up_keys(keys)
    assert SECRET not in path.read_bytes()
    for who in people[:50]:
        erase(member_id=who.pk, why=ErasureReason.REQUEST, by=None, now=timezone.now())
    return path, keys, upload


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_backup_comes_back_on_a_new_server_and_nobody_erased_since_with_it(tmp_path: Path) -> None:
    path, keys, upload = backup_then_erase(tmp_path)
    left = dict(Identity.objects.values_list("member", "lookup"))
    with new_server(tmp_path) as run:
        arguments = ("restore", str(path), "--json", "--keys", str(keys))
        plan = run(*arguments)
        assert (plan["obstacles"], plan["tables_here"]) == ([], 0)
        assert run("restore", str(path), "--json")["obstacles"], "without the keys it is not done"
        done = run(*arguments, "--tombstones", str(tombstone_file()), "--yes")
        assert done["ok"], done
        assert (done["files"], done["replayed"]) == (1, {"erased": 50, "waiting": 0})
        with inventory.connected(
            {**owner_parameters(), "NAME": f"{connection.settings_dict['NAME']}_elsewhere"}
        ) as there:
            assert dict(there.execute("SELECT member_id, lookup FROM members_identity").fetchall()) == left
            assert there.execute("SELECT count(*) FROM members_member").fetchone() == (10,)
            assert there.execute("SELECT count(*) FROM compliance_erasure").fetchone() == (50,)
            assert there.execute("SELECT count(*) FROM compliance_consentstate").fetchone() == (60,)
        assert run("verify_all", "--json")["ok"]
        assert (tmp_path / "elsewhere" / "files" / "imports" / "one.csv").read_text() == upload.read_text()
        refused = run("restore", str(path), "--yes", code=1)
        assert "empty database" in refused["said"]
        again = run("restore", str(path), "--yes", "--replace", "--json")
        assert (again["ok"], again["replayed"]["erased"]) == (True, 50), "the tombstones that were brought have stayed"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_drill_passes_and_leaves_nothing(tmp_path: Path) -> None:
    said(member("13800138000"), "grant")
    done = drill(by=None, now=timezone.now(), clock=timezone.now)
    assert done.error == ""
    assert done.ok
    run = BackupRun.objects.get()
    assert (run.act, run.ok) == ("drill", True)
    assert AuditEntry.objects.filter(action="scrm.restore_drill").count() == 1
    assert not list((tmp_path / "home").glob("drill-*"))
    with inventory.connected(owner_parameters()) as here:
        name = f"{connection.settings_dict['NAME']}_drill"
        assert not here.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchall()


@pytest.mark.django_db(transaction=True)
def test_drill_that_fails_says_why_and_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "find", refuse)
    done = drill(by=None, now=NOW, clock=lambda: NOW)
    assert (done.ok, done.error) == (False, "there is no pg_dump")
    assert BackupRun.objects.get().error == "there is no pg_dump"


def refuse(*_arguments: Any, **_more: Any) -> Path:
    raise BackupRefused("there is no pg_dump")


@pytest.mark.django_db(transaction=True)
def test_backup_that_fails_leaves_no_file_and_is_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "find", refuse)
    with pytest.raises(CommandError, match="there is no pg_dump"):
        call_command("backup", out=tmp_path / "backups")
    assert list((tmp_path / "backups").iterdir()) == []
    assert (BackupRun.objects.get().ok, AuditEntry.objects.filter(action="scrm.back_up").count()) == (False, 0)


@pytest.mark.django_db(transaction=True)
def test_full_disk_is_said_before_anything_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full = type("Usage", (), {"free": 0})
    monkeypatch.setattr("scrm.services.backing_up.shutil.disk_usage", lambda _folder: full)
    with pytest.raises(CommandError, match="make room"):
        call_command("backup", out=tmp_path / "backups")
    assert list((tmp_path / "backups").iterdir()) == []


@pytest.mark.django_db(transaction=True)
def test_backup_is_recorded_and_holds_what_a_restore_asks_for(tmp_path: Path) -> None:
    member("13800138000")
    path = backup(tmp_path / "backups")
    manifest = ArchiveReader(path, key.backup_key()).manifest
    assert manifest["tables"]["public.members_member"] == 1
    assert "public.django_session" not in manifest["tables"]
    assert manifest["roles"] == {"owner": roles.owner_role(), "app": roles.runtime_role()}
    entry = AuditEntry.objects.get(action="scrm.back_up")
    assert entry.changes["name"] == [None, path.name]
    run = BackupRun.objects.get()
    assert (run.act, run.ok, run.size) == ("backup", True, path.stat().st_size)
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.django_db(transaction=True)
def test_keys_never_go_into_the_same_folder(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="another folder"):
        call_command("backup", out=tmp_path / "one", keys=tmp_path / "one")
    assert not (tmp_path / "one").exists()


# -- the file ------------------------------------------------------------------------------------------------------


def written(path: Path, key_: bytes = b"k" * 32, size: int = 3_000_000) -> bytes:
    content = os.urandom(size)
    with whole_or_nothing(path) as stream:
        writer = ArchiveWriter(stream, key_)
        with writer.part("database") as part:
            part.write(content)
        with writer.part("files") as part:
            part.write(b"")
        writer.finish({"kind": "backup"})
    return content


def test_what_was_written_is_read(tmp_path: Path) -> None:
    content = written(tmp_path / "a.scrm")
    reader = ArchiveReader(tmp_path / "a.scrm", b"k" * 32)
    reader.check()
    assert b"".join(reader.pieces("database")) == content
    assert b"".join(reader.pieces("files")) == b""


@pytest.mark.parametrize("place", [0.1, 0.5, 0.9])
def test_changed_byte_is_found_before_anything_is_done(tmp_path: Path, place: float) -> None:
    path = tmp_path / "a.scrm"
    written(path)
    changed = bytearray(path.read_bytes())
    changed[int(len(changed) * place)] ^= 1
    path.write_bytes(changed)
    with pytest.raises(ArchiveBroken):
        ArchiveReader(path, b"k" * 32).check()


def test_file_that_was_cut_off_or_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.scrm"
    written(path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ArchiveBroken, match="cut off"):
        ArchiveReader(path, b"k" * 32)
    path.write_text("nothing of the kind")
    with pytest.raises(ArchiveBroken):
        ArchiveReader(path, b"k" * 32)
    with pytest.raises(BackupRefused, match="cannot be read"):
        ArchiveReader(tmp_path / "b.scrm", b"k" * 32)


def test_backup_under_another_key_says_so(tmp_path: Path) -> None:
    written(tmp_path / "a.scrm")
    with pytest.raises(BackupRefused, match="another backup key"):
        ArchiveReader(tmp_path / "a.scrm", b"o" * 32)


def test_part_does_not_open_under_the_name_of_another(tmp_path: Path) -> None:
    path = tmp_path / "a.scrm"
    written(path)
    reader = ArchiveReader(path, b"k" * 32)
    reader.parts["files"] = reader.parts["database"]
    with pytest.raises(ArchiveBroken):
        list(reader.pieces("files"))


def test_killed_writer_leaves_no_backup_and_the_next_clears_away(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from scrm.backup.archive import whole_or_nothing\n"
        "with whole_or_nothing(Path(sys.argv[1])) as s:\n s.write(b'x' * 1000); s.flush(); print('in', flush=True); time.sleep(60)"
    )
    path = tmp_path / "a.scrm"
    environment = {**os.environ, "PYTHONPATH": str(settings.BASE_DIR), "DJANGO_SETTINGS_MODULE": "tests.settings"}
    process = subprocess.Popen([sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE, env=environment)
    assert process.stdout is not None
    assert process.stdout.readline() == b"in\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert not path.exists()
    assert len(list(tmp_path.glob(".*.partial"))) == 1
    written(path, size=10)
    assert [each.name for each in tmp_path.iterdir()] == ["a.scrm"]


def test_memory_does_not_grow_with_the_backup(tmp_path: Path) -> None:
    path = tmp_path / "a.scrm"
    written(path, size=20_000_000)
    sizes = {len(piece) for piece in ArchiveReader(path, b"k" * 32).pieces("database")}
    assert max(sizes) <= 1 << 16


# -- keys, folders, programs ---------------------------------------------------------------------------------------


def test_backup_key_is_made_once_and_for_its_owner_alone() -> None:
    with pytest.raises(BackupRefused, match="no backup key"):
        key.backup_key()
    assert key.ensure_key() is True
    made = key.backup_key()
    assert key.ensure_key() is False
    assert key.backup_key() == made
    assert key.key_path().stat().st_mode & 0o077 == 0
    key.key_path().write_text("no key")
    with pytest.raises(BackupRefused, match="not a backup key"):
        key.backup_key()


def test_folders_come_back_as_they_were(tmp_path: Path) -> None:
    old, sink = tmp_path / "old", []
    (old / "a").mkdir(parents=True)
    (old / "exports").mkdir()
    (old / "a" / "one.csv").write_bytes(b"1" * 200_000)
    (old / "exports" / "secret").write_text("lasts a day")
    (old / "link").symlink_to("/etc/passwd")
    files = folders.files_below(old, leaving_out=["exports"])
    stream = type("Sink", (), {"write": lambda _self, data: sink.append(bytes(data))})()
    assert folders.write_tar(stream, old, files, before=time.time() + 1) == 1
    assert folders.read_tar(iter(sink), tmp_path / "new") == 1
    assert (tmp_path / "new" / "a" / "one.csv").read_bytes() == b"1" * 200_000
    sink.clear()
    assert folders.write_tar(stream, old, folders.files_below(old), before=0.0) == 0, "newer than the database's moment"


def test_folder_is_put_back_when_a_restore_fails(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "old").write_text("old")
    with pytest.raises(RuntimeError), folders.replacing(folder, lambda new: (new / "new").write_text("new")):
        assert [path.name for path in folder.iterdir()] == ["new"]
        raise RuntimeError
    assert [path.name for path in tmp_path.rglob("*")] == ["files", "old"]
    with folders.replacing(folder, lambda new: (new / "new").write_text("new")) as count:
        assert count == 3
    assert [path.name for path in tmp_path.rglob("*")] == ["files", "new"]


@pytest.mark.parametrize(
    ("here", "brought", "after", "apart"),
    [
        (None, "1\n2\n", "1\n2\n", []),
        ("1\n2\n3\n", "1\n2\n", "1\n2\n3\n", []),
        ("1\n", "1\n2\n", "1\n2\n", []),
        ("1\n3\n", "1\n2\n", "1\n3\n2\n", ["a.jsonl"]),
    ],
)
def test_growing_files_come_together(
    tmp_path: Path, here: str | None, brought: str, after: str, apart: list[str]
) -> None:
    old, there = tmp_path / "old", tmp_path / "here"
    old.mkdir()
    (old / "a.jsonl").write_text(brought)
    if here is not None:
        there.mkdir()
        (there / "a.jsonl").write_text(here)
    assert folders.merge_growing(old, there) == apart
    assert (there / "a.jsonl").read_text() == after


def test_address_is_read_back_as_the_parameters() -> None:
    parameters = {
        "NAME": "bäse/1", "USER": "me@here", "PASSWORD": "p:w/d?#", "HOST": "/run/a b", "PORT": "5433",
        "OPTIONS": {"sslmode": "require"},
    }  # fmt: skip
    assert databases.from_url(databases.url_of(parameters), name="X") == parameters
    said_ = databases.libpq_environment(parameters)
    assert (said_["PGPASSWORD"], said_["PGSSLMODE"], said_["PGDATABASE"]) == ("p:w/d?#", "require", "bäse/1")


def test_programs_of_the_servers_own_version_are_preferred(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {Path("/a/15/pg_restore"): 15, Path("/a/18/pg_restore"): 18}
    monkeypatch.setattr(programs, "_candidates", lambda _program: iter(known))
    monkeypatch.setattr(programs, "_version", known.__getitem__)
    assert programs.find("pg_restore", server=15) == Path("/a/15/pg_restore")
    assert programs.find("pg_restore", server=17) == Path("/a/18/pg_restore")
    assert programs.find("pg_dump", server=16) == Path("/a/18/pg_restore")
    with pytest.raises(BackupRefused, match="postgresql-client-16"):
        programs.find("pg_restore", server=16)
    with pytest.raises(BackupRefused, match="postgresql-client-19"):
        programs.find("pg_dump", server=19)


# -- the database that stands here ---------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_restore_is_refused_while_programs_are_connected(tmp_path: Path) -> None:
    path = backup(tmp_path / "backups")
    with (
        inventory.connected(owner_parameters()),
        pytest.raises(CommandError, match="1 programs are connected"),
    ):
        call_command("restore", path, yes=True, replace=True)


@pytest.mark.django_db(transaction=True)
def test_old_tables_are_back_when_a_restore_fails(tmp_path: Path) -> None:
    with new_server(tmp_path) as run:
        there = {**owner_parameters(), "NAME": f"{connection.settings_dict['NAME']}_elsewhere"}
        with inventory.connected(there, autocommit=True) as old:
            old.execute("CREATE TABLE precious (id int)")
            inventory.set_aside(old)
            assert inventory.is_cut_short(old)
            assert inventory.tables_of(old) == []
            old.execute("CREATE TABLE half (id int)")
            inventory.put_back(old)
            assert not inventory.is_cut_short(old)
            assert inventory.tables_of(old) == [("public", "precious")]
            inventory.set_aside(old)
            inventory.let_go(old)
            assert inventory.tables_of(old) == []
        assert run


# -- verifying -----------------------------------------------------------------------------------------------------


def faults() -> dict[str, tuple[str, ...]]:
    return {finding.code: finding.faults for finding in verify_all() if finding.faults}


def plant(statement: str) -> None:
    with roles.as_owner("test"), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
def test_all_holds_and_each_fault_is_found(settings: Any) -> None:
    settings.LANGUAGE_CODE = "en"
    who, other = member("13800138000"), member("13900139000")
    said(who, "grant")
    seal_rows(now=timezone.now())
    deliver_seals(now=timezone.now())
    assert faults() == {}
    assert ConsentState.objects.count() == 1
    plant("UPDATE compliance_consentstate SET action = 'withdraw'")
    assert faults().keys() == {"compliance.consents"}
    plant("UPDATE compliance_consentstate SET action = 'grant'")
    Erasure.objects.create(
        member_id=other.pk, subject_ids=[other.pk], why="request", state="done", started_at=NOW, finished_at=NOW
    )
    assert faults().keys() == {"compliance.erasures"}
    Erasure.objects.all().delete()
    plant("UPDATE members_identity SET sealed = sealed || 'x' WHERE sealed IS NOT NULL")
    assert faults().keys() == {"core.keys"}
    plant("UPDATE members_identity SET sealed = substr(sealed, 1, length(sealed) - 1) WHERE sealed IS NOT NULL")
    plant("ALTER TABLE audit_auditseal DISABLE TRIGGER core_refuse_change")
    assert faults() == {"scrm.guards": faults()["scrm.guards"]}
    plant("ALTER TABLE audit_auditseal ENABLE TRIGGER core_refuse_change")
    plant("UPDATE audit_auditentry SET reason = 'forged' WHERE id = (SELECT min(id) FROM audit_auditentry)")
    assert faults().keys() == {"audit.seals"}


@pytest.mark.django_db(transaction=True)
def test_what_an_app_adds_is_verified_too(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    bad = Verification(
        code="test.ledger", label="Ledger", find=lambda: Verified(looked_at=3, faults=("balance 2, entries 3",))
    )
    monkeypatch.setattr(verifications, "_entries", {"test.ledger": bad})
    with pytest.raises(SystemExit):
        call_command("verify_all", json=True)
    assert json.loads(capsys.readouterr().out)["checks"][0]["faults"] == ["balance 2, entries 3"]
