"""Sealing under the keys of subjects, with the database."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, models
from django.test.utils import isolate_apps
from pytest_django import DjangoAssertNumQueries

from core import keys
from core.models import DataKey, EncryptedTextField
from core.rules.crypto import SealBroken
from core.services.sealing import (
    ERASED,
    SubjectErased,
    destroy_keys,
    open_many,
    open_one,
    open_rows,
    seal,
    seal_many,
    subject_keys,
)

pytestmark = [pytest.mark.servers, pytest.mark.django_db]
NOW = datetime(2026, 1, 1, tzinfo=UTC)

with isolate_apps("core"):

    class Card(models.Model):
        member_id = models.BigIntegerField()
        phone = EncryptedTextField(subject_kind="member", subject="member_id")
        email = EncryptedTextField(subject_kind="member", subject="member_id")
        staff_phone = EncryptedTextField(subject_kind="staff", subject="member_id")

        class Meta:
            app_label = "core"

    class Wrong(models.Model):
        phone = EncryptedTextField(subject_kind="member", subject="nobody_id")

        class Meta:
            app_label = "core"


def field(name: str) -> EncryptedTextField:
    found = Card._meta.get_field(name)
    assert isinstance(found, EncryptedTextField)
    return found


PHONE, EMAIL, STAFF_PHONE = field("phone"), field("email"), field("staff_phone")


def test_value_opens_for_its_place_and_subject_only() -> None:
    sealed = seal(PHONE, subject_id=42, text="13800138000")
    seal(PHONE, subject_id=43, text="other")
    seal(STAFF_PHONE, subject_id=42, text="other")
    assert open_one(PHONE, subject_id=42, sealed=sealed) == "13800138000"
    for place, subject_id in [(PHONE, 43), (EMAIL, 42), (STAFF_PHONE, 42), (PHONE, 44)]:
        with pytest.raises(SealBroken):
            open_one(place, subject_id=subject_id, sealed=sealed)


def test_text_of_any_kind_survives() -> None:
    texts = ["", "王小明", "😀", "a\nb", "x" * 100_000]
    sealed = seal_many(PHONE, list(enumerate(texts)))
    assert open_many(PHONE, list(enumerate(sealed))) == texts


def test_database_holds_neither_the_value_nor_a_bare_key() -> None:
    sealed = seal(PHONE, subject_id=42, text="13800138000")
    row = DataKey.objects.get()
    assert b"13800138000" not in sealed
    assert (len(bytes(row.wrapped or b"")), row.master_version, row.number) == (60, 1, 1)


def test_thousand_values_take_one_query_to_open(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    pairs = [(number, f"1380013{number:04}") for number in range(1000)]
    sealed = seal_many(PHONE, pairs)
    with django_assert_num_queries(1):
        opened = open_many(PHONE, [(number, value) for (number, _text), value in zip(pairs, sealed, strict=True)])
    assert opened == [text for _number, text in pairs]
    with django_assert_num_queries(0):
        assert open_many(PHONE, [(1, None), (2, None)]) == [None, None]


@pytest.mark.parametrize("count", [1, 1000])
def test_new_subjects_take_the_same_statements_however_many(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(6):  # look, and insert, each between savepoints
        seal_many(PHONE, [(number, "x") for number in range(count)])
    with django_assert_num_queries(3):
        seal_many(PHONE, [(number, "x") for number in range(count)])
    assert DataKey.objects.count() == count


def test_keys_fetched_once_seal_every_field(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    held = subject_keys("member", [1, 2, 2, 1])
    with django_assert_num_queries(0):
        phones = held.seal_all(PHONE, [(1, "a"), (2, "b")])
        email = held.seal(EMAIL, 1, "c")
        assert held.open_all(PHONE, zip([1, 2], phones, strict=True)) == ["a", "b"]
    assert open_one(EMAIL, subject_id=1, sealed=email) == "c"
    with pytest.raises(SealBroken, match="belongs to a staff"):
        held.seal(STAFF_PHONE, 1, "d")


def test_rows_are_opened_by_their_own_subject() -> None:
    rows = [Card(member_id=number, phone=seal(PHONE, subject_id=number, text=f"t{number}")) for number in (7, 8)]
    rows.append(Card(member_id=9, phone=None))
    assert open_rows(PHONE, rows) == ["t7", "t8", None]


def test_destroyed_key_reads_as_erased_and_seals_nothing_more() -> None:
    sealed = seal_many(PHONE, [(1, "a"), (2, "b")])
    assert destroy_keys("member", [1], now=NOW) == 1
    opened = open_many(PHONE, [(1, sealed[0]), (2, sealed[1])])
    assert opened == [ERASED, "b"]
    assert (bool(opened[0]), str(opened[0]) in {"erased", "已删除"}) == (False, True)
    with pytest.raises(SubjectErased) as caught:
        seal_many(PHONE, [(1, "new"), (2, "new"), (3, "new")])
    assert caught.value.subject_ids == {1}
    row = DataKey.objects.get(subject_kind="member", subject_id=1)
    assert (row.wrapped, row.destroyed_at) == (None, NOW)


def test_destroying_again_changes_nothing_and_covers_those_without_a_key() -> None:
    seal(PHONE, subject_id=1, text="a")
    assert destroy_keys("member", [1, 5], now=NOW) == 2
    assert destroy_keys("member", [1, 5], now=datetime(2027, 1, 1, tzinfo=UTC)) == 0
    assert set(DataKey.objects.values_list("destroyed_at", flat=True)) == {NOW}
    with pytest.raises(SubjectErased):
        seal(PHONE, subject_id=5, text="a")


def test_key_neither_destroyed_nor_there_is_refused_by_the_database() -> None:
    with pytest.raises(IntegrityError, match="core_datakey_destroyed_is_gone"):
        DataKey.objects.create(subject_kind="member", subject_id=1, wrapped=None, master_version=1)


def test_old_values_open_after_a_new_master_version(tmp_path: Path, settings: Any) -> None:
    settings.SCRM_MASTER_KEYS = tmp_path / "master.json"
    keys.create_key_ring(settings.SCRM_MASTER_KEYS)
    old = seal(PHONE, subject_id=1, text="old")
    text = settings.SCRM_MASTER_KEYS.read_text(encoding="ascii")
    settings.SCRM_MASTER_KEYS.write_text(text.replace('"master": {', f'"master": {{"2": "{"A" * 43}=",'))
    new = seal(PHONE, subject_id=2, text="new")
    assert open_many(PHONE, [(1, old), (2, new)]) == ["old", "new"]
    assert list(DataKey.objects.order_by("subject_id").values_list("master_version", flat=True)) == [1, 2]


def test_dump_without_the_ring_opens_nothing(tmp_path: Path, settings: Any) -> None:
    sealed = seal(PHONE, subject_id=1, text="13800138000")
    settings.SCRM_MASTER_KEYS = tmp_path / "stolen.json"
    keys.create_key_ring(settings.SCRM_MASTER_KEYS)
    with pytest.raises(SealBroken):
        open_one(PHONE, subject_id=1, sealed=sealed)


def test_row_wrapped_by_a_lost_version_says_so(tmp_path: Path, settings: Any) -> None:
    del tmp_path, settings
    sealed = seal(PHONE, subject_id=1, text="a")
    DataKey.objects.update(master_version=9)
    with pytest.raises(SealBroken, match="version 9 of the master key is not in the key ring"):
        open_one(PHONE, subject_id=1, sealed=sealed)


@pytest.mark.chaos
@pytest.mark.django_db(transaction=True)
def test_rivals_for_a_new_subject_end_with_one_key() -> None:
    def attempt(number: int) -> bytes:
        try:
            return seal_many(PHONE, [(subject_id, f"{number}") for subject_id in range(50)])[7]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        sealed = list(pool.map(attempt, range(8)))
    assert DataKey.objects.count() == 50
    assert open_many(PHONE, [(7, value) for value in sealed]) == [str(number) for number in range(8)]


def test_field_without_its_subject_is_a_fault_of_the_model() -> None:
    assert [error.id for error in Wrong._meta.get_field("phone").check()] == ["core.E001"]
    assert PHONE._check_subject() == []
    assert PHONE.deconstruct()[3] == {"subject_kind": "member", "subject": "member_id"}
