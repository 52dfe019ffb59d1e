"""Seals: every committed row once, in order, signed; and nothing can be changed afterwards without being found."""

import json
import os
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, connections, transaction

from audit.models import AuditEntry, AuditSeal, AuditVerification
from audit.rules import COLUMNS, row_hash
from audit.rules.merkle import root_of
from audit.rules.rows import column_texts, row_hash_sql
from audit.services import record, seal_rows, verify
from core.keys import add_signing_key, key_ring
from tests.audit.logs import NOW, faults, seal_all, tampering, write_rows

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = int(os.environ.get("SCRM_T19_ROWS", "2000"))
CHANGES = int(os.environ.get("SCRM_T19_CHANGES", "200"))
BLOCK = 100


@pytest.fixture(autouse=True)
def seals(tmp_path: Path, settings: Any) -> Path:
    settings.SCRM_SEALS = tmp_path / "seals"
    return tmp_path / "seals"


def hashes() -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column_texts('e.')}, hash FROM audit_auditentry AS e ORDER BY e.xid, e.id")
        return list(cursor.fetchall())


# --- the hash of a row ---


def test_the_database_and_python_hash_every_row_alike() -> None:
    write_rows(500, seed=3)
    rows = hashes()
    assert len(rows) == 500
    assert all(row_hash(row[:-1]) == row[-1] for row in rows)


def test_hash_covers_every_column_but_itself() -> None:
    assert {*COLUMNS, "hash"} == {field.attname for field in AuditEntry._meta.concrete_fields}


def test_nothing_and_an_empty_text_are_not_the_same() -> None:
    texts = ["1"] * len(COLUMNS)
    assert len({row_hash([*texts[:3], value, *texts[4:]]) for value in (None, "", "null")}) == 3
    assert row_hash(['a", "b', "c"]) != row_hash(["a", 'b", "c'])


def test_hash_and_transaction_cannot_be_made_up_by_the_writer() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text")
        (xid,) = cursor.fetchone()
        cursor.execute(
            "INSERT INTO audit_auditentry (at, actor_type, actor_label, action, object_type, object_id, object_label,"
            " reason, user_agent, request_id, changes, xid, hash)"
            " VALUES (now(), 'user', '', 'a', '', '', '', '', '', '', '{}', '3', '\\x00')"
        )
    (row,) = hashes()
    assert (row[COLUMNS.index("xid")], row[-1]) == (xid, row_hash(row[:-1]))


# --- sealing ---


def test_every_row_is_sealed_once_and_in_order() -> None:
    write_rows(250)
    seal_all(block=BLOCK)
    write_rows(30)
    seal_all(block=BLOCK)
    seals = list(AuditSeal.objects.order_by("number"))
    assert [(seal.number, seal.follows, seal.rows) for seal in seals] == [
        (1, 0, 100),
        (2, 1, 100),
        (3, 2, 50),
        (4, 3, 30),
    ]
    assert [bytes(seal.previous) for seal in seals] == [bytes(32), *(seal.hash for seal in seals[:-1])]
    result = verify(now=NOW)
    assert (result.rows, result.seals, result.unsealed, result.ok, result.first_bad) == (280, 4, 0, True, None)
    assert AuditVerification.objects.get().ok is True


def test_nothing_new_makes_no_seal() -> None:
    assert seal_rows(now=NOW).seals == 0
    write_rows(1)
    seal_all()
    assert seal_rows(now=NOW).seals == 0


def test_a_late_committer_is_neither_skipped_nor_sealed_before_its_commit() -> None:
    """The rows of an older transaction lie before those of a younger one: the younger have to wait for it."""
    write_rows(10)
    seal_all()
    late = connections.create_connection("default")
    try:
        late.set_autocommit(False)
        with late.cursor() as cursor:
            cursor.execute(
                "INSERT INTO audit_auditentry (at, actor_type, actor_label, action, object_type, object_id,"
                " object_label, reason, user_agent, request_id, changes)"
                " VALUES (now(), 'system', '', 'late', '', '', '', '', '', '', '{}')"
            )
        write_rows(5)
        assert seal_rows(now=NOW).rows == 0
        late.commit()
    finally:
        late.close()
    seal_all()
    assert sum(AuditSeal.objects.values_list("rows", flat=True)) == AuditEntry.objects.count() == 16
    assert faults() is None


def test_two_sealers_do_not_meet() -> None:
    write_rows(10)
    rival = connections.create_connection("default")
    try:
        rival.set_autocommit(False)
        with rival.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(7236514001)")
        assert seal_rows(now=NOW).seals == 0
    finally:
        rival.close()


def test_old_seals_verify_after_the_key_was_rotated(settings: Any) -> None:
    write_rows(5)
    seal_all()
    assert add_signing_key(settings.SCRM_MASTER_KEYS) is True
    write_rows(5)
    seal_all()
    assert sorted(AuditSeal.objects.values_list("key_version", flat=True)) == [
        version := key_ring().signer[0] - 1,
        version + 1,
    ]
    assert faults() is None
    assert sorted(key_ring().signers) == [version + 1]


