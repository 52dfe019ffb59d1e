"""Master keys are rotated while values are read and written: nothing fails, nothing is lost, nothing moves."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone, translation

from audit.admin.work import keys_condition
from audit.models import AuditEntry
from core.keys import create_key_ring, key_ring
from core.models import DataKey
from core.registries import KeyWitness
from core.rules.crypto import SealBroken
from core.services import rotation
from core.services.rotation import (
    BEGUN,
    FINISHED,
    RETIRED,
    SIGNING_KEY,
    KeysLeft,
    NotSettled,
    begin_rotation,
    keys_by_version,
    retire,
    rewrap_all,
    rotate_signing_key,
)
from core.services.sealing import ERASED, destroy_keys, open_many, seal_many
from members.models import Identity

SEALED = Identity._meta.get_field("sealed")
NOW = timezone.now()


@pytest.fixture(autouse=True)
def ring(tmp_path: Path, settings: object) -> Path:
    """A ring of this test's own: what one test retires no other needs."""
    path = tmp_path / "keys" / "master.json"
    settings.SCRM_MASTER_KEYS = path  # type: ignore[attr-defined]
    create_key_ring(path)
    return path


def sealed(count: int, start: int = 1) -> list[tuple[int, bytes]]:
    pairs = [(number, f"138{number:08}") for number in range(start, start + count)]
    return list(zip((number for number, _text in pairs), seal_many(SEALED, pairs), strict=True))


def key_acts() -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(action__startswith="core.").order_by("pk"))


def rotate() -> None:
    begin_rotation(now=NOW)
    for _progress in rewrap_all(clock=lambda: NOW):
        pass


@pytest.mark.django_db
def test_rotation_wraps_every_key_anew_and_values_stay_as_they_are() -> None:
    values = sealed(20)
    rotate()
    assert keys_by_version() == {2: 20}
    assert open_many(SEALED, values) == [f"138{number:08}" for number, _bytes in values]
    assert sorted(key_ring().wrappers) == [1, 2]


@pytest.mark.django_db
def test_interrupted_rotation_continues_with_the_same_version(monkeypatch: pytest.MonkeyPatch) -> None:
    values = sealed(20)
    monkeypatch.setattr(rotation, "BATCH", 7)
    begin_rotation(now=NOW)
    next(rewrap_all(clock=lambda: NOW))
    assert keys_by_version() == {1: 13, 2: 7}
    assert open_many(SEALED, values) == [f"138{number:08}" for number, _bytes in values]
    assert begin_rotation(now=NOW) == 2
    assert [progress.done for progress in rewrap_all(clock=lambda: NOW)] == [7, 13]
    assert keys_by_version() == {2: 20}


@pytest.mark.django_db
def test_a_destroyed_key_stays_destroyed() -> None:
    values = sealed(2)
    destroy_keys("member", [1], now=NOW)
    rotate()
    assert open_many(SEALED, values) == [ERASED, "13800000002"]
    assert DataKey.objects.get(subject_id=1).wrapped is None


@pytest.mark.django_db
def test_old_master_keys_go_when_nothing_needs_them_and_not_before() -> None:
    values = sealed(3)
    begin_rotation(now=NOW)
    with pytest.raises(NotSettled):
        retire(now=NOW + timedelta(minutes=5))
    with pytest.raises(KeysLeft):
        retire(now=NOW + timedelta(hours=2))
    for _progress in rewrap_all(clock=lambda: NOW):
        pass
    assert retire(now=NOW + timedelta(hours=2)) == [1]
    assert retire(now=NOW + timedelta(hours=2)) == []
    assert sorted(key_ring().wrappers) == [2]
    assert open_many(SEALED, values) == ["13800000001", "13800000002", "13800000003"]


