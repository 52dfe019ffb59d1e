"""The audit pack: complete, whole, provable, and only for whoever asked."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.enums import Role
from accounts.errors import ExportNotReady, ExportNotYours, ReasonMissing
from accounts.models import User
from audit.models import AuditEntry
from core.registries import EvidenceItem, evidence
from scrm.models import AuditPack
from scrm.services.audit_packs import expire_packs, open_pack, path_of, request_pack, run_pack
from scrm.services.packing import MANIFEST, PAGE, check_pack, write_pack

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LAST = "PIPL 99"


def rows(now: datetime) -> Iterator[Mapping[str, Any]]:
    yield {"name": "=1+1", "when": now, "sum": Decimal("1.50"), "list": ["a", 1], "none": None}
    yield {"name": "二", "when": now, "sum": Decimal(2), "list": [], "none": None}


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.SCRM_SEALS = tmp_path / "seals"


@pytest.fixture
def one_item(monkeypatch: pytest.MonkeyPatch) -> None:
    item = EvidenceItem(code="planted", label="Planted", article=LAST, write=rows)
    empty = EvidenceItem(code="empty", label="Empty", article=LAST, write=lambda _now: iter(()))
    monkeypatch.setattr(evidence, "_entries", {each.code: each for each in (item, empty)})


@pytest.fixture
def auditor() -> User:
    return User.objects.create_user("auditor", role=Role.AUDITOR, is_staff=True)


def made() -> io.BytesIO:
    file = io.BytesIO()
    write_pack(file, now=NOW)
    return file


def test_item_stands_there_as_table_as_data_and_to_read(one_item: None) -> None:
    with zipfile.ZipFile(made()) as archive:
        assert archive.testzip() is None
        data = json.loads(archive.read("planted.json"))
        assert data[0] == {"name": "=1+1", "when": NOW.isoformat(), "sum": "1.50", "list": ["a", 1], "none": None}
        table = list(csv.reader(io.StringIO(archive.read("planted.csv").decode("utf-8-sig"))))
        assert table[0] == ["name", "when", "sum", "list", "none"]
        assert table[1] == ["'=1+1", NOW.isoformat(), "1.50", '\'["a", 1]' if table[1][3][0] == "'" else '["a", 1]', ""]
        assert len(table) == 3
        assert json.loads(archive.read("empty.json")) == []
        page = archive.read(PAGE).decode()
        assert LAST in page
        assert "planted.csv" in page


def test_whole_pack_holds_every_registered_item_with_its_article() -> None:
    file = made()
    assert check_pack(file) == []
    with zipfile.ZipFile(file) as archive:
        manifest = json.loads(archive.read(MANIFEST))
    assert [item["code"] for item in manifest["items"]] == [item.code for item in evidence]
    assert all(item["article"] for item in manifest["items"])
    counts = {item["code"]: item["rows"] for item in manifest["items"]}
    assert counts["system_roles"] > 50
    assert counts["system_data_classes"] > 50
    assert counts["system_checks"] >= 7


def changed(file: io.BytesIO, name: str, content: bytes | None, *, more: str = "") -> io.BytesIO:
    """The pack with one file replaced, left out or added."""
    answer = io.BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(answer, "w") as new:
        for each in old.namelist():
            if each != name or content is not None:
                new.writestr(each, content if each == name and content is not None else old.read(each))
        if more:
            new.writestr(more, b"more")
    return answer


def test_each_change_of_a_pack_is_found(one_item: None) -> None:
    file = made()
    assert check_pack(changed(file, "planted.csv", b"other")) == ["planted.csv was changed."]
    assert check_pack(changed(file, "planted.json", None)) == ["planted.json is missing."]
    assert check_pack(changed(file, "", None, more="x.csv")) == ["x.csv is not in the manifest."]
    with zipfile.ZipFile(file) as archive:
        manifest = json.loads(archive.read(MANIFEST))
    manifest["made_at"] = "2020-01-01"
    assert check_pack(changed(file, MANIFEST, json.dumps(manifest).encode())) == [f"{MANIFEST} was changed."]


def test_pack_is_asked_for_made_fetched_and_expires(one_item: None, auditor: User) -> None:
    pack = request_pack(reason="yearly audit", by=auditor, now=NOW)
    assert run_pack(pack_id=pack.pk, now=NOW) is True
    assert run_pack(pack_id=pack.pk, now=NOW) is False, "it is made once"
    pack.refresh_from_db()
    assert (pack.state, pack.done_items, pack.all_items) == ("done", 2, 2)
    assert b"PK\x03\x04" not in path_of(pack).read_bytes()[:100], "it lies sealed"
    file = io.BytesIO(b"".join(open_pack(pack=pack, by=auditor, now=NOW)))
    assert check_pack(file) == []
    actions = ["scrm.request_audit_pack", "scrm.make_audit_pack", "scrm.download_audit_pack"]
    entries = list(AuditEntry.objects.filter(action__startswith="scrm.").order_by("id"))
    assert [entry.action for entry in entries] == actions
    assert entries[1].changes["manifest"] == [None, pack.digest]
    later = NOW + timedelta(days=8)
    with pytest.raises(ExportNotReady):
        open_pack(pack=pack, by=auditor, now=later)
    assert expire_packs(now=later) == 1
    assert not path_of(pack).exists()
    pack.refresh_from_db()
    assert (pack.state, pack.salt) == ("expired", None)


def test_pack_is_for_whoever_asked_and_needs_a_reason(one_item: None, auditor: User) -> None:
    with pytest.raises(ReasonMissing):
        request_pack(reason=" ", by=auditor, now=NOW)
    marketer = User.objects.create_user("marketer", role=Role.MARKETER, is_staff=True)
    with pytest.raises(ExportNotYours):
        request_pack(reason="curious", by=marketer, now=NOW)
    pack = request_pack(reason="yearly audit", by=auditor, now=NOW)
    run_pack(pack_id=pack.pk, now=NOW)
    other = User.objects.create_user("auditor2", role=Role.AUDITOR, is_staff=True)
    pack.refresh_from_db()
    with pytest.raises(ExportNotYours):
        open_pack(pack=pack, by=other, now=NOW)


def broken(_now: datetime) -> Iterator[Mapping[str, Any]]:
    yield {"a": 1}
    raise RuntimeError("planted")


def test_pack_that_fails_says_so_and_leaves_no_file(auditor: User, monkeypatch: pytest.MonkeyPatch) -> None:
    item = EvidenceItem(code="broken", label="Broken", article=LAST, write=broken)
    monkeypatch.setattr(evidence, "_entries", {"broken": item})
    pack = request_pack(reason="yearly audit", by=auditor, now=NOW)
    with pytest.raises(RuntimeError):
        run_pack(pack_id=pack.pk, now=NOW)
    pack.refresh_from_db()
    assert (pack.state, path_of(pack).exists()) == ("failed", False)


def test_page_asks_shows_and_hands_out(one_item: None, auditor: User) -> None:
    client = Client()
    client.force_login(auditor)
    refused = client.post("/admin/audit-packs/ask/", {"reason": " "})
    assert refused.status_code == 400
    assert client.post("/admin/audit-packs/ask/", {"reason": "年度审计"}).status_code == 302
    pack = AuditPack.objects.get()
    assert "年度审计" in client.get("/admin/audit-packs/").content.decode()
    early = client.post(f"/admin/audit-packs/{pack.pk}/download/")
    assert early.status_code == 302
    run_pack(pack_id=pack.pk, now=timezone.now())
    answer = client.post(f"/admin/audit-packs/{pack.pk}/download/")
    assert answer["Content-Type"] == "application/zip"
    assert check_pack(io.BytesIO(b"".join(answer.streaming_content))) == []  # type: ignore[attr-defined]
    assert client.get(f"/admin/audit-packs/{pack.pk}/download/").status_code == 405


def test_command_writes_and_checks(one_item: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "pack.zip"
    call_command("audit_pack", out=out, json=True)
    facts = json.loads(capsys.readouterr().out)
    assert (facts["items"], facts["rows"]) == (2, 2)
    assert AuditEntry.objects.get(action="scrm.make_audit_pack").changes["manifest"] == [None, facts["sha256"]]
    call_command("audit_pack", check=out, json=True)
    out.write_bytes(changed(io.BytesIO(out.read_bytes()), "planted.csv", b"x").getvalue())
    with pytest.raises(SystemExit):
        call_command("audit_pack", check=out)
