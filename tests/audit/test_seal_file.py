"""The second place of seals: what it holds, what it tells, what is done when a database lies behind it."""

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from audit.errors import SealsAhead
from audit.models import AuditAnchor, AuditEntry, AuditSeal
from audit.services import accept_loss, anchoring, deliver_seals
from core import roles
from tests.audit.logs import NOW, faults, seal_all, seal_without_delivering, write_rows
from tests.rivals import claimed_elsewhere

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = int(os.environ.get("SCRM_T19_ROWS", "2000"))
BLOCK = 100


@pytest.fixture(autouse=True)
def seals(tmp_path: Path, settings: Any) -> Path:
    settings.SCRM_SEALS = tmp_path / "seals"
    return tmp_path / "seals"


@pytest.fixture
def log() -> list[int]:
    write_rows(ROWS)
    seal_all(block=BLOCK)
    return list(AuditEntry.objects.order_by("xid", "id").values_list("pk", flat=True))


# --- second places ---


def test_file_holds_each_seal_once_with_its_signature(seals: Path) -> None:
    write_rows(30)
    seal_all(block=10)
    (file,) = seals.iterdir()
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [line["number"] for line in lines] == [1, 2, 3]
    assert (file.stat().st_mode & 0o777, len(lines[0]["signature"]), lines[0]["format"]) == (0o600, 128, 1)
    assert AuditAnchor.objects.get().number == 3


@pytest.mark.parametrize(
    ("edit_file", "fault", "seal"),
    [
        (lambda lines: [*lines[:1], lines[1].replace('"rows":10', '"rows":11'), lines[2]], "anchor_mismatch", 2),
        (lambda lines: [lines[0], lines[2]], "anchor_missing", 2),
        (lambda lines: lines[:2], "anchor_missing", 3),
        (lambda lines: [], "anchor_missing", 1),
        (lambda lines: [lines[0][:40], *lines[1:]], "anchor_missing", 1),
        (lambda lines: [*lines, lines[2]], None, None),
        (lambda lines: [*lines, lines[2][:40]], None, None),
        (lambda lines: [*lines[:2], *lines], None, None),
        (lambda lines: [*lines, *lines[:2]], None, None),
        (lambda lines: [*lines, lines[1].replace('"rows":10', '"rows":11')], "anchor_mismatch", 2),
        (lambda lines: [lines[0], lines[2], lines[1]], "anchor_missing", 2),
    ],
)
def test_file_and_database_must_agree(seals: Path, edit_file: Any, fault: str | None, seal: int | None) -> None:
    write_rows(30)
    seal_all(block=10)
    (file,) = seals.iterdir()
    lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("".join(f"{line}\n" for line in edit_file(lines)), encoding="utf-8")
    found = faults()
    assert (found and found["fault"], found and found["seal"]) == (fault, seal)


def test_a_line_cut_short_by_a_crash_is_written_again(seals: Path) -> None:
    write_rows(10)
    seal_all()
    (file,) = seals.iterdir()
    file.write_bytes(file.read_bytes() + b'{"torn":')
    write_rows(10)
    seal_all()
    assert faults() is None


def test_a_place_that_cannot_be_reached_is_tried_again_and_shown(seals: Path) -> None:
    seals.write_text("a file where the folder should be")
    write_rows(10)
    seal_without_delivering()
    assert deliver_seals(now=NOW) == {"file": 0}
    anchor = AuditAnchor.objects.get()
    assert (anchor.number, anchor.attempts, anchor.failed_at, anchor.error[:15]) == (0, 1, NOW, "FileExistsError")
    seals.unlink()
    assert deliver_seals(now=NOW) == {"file": 1}
    anchor.refresh_from_db()
    assert (anchor.number, anchor.attempts, anchor.failed_at, anchor.error) == (1, 0, None, "")


def test_a_second_deliverer_brings_nothing(seals: Path) -> None:
    write_rows(10)
    seal_without_delivering()
    with claimed_elsewhere(anchoring.WORK):
        assert deliver_seals(now=NOW) == {"file": 0}
    assert deliver_seals(now=NOW) == {"file": 1}
    assert (len(next(seals.iterdir()).read_bytes().splitlines()), faults()) == (1, None)


def test_lines_brought_again_after_a_crash_are_no_fault(seals: Path) -> None:
    write_rows(20)
    seal_all(block=10)
    AuditAnchor.objects.update(number=0)
    write_rows(10)
    seal_all(block=10)
    numbers = [json.loads(line)["number"] for line in next(seals.iterdir()).read_text(encoding="utf-8").splitlines()]
    assert (numbers, faults()) == ([1, 2, 1, 2, 3], None)


def test_officer_gets_the_latest_seal_once_a_day(settings: Any, mailoutbox: Any) -> None:
    settings.SCRM_SEAL_MAIL_TO = "officer@example.com"
    for hours in (0, 1, 25):
        write_rows(10)
        seal_all(now=NOW + timedelta(hours=hours))
    assert [message.to for message in mailoutbox] == [["officer@example.com"]] * 2
    assert AuditSeal.objects.get(number=3).line.decode() in mailoutbox[1].body


# --- after a restore ---


def test_a_database_behind_its_file_is_not_sealed_until_the_loss_is_accepted(log: list[int]) -> None:
    last = AuditSeal.objects.order_by("number").last()
    assert last
    cut(last.number - 1)
    write_rows(5)
    with pytest.raises(SealsAhead):
        seal_all()
    assert accept(last.number)
    seal_all()
    assert (AuditSeal.objects.get(number=last.number + 1).follows, faults()) == (last.number - 2, None)
    assert AuditEntry.objects.get(action="audit.accept_loss").changes == {"seals": [last.number, last.number - 2]}


def cut(number: int) -> None:
    """Seals from this number on and their rows, as if a backup from before had been restored."""
    first = AuditSeal.objects.get(number=number)
    with roles.as_owner("restore"), connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM audit_auditentry WHERE (xid, id) >= (%s::text::xid8, %s)", [first.first_xid, first.first_id]
        )
        cursor.execute("DELETE FROM audit_auditseal WHERE number >= %s", [number])
        cursor.execute("UPDATE audit_auditanchor SET number = %s", [number - 1])


def accept(number: int) -> bool:
    seal = accept_loss(by=None, reason="restored the backup of last night", now=NOW)
    return seal is not None and seal.number == number + 1


def test_a_loss_is_accepted_where_every_row_is_sealed(log: list[int]) -> None:
    last = AuditSeal.objects.latest("number")
    cut(last.number)
    call_command("seal_audit", "--accept-loss", "restored the backup of last night")
    seal_all()
    assert (AuditSeal.objects.get(number=last.number + 1).follows, faults()) == (last.number - 1, None)
    assert accept_loss(by=None, reason="once more", now=NOW) is None
    assert AuditEntry.objects.filter(action="audit.accept_loss").count() == 1