@pytest.mark.django_db
def test_every_act_on_the_keys_is_on_the_record_and_none_of_them_holds_a_key(ring: Path) -> None:
    sealed(2)
    rotate()
    retire(now=NOW + timedelta(hours=2))
    rotate_signing_key(now=NOW)
    said = {entry.action: entry.changes for entry in key_acts()}
    assert said == {
        BEGUN: {"version": [None, 2]},
        FINISHED: {"version": [None, 2], "data_keys": [None, 2]},
        RETIRED: {"versions": [None, [1]]},
        SIGNING_KEY: {"version": [None, 2]},
    }
    assert not any(key in str(said) for key in ring.read_text().split('"') if len(key) == 44)
    assert all(entry.words != entry.action for entry in key_acts())


@pytest.mark.django_db
def test_old_keys_stay_where_their_retirement_cannot_be_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    sealed(1)
    rotate()

    def fail(*_given: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(rotation, "key_witnesses", [KeyWitness(code="broken", note=fail)])
    with pytest.raises(RuntimeError):
        retire(now=NOW + timedelta(hours=2))
    assert sorted(key_ring().wrappers) == [1, 2]


@pytest.mark.django_db
def test_today_says_how_a_rotation_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    def condition() -> tuple[str, str]:
        with translation.override("en"):
            (item,) = keys_condition(None, NOW + timedelta(hours=2))
        return item.state, item.detail

    assert condition() == ("good", "version 1, never rotated")
    sealed(20)
    monkeypatch.setattr(rotation, "BATCH", 7)
    begin_rotation(now=NOW)
    next(rewrap_all(clock=lambda: NOW))
    assert condition()[0] == "watch"
    assert "to version 2 has not ended" in condition()[1]
    rotate()
    assert "`manage.py keys retire`" in condition()[1]
    retire(now=NOW + timedelta(hours=2))
    assert condition()[0] == "good"
    assert condition()[1].startswith("version 2, in use since")


@pytest.mark.django_db
def test_rotation_keeps_whatever_else_the_ring_holds(ring: Path) -> None:
    text = ring.read_text().replace('"format": 1', '"format": 1, "another": {"1": "kept"}')
    ring.write_text(text)
    index = key_ring().index_key
    rotate()
    assert '"kept"' in ring.read_text()
    assert key_ring().index_key == index
    assert ring.stat().st_mode & 0o777 == 0o600


@pytest.mark.django_db
@pytest.mark.parametrize("place", ["row", "column"])
def test_a_ciphertext_moved_to_another_place_does_not_open_after_a_rotation(place: str) -> None:
    (first, text), (second, _other) = sealed(2)
    rotate()
    moved = (second, text) if place == "row" else (first, text)
    field = SEALED
    if place == "column":
        field = SEALED.clone()
        field.set_attributes_from_name("elsewhere")
        field.model = Identity
    with pytest.raises(SealBroken):
        open_many(field, [moved])


@pytest.mark.django_db
def test_command_rotates_and_prints_no_key(capsys: pytest.CaptureFixture[str], ring: Path) -> None:
    sealed(3)
    call_command("keys", "rotate")
    said = capsys.readouterr().out
    assert "3 of 3 data keys" in said
    assert "master [1, 2]" in said
    assert not any(key in said for key in ring.read_text().split('"') if len(key) == 44)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_reads_never_fail_while_a_hundred_thousand_keys_are_wrapped_anew() -> None:
    values = [pair for start in range(1, 100_001, 20_000) for pair in sealed(20_000, start)]
    stop, failures, reads = threading.Event(), [], [0]

    def read() -> None:
        place = 0
        try:
            while not stop.is_set():
                batch = [values[(place + step * 97) % len(values)] for step in range(200)]
                if open_many(SEALED, batch) != [f"138{number:08}" for number, _bytes in batch]:
                    failures.append(place)
                place += 200
                reads[0] += len(batch)
        except Exception as error:  # noqa: BLE001  # whatever it was, it is a failed read
            failures.append(error)
        finally:
            connection.close()

    reader = threading.Thread(target=read)
    reader.start()
    try:
        rotate()
    finally:
        stop.set()
        reader.join(60)
    assert failures == []
    assert reads[0] > 1_000
    assert keys_by_version() == {2: 100_000}