# --- who may touch it ---


@pytest.mark.parametrize("table", ["audit_auditentry", "audit_auditseal", "audit_auditverification"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {} SET {} = {}",
        "DELETE FROM {}",
        "TRUNCATE {}",
        "ALTER TABLE {} DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "DROP TABLE {}",
    ],
)
def test_run_time_role_is_refused(table: str, statement: str) -> None:
    column = "number" if table.endswith("seal") else "id"
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table, column, column))


def test_run_time_role_cannot_shift_the_transaction_numbers() -> None:
    for statement in ("UPDATE audit_server SET xid_offset = 5", "INSERT INTO audit_server VALUES (1, 1)"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "SET audit.xid_offset = '1000000000000'",
        "SET audit.xid_offset = '-1000000000000'",
        "CREATE TEMP TABLE audit_server (system_identifier bigint, xid_offset bigint)",
        "CREATE DOMAIN pg_temp.text AS varchar(2)",
        "SET search_path = pg_temp, public",
    ],
)
def test_nothing_in_a_session_shifts_the_transaction_numbers(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
        record(by=None, action="members.change", reason="in no order")
        cursor.execute("SELECT xid::pg_catalog.text::bigint FROM audit_auditentry ORDER BY id DESC LIMIT 1")
        (written,) = cursor.fetchone()
        cursor.execute("SELECT pg_current_xact_id()::pg_catalog.text::bigint")
        assert (written,) == cursor.fetchone()
        transaction.set_rollback(True)


# --- T19: what is changed is found and named ---


def edit(cursor: Any, chance: random.Random, ids: list[int]) -> dict[str, Any]:
    row = chance.choice(ids)
    value = chance.choice(
        [
            "at = at + interval '1 microsecond'",
            "actor_id = 99",
            "actor_label = actor_label || 'x'",
            "action = action || 'x'",
            "object_id = object_id || ' '",
            "reason = reason || 'x'",
            "address = '203.0.113.9/24'",
            "request_id = 'other'",
            "changes = changes || '{\"k\": 1}'",
            "hash = sha256(hash)",
        ]
    )
    cursor.execute(f"UPDATE audit_auditentry SET {value} WHERE id = %s", [row])
    return {"fault": "row_changed", "row": row}


def edit_and_hash_anew(cursor: Any, chance: random.Random, ids: list[int]) -> dict[str, Any]:
    row = chance.choice(ids)
    cursor.execute("UPDATE audit_auditentry SET reason = reason || 'x' WHERE id = %s", [row])
    cursor.execute(f"UPDATE audit_auditentry SET hash = {row_hash_sql()} WHERE id = %s", [row])
    return {"fault": "block_changed", "seal": seal_of(ids, row)}


def delete(cursor: Any, chance: random.Random, ids: list[int]) -> dict[str, Any]:
    row = chance.choice(ids)
    cursor.execute("DELETE FROM audit_auditentry WHERE id = %s", [row])
    return {"fault": "row_missing", "row": row, "seal": seal_of(ids, row)}


def insert(cursor: Any, chance: random.Random, ids: list[int]) -> dict[str, Any]:
    """A copy of a row in the midst of its transaction, with a hash of its own."""
    row = chance.choice(ids[:-BLOCK])
    cursor.execute(
        "INSERT INTO audit_auditentry (id, at, actor_type, actor_label, action, object_type, object_id, object_label,"
        " reason, user_agent, request_id, changes, xid) SELECT 9000000, at, actor_type, actor_label, action,"
        " object_type, object_id, object_label, reason, user_agent, request_id, changes, xid"
        " FROM audit_auditentry WHERE id = %s",
        [row],
    )
    cursor.execute(f"UPDATE audit_auditentry SET hash = {row_hash_sql()} WHERE id = 9000000")
    return {"fault": "row_added", "row": 9000000}


def swap(cursor: Any, chance: random.Random, ids: list[int]) -> dict[str, Any]:
    one, other = sorted(chance.sample(ids, 2))
    for here, there in ((one, -1), (other, one), (-1, other)):
        cursor.execute("UPDATE audit_auditentry SET id = %s WHERE id = %s", [there, here])
    return {"rows": {one, other}}  # changed where it stands now, or missing where it stood


def edit_seal(cursor: Any, chance: random.Random, ids: list[int]) -> dict[str, Any]:
    number = chance.randint(1, len(ids) // BLOCK)
    value = chance.choice(
        [
            "rows = rows + 1",
            "root = sha256(root)",
            "sealed_at = sealed_at + interval '1 second'",
            "signature = substr(signature, 2) || '\\x00'",
            "ids = ids || ',5'",
        ]
    )
    cursor.execute(f"UPDATE audit_auditseal SET {value} WHERE number = %s", [number])
    return {"fault": "seal_changed", "seal": number}


def delete_seal(cursor: Any, chance: random.Random, ids: list[int]) -> dict[str, Any]:
    number = chance.randint(1, len(ids) // BLOCK)
    cursor.execute("DELETE FROM audit_auditseal WHERE number = %s", [number])
    return {"fault": "seal_missing", "seal": number}


def seal_of(ids: list[int], row: int) -> int:
    return ids.index(row) // BLOCK + 1


WAYS = [edit, edit, edit, edit_and_hash_anew, delete, insert, swap, edit_seal, delete_seal]


def located(found: dict[str, Any] | None, expected: dict[str, Any]) -> bool:
    if found is None:
        return False
    if "rows" in expected:
        return found["fault"] in {"row_changed", "row_missing"} and found["row"] in expected["rows"]
    return {name: found.get(name) for name in expected} == expected


@pytest.fixture
def log() -> list[int]:
    write_rows(ROWS)
    seal_all(block=BLOCK)
    return list(AuditEntry.objects.order_by("xid", "id").values_list("pk", flat=True))


@pytest.mark.slow
def test_every_single_change_is_found_and_located(log: list[int]) -> None:
    chance = random.Random(19)
    assert faults() is None
    missed = []
    for _number in range(CHANGES):
        way = chance.choice(WAYS)
        with tampering() as cursor:
            expected = way(cursor, chance, log)
            found = faults()
        if not located(found, expected):
            missed.append((way.__name__, expected, found))
    assert missed == []
    assert faults() is None


def test_a_tail_cut_off_with_its_seals_is_found_by_the_file(log: list[int]) -> None:
    last = AuditSeal.objects.order_by("number").last()
    assert last
    with tampering() as cursor:
        cursor.execute(
            "DELETE FROM audit_auditentry WHERE (xid, id) >= (%s::text::xid8, %s)", [last.first_xid, last.first_id]
        )
        cursor.execute("DELETE FROM audit_auditseal WHERE number = %s", [last.number])
        found = faults()
    assert found and (found["fault"], found["seal"], found["place"]) == ("seal_missing", last.number, "file")


def test_a_log_made_anew_by_the_database_alone_does_not_fit_its_signatures(log: list[int]) -> None:
    """Everything recomputed: hashes, roots and chain; only the key is not at hand."""
    with tampering() as cursor:
        forge(cursor, log[BLOCK * 2], sign=False)
        found = faults()
    assert found and (found["fault"], found["seal"]) == ("seal_changed", 3)


def test_a_log_made_anew_with_the_stolen_key_does_not_fit_the_file(log: list[int]) -> None:
    with tampering() as cursor:
        forge(cursor, log[BLOCK * 2], sign=True)
        found = faults()
    assert found and (found["fault"], found["seal"]) == ("anchor_mismatch", 3)


def test_blocks_changing_places_are_found(log: list[int]) -> None:
    with tampering() as cursor:
        for here, there in ((4, -1), (9, 4), (-1, 9)):
            cursor.execute(
                "UPDATE audit_auditseal SET number = %s, follows = %s WHERE number = %s",
                [there, there - 1, here],
            )
        found = faults()
    assert found and (found["fault"], found["seal"]) == ("chain_broken", 4)


def forge(cursor: Any, row: int, *, sign: bool) -> None:
    cursor.execute("UPDATE audit_auditentry SET reason = 'forged' WHERE id = %s", [row])
    cursor.execute(f"UPDATE audit_auditentry SET hash = {row_hash_sql()} WHERE id = %s", [row])
    seals = list(AuditSeal.objects.order_by("number"))
    AuditSeal.objects.all().delete()
    for seal in seals:
        (again,) = [_seal_again(seal)]
        if sign:
            seal.signature = key_ring().signer[1].sign(again.to_sign())
        seal.root, seal.previous = again.root, again.previous
        seal.save(force_insert=True)


def _seal_again(seal: AuditSeal) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT hash FROM audit_auditentry WHERE (xid, id) >= (%s::text::xid8, %s)"
            " AND (xid, id) <= (%s::text::xid8, %s) ORDER BY xid, id",
            [seal.first_xid, seal.first_id, seal.last_xid, seal.last_id],
        )
        root = root_of(bytes(row[0]) for row in cursor.fetchall())
    before = AuditSeal.objects.filter(number=seal.follows).first()
    return replace(seal.statement, root=root, previous=before.hash if before else bytes(32))


# --- the command ---


def test_command_says_what_it_found(log: list[int], capsys: Any) -> None:
    call_command("verify_audit", "--json")
    report = json.loads(capsys.readouterr().out)
    assert (report["rows"], report["seals"], report["ok"], report["first_bad"]) == (ROWS, ROWS // BLOCK, True, None)
    with tampering() as cursor:
        cursor.execute("UPDATE audit_auditentry SET reason = 'x' WHERE id = %s", [log[7]])
        with pytest.raises(SystemExit) as ended:
            call_command("verify_audit", "--json")
    report = json.loads(capsys.readouterr().out)
    assert (ended.value.code, report["ok"], report["first_bad"]["fault"], report["first_bad"]["row"]) == (
        1,
        False,
        "row_changed",
        log[7],
    )
