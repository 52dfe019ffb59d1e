"""Old backups go when their time is over, and never the newest that is whole."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from audit.models import AuditEntry
from scrm.backup import key
from scrm.backup.archive import ArchiveWriter, whole_or_nothing
from scrm.services.backing_up import ring_mark
from scrm.services.pruning import Pruned, prune_backups

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, settings: Any) -> None:
    settings.SCRM_HOME = tmp_path / "home"
    settings.MEDIA_ROOT = tmp_path / "home" / "files"
    settings.SCRM_SEALS = tmp_path / "home" / "seals"
    settings.SCRM_BACKUP_KEY = tmp_path / "safe" / "backup.key"


def aged(folder: Path, *days: int, ring: str = "", secret: bytes = b"") -> list[Path]:
    """Backups of so many days ago, small ones."""
    key.ensure_key()
    paths = []
    for age in days:
        made = NOW - timedelta(days=age)
        path = folder / f"scrm-{made:%Y%m%dT%H%M%S%fZ}.scrm"
        with whole_or_nothing(path) as stream:
            writer = ArchiveWriter(stream, secret or key.backup_key())
            with writer.part("database") as part:
                part.write(b"content")
            writer.finish({"made_at": made.isoformat(), "ring": ring or ring_mark()})
        paths.append(path)
    return paths


def prune(folder: Path, days: int = 14, **more: Any) -> Pruned:
    return prune_backups(folder=folder, days=days, by=None, now=NOW, **more)


@pytest.mark.django_db
def test_backups_go_when_their_time_is_over_and_their_keys_with_them(tmp_path: Path) -> None:
    new, old, older = aged(tmp_path / "backups", 1, 15, 40)
    (tmp_path / "safe").mkdir(exist_ok=True)
    for path in (new, older):
        (tmp_path / "safe" / f"{path.stem}.scrm-keys").write_text("ring")
    done = prune(tmp_path / "backups", keys=tmp_path / "safe")
    assert (done.gone, done.kept) == ((old.name, older.name), new.name)
    assert list((tmp_path / "backups").iterdir()) == [new]
    assert [path.name for path in (tmp_path / "safe").glob("*.scrm-keys")] == [f"{new.stem}.scrm-keys"]
    entry = AuditEntry.objects.get(action="scrm.prune_backups")
    assert entry.changes == {"backups": [[old.name, older.name], None], "kept": [None, new.name]}
    assert prune(tmp_path / "backups").gone == ()
    assert AuditEntry.objects.filter(action="scrm.prune_backups").count() == 1


@pytest.mark.django_db
def test_newest_whole_backup_stays_whatever_its_age(tmp_path: Path) -> None:
    broken, whole, old = aged(tmp_path, 20, 30, 40)
    content = bytearray(broken.read_bytes())
    content[80] ^= 1  # within the part, not the manifest
    broken.write_bytes(content)
    done = prune(tmp_path)
    assert (done.gone, done.kept) == ((broken.name, old.name), whole.name)
    assert list(tmp_path.glob("*.scrm")) == [whole]


@pytest.mark.django_db
def test_nothing_goes_where_no_backup_is_whole(tmp_path: Path) -> None:
    (broken,) = aged(tmp_path, 20)
    content = bytearray(broken.read_bytes())
    content[80] ^= 1
    broken.write_bytes(content)
    assert prune(tmp_path) == Pruned(gone=(), kept=None)
    assert broken.exists()


@pytest.mark.django_db
def test_backups_of_others_are_never_touched(tmp_path: Path) -> None:
    kept = [*aged(tmp_path, 90, ring="another"), *aged(tmp_path, 91, secret=b"o" * 32), tmp_path / "scrm-notes.scrm"]
    kept[-1].write_text("a file of somebody")
    (new,) = aged(tmp_path, 1)
    assert prune(tmp_path).gone == ()
    assert sorted(tmp_path.glob("*.scrm")) == sorted([*kept, new])


@pytest.mark.django_db(transaction=True)
def test_command_deletes_what_is_older_than_the_setting_says(tmp_path: Path, capsys: Any) -> None:
    (old,) = aged(tmp_path, 20_000)
    call_command("backup", out=tmp_path, keep=0)
    assert old.exists(), "0 keeps all"
    call_command("backup", out=tmp_path, json=True)
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["pruned"] == [old.name]
    assert not old.exists()
    with pytest.raises(CommandError, match="number of days"):
        call_command("backup", out=tmp_path, keep=-1)
