"""Uploads: proposed, previewed, configured, tried dry, started; and what is left of them afterwards."""

import errno
import json
import os
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from accounts.models import User
from core.files import UnreadableFile
from intake import tasks
from intake.enums import ImportState
from intake.errors import ImportRunning, ImportStateWrong, MappingIncomplete, UploadTooLarge
from intake.models import ImportJob, ImportReject
from intake.selectors import imports_visible_to, preview_import, reject_report, rejected_rows, unfinished_imports
from intake.services import (
    cancel_import,
    configure_import,
    enqueue_import,
    jobs,
    receive_upload,
    run_import,
    tidy_imports,
)
from members.models import City
from tests.intake.conftest import NOW, Import, Write
from tests.rivals import claimed_elsewhere
from timeline.models import Purchase

pytestmark = pytest.mark.django_db

TEXT = "单号,会员号,日期,货号,数量,单价,备注\nA1,1,2026-01-02,P1,2,10,hello\nA2,,2026-13-02,P1,2,10,\n"


@pytest.fixture
def marketer(settings: Settings, tmp_path: Path) -> User:
    settings.MEDIA_ROOT = tmp_path / "files"
    return User.objects.create_user("lin", role="marketer")


def upload(marketer: User, text: str = TEXT) -> ImportJob:
    data = text.encode("gb18030")
    return receive_upload(kind="purchases", chunks=[data[:7], data[7:]], file_name="../订单.csv", by=marketer, now=NOW)


def test_upload_is_kept_and_its_columns_are_recognised(marketer: User) -> None:
    job = upload(marketer)
    assert (job.state, job.file_name, job.facts["encoding"]) == (ImportState.UPLOADED, "订单.csv", "gb18030")
    assert job.mapping == {
        "columns": {
            "order_no": "单号", "external_id": "会员号", "line_at": "日期", "product_code": "货号", "quantity": "数量",
            "unit_price": "单价",
        }
    }  # fmt: skip
    assert Path(job.path).stat().st_mode & 0o077 == 0


def test_preview_remarks_a_city_that_would_be_added(marketer: User) -> None:
    City.objects.get_or_create(name="杭州")
    data = "会员号,城市\n1,杭州市\n2,杭洲\n3,\n".encode()
    job = receive_upload(kind="members", chunks=[data], file_name="members.csv", by=marketer, now=NOW)
    cells = [cells[1] for _line, cells in preview_import(job).rows]
    assert [(cell.text, bool(cell.remark), str(cell.fault)) for cell in cells] == [
        ("杭州市", False, ""),
        ("杭洲", True, ""),
        ("", False, ""),
    ]


def test_preview_shows_fields_and_faults(marketer: User) -> None:
    preview = preview_import(upload(marketer))
    assert [(column.title, column.field.name if column.field else "", column.looks_like) for column in preview.columns] == [
        ("单号", "order_no", "text"), ("会员号", "external_id", "number"), ("日期", "line_at", "text"),
        ("货号", "product_code", "text"), ("数量", "quantity", "number"), ("单价", "unit_price", "number"),
        ("备注", "", "text"),
    ]  # fmt: skip
    assert preview.columns[1].filled == 0.5
    assert preview.columns[0].examples == ["A1", "A2"]
    assert preview.missing == []
    line, cells = preview.rows[1]
    assert (line, [str(cell.fault) for cell in cells]) == (3, ["", "No customer", "Not a date", "", "", "", ""])


def test_upload_runs_dry_and_then_for_good(marketer: User) -> None:
    job = upload(marketer)
    configure_import(job_id=job.pk, mapping=job.mapping, dry_run=True, by=marketer, now=NOW)
    enqueue_import(job_id=job.pk, by=marketer, now=NOW)
    assert unfinished_imports() == [job.pk]
    dry = run_import(job_id=job.pk, now=NOW)
    assert (dry.counts["lines_stored"], Purchase.objects.count(), Path(dry.path).exists()) == (1, 0, True)
    configure_import(job_id=job.pk, mapping=dry.mapping, by=marketer, now=NOW)
    assert not ImportReject.objects.exists()
    enqueue_import(job_id=job.pk, by=marketer, now=NOW)
    with pytest.raises(ImportStateWrong):
        enqueue_import(job_id=job.pk, by=marketer, now=NOW)
    done = run_import(job_id=job.pk, now=NOW)
    assert (done.counts["lines_stored"], Purchase.objects.count()) == (1, 1)
    with pytest.raises(ImportStateWrong):
        configure_import(job_id=job.pk, mapping=dry.mapping, by=marketer, now=NOW)


@pytest.mark.parametrize("rejected", [False, True])
def test_uploaded_file_goes_when_every_row_was_stored(
    marketer: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks, rejected: bool
) -> None:
    job = upload(marketer, TEXT if rejected else TEXT.split("A2", maxsplit=1)[0])
    enqueue_import(job_id=job.pk, by=marketer, now=NOW)
    with django_capture_on_commit_callbacks(execute=True):
        done = run_import(job_id=job.pk, now=NOW)
    assert (done.state, Path(done.path).exists()) == (ImportState.DONE, rejected)


def test_setting_going_wakes_a_worker_at_the_commit(
    marketer: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    job = upload(marketer)
    with django_capture_on_commit_callbacks() as woken:
        enqueue_import(job_id=job.pk, by=marketer, now=NOW)
    assert len(woken) == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pgmq.q_bulk")
        before = cursor.fetchone()[0]
        woken[0]()
        cursor.execute("SELECT count(*) FROM pgmq.q_bulk")
        assert cursor.fetchone()[0] == before + 1


def test_import_called_off_begins_again_from_its_file(marketer: User) -> None:
    job = upload(marketer)
    enqueue_import(job_id=job.pk, by=marketer, now=NOW)
    cancel_import(job_id=job.pk, by=marketer, now=NOW)
    configure_import(job_id=job.pk, mapping=job.mapping, by=marketer, now=NOW)
    enqueue_import(job_id=job.pk, by=marketer, now=NOW)
    assert run_import(job_id=job.pk, now=NOW).counts["lines_stored"] == 1


def test_import_that_a_worker_still_holds_does_not_begin_again(marketer: User) -> None:
    job = upload(marketer)
    enqueue_import(job_id=job.pk, by=marketer, now=NOW)
    cancel_import(job_id=job.pk, by=marketer, now=NOW)
    with claimed_elsewhere(jobs.TASK, job.pk), pytest.raises(ImportRunning):
        configure_import(job_id=job.pk, mapping=job.mapping, by=marketer, now=NOW)


def test_upload_thrown_away_takes_its_file_along(
    marketer: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    job = upload(marketer)
    with django_capture_on_commit_callbacks(execute=True):
        thrown = cancel_import(job_id=job.pk, by=marketer, now=NOW)
    assert (thrown.path, Path(job.path).exists()) == ("", False)
    with pytest.raises(UnreadableFile):
        configure_import(job_id=job.pk, mapping=job.mapping, by=marketer, now=NOW)


def test_rejected_rows_come_as_the_file_has_them_and_are_read_again(marketer: User) -> None:
    torn = 'A3,"7,2026-01-02,P1,1,1,\nA4,8,2026-01-02,P1,-1.5.0,1\nA5,9,2026-01-02,P1,1,10,=1+1,2\n'
    job = upload(marketer, TEXT + torn)
    enqueue_import(job_id=job.pk, by=marketer, now=NOW)
    run_import(job_id=job.pk, now=NOW)
    job.refresh_from_db()
    rows = list(rejected_rows(job))
    added = ["Line in the file", "Column at fault", "Rejected because"]
    assert rows == [
        ["单号", "会员号", "日期", "货号", "数量", "单价", "备注", *added],
        ["A2", "", "2026-13-02", "P1", "2", "10", "", "3", "会员号; 日期", "会员号: No customer; 日期: Not a date"],
        ["A3", '"7', "2026-01-02", "P1", "1", "1", "", "4", "", "Quotation mark out of place or never closed"],
        ["A4", "8", "2026-01-02", "P1", "-1.5.0", "1", "", "5", "单价", "Number of cells differs from the header"],
        ["A5", "9", "2026-01-02", "P1", "1", "10", "'=1+1", "2", "6", "", "Number of cells differs from the header"],
    ]
    fixed = ["A2", "7", "2026-01-03", "P1", "2", "10", "'=x", "3", "会员号", "No customer"]
    text = "".join(",".join(row) + "\n" for row in (rows[0], fixed))
    again = receive_upload(kind="purchases", chunks=[text.encode()], file_name="fixed.csv", by=marketer, now=NOW)
    assert again.mapping["columns"] == {**job.mapping["columns"]}
    enqueue_import(job_id=again.pk, by=marketer, now=NOW)
    assert run_import(job_id=again.pk, now=NOW).counts["lines_stored"] == 1


def test_duplicate_names_the_line_it_repeats(marketer: User) -> None:
    text = "会员号,姓名\n1,林\n2,周\n1,林晓\n"
    job = receive_upload(kind="members", chunks=[text.encode()], file_name="m.csv", by=marketer, now=NOW)
    enqueue_import(job_id=job.pk, by=marketer, now=NOW)
    run_import(job_id=job.pk, now=NOW)
    job.refresh_from_db()
    assert list(rejected_rows(job))[1:] == [["1", "林晓", "4", "", "The same member stands in line 2"]]


def test_mapping_of_the_same_columns_is_remembered(marketer: User) -> None:
    first = upload(marketer)
    mapping = {"columns": {**first.mapping["columns"], "product_name": "备注"}}
    configure_import(job_id=first.pk, mapping=mapping, by=marketer, now=NOW)
    enqueue_import(job_id=first.pk, by=marketer, now=NOW)
    run_import(job_id=first.pk, now=NOW)
    assert upload(marketer).mapping["columns"]["product_name"] == "备注"
    assert "product_name" not in upload(marketer, TEXT.replace("备注", "说明")).mapping["columns"]


def test_incomplete_mapping_does_not_start(marketer: User) -> None:
    job = upload(marketer, TEXT.replace("单价", "什么"))
    with pytest.raises(MappingIncomplete):
        enqueue_import(job_id=job.pk, by=marketer, now=NOW)
    assert ImportJob.objects.get(pk=job.pk).state == ImportState.UPLOADED


def test_useless_upload_is_not_kept(marketer: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnreadableFile):
        receive_upload(kind="purchases", chunks=[b"%PDF-1.7"], file_name="a.pdf", by=marketer, now=NOW)
    monkeypatch.setattr(jobs, "MAX_UPLOAD", 10)
    with pytest.raises(UploadTooLarge):
        upload(marketer)
    assert list((tmp_path / "files" / "imports").iterdir()) == []
    assert not ImportJob.objects.exists()


def breaking_off() -> Iterator[bytes]:
    yield TEXT.encode()
    raise OSError(errno.ENOSPC, "No space left on device")


def test_upload_that_breaks_off_leaves_nothing(marketer: User, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space left"):
        receive_upload(kind="purchases", chunks=breaking_off(), file_name="a.csv", by=marketer, now=NOW)
    assert list((tmp_path / "files" / "imports").iterdir()) == []


def test_what_a_killed_process_left_is_tidied_and_an_upload_on_its_way_is_not(marketer: User) -> None:
    job = upload(marketer)
    folder = Path(job.path).parent
    for name, age in (("tmp-left", timedelta(hours=25)), ("tmp-coming", timedelta(hours=23))):
        (folder / name).write_text(TEXT)
        os.utime(folder / name, ((NOW - age).timestamp(),) * 2)
    os.utime(job.path, ((NOW - timedelta(days=5)).timestamp(),) * 2)
    assert tidy_imports(now=NOW) == 1
    assert sorted(path.name for path in folder.iterdir()) == sorted(("tmp-coming", Path(job.path).name))


def test_old_uploads_and_reports_are_tidied(marketer: User) -> None:
    job = upload(marketer)
    enqueue_import(job_id=job.pk, by=marketer, now=NOW)
    cancel_import(job_id=job.pk, by=marketer, now=NOW)
    assert tidy_imports(now=NOW + timedelta(days=6)) == 0
    assert tidy_imports(now=NOW + timedelta(days=8)) == 1
    assert not Path(job.path).exists()
    assert tidy_imports(now=NOW + timedelta(days=9)) == 0


def test_staging_of_a_job_called_off_is_dropped(marketer: User) -> None:
    job = upload(marketer)
    cancel_import(job_id=job.pk, by=marketer, now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT intake_open_staging(%s, 'purchases')", [job.pk])
    assert (tidy_imports(now=NOW), tidy_imports(now=NOW)) == (1, 0)


def test_report_names_columns_and_runs_no_formula(marketer: User, write: Write, import_file: Import) -> None:
    text = TEXT.replace("2026-13-02", "=1+1").replace("A2,", "A2,7")
    job = import_file("purchases", write(text))
    assert list(reject_report(job)) == [
        ("line", "column", "column_name", "reason", "explanation", "value"),
        (3, 3, "日期", "bad_date", "Not a date", "'=1+1"),
    ]


def test_imports_are_seen_by_those_who_may(marketer: User) -> None:
    upload(marketer)
    guide = User.objects.create_user("guide", role="guide")
    assert (imports_visible_to(marketer).count(), imports_visible_to(guide).count()) == (1, 0)


def test_take_up_runs_what_waits(write: Write, settings: Settings) -> None:
    job = jobs.create_import(kind="purchases", path=write(TEXT), by=None, now=NOW)
    tasks.run(job.pk)
    assert ImportJob.objects.get(pk=job.pk).state == ImportState.DONE
    assert unfinished_imports() == []


def test_command_prints_the_numbers_as_json(write: Write, tmp_path: Path) -> None:
    out = StringIO()
    mapping = write(json.dumps({"product_name": "备注"}), "mapping.json")
    call_command(
        "import_purchases", str(write(TEXT)), "--layout", "csv", "--mapping", str(mapping), "--timezone", "UTC",
        "--rejects", str(tmp_path / "rejects.csv"), "--json", stdout=out,
    )  # fmt: skip
    answer = json.loads(out.getvalue())
    assert list(answer) == [
        "rows_read", "lines_stored", "already_stored", "rejected", "purchases", "refunds", "members", "seconds",
    ]  # fmt: skip
    assert (answer["rows_read"], answer["lines_stored"], answer["rejected"]) == (2, 1, {"no_customer": 1})
    assert (tmp_path / "rejects.csv").read_text("utf-8-sig").splitlines()[1] == "3,2,会员号,no_customer,No customer,"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nowhere.csv"], "There is no such file."),
        (["{file}", "--mapping", "nowhere.json"], "There is no mapping file nowhere.json."),
        (["{file}", "--mapping", "{file}"], "is not JSON"),
        (["{file}", "--timezone", "Mars/Base"], "There is no time zone named “Mars/Base”."),
        (["{file}", "--layout", "xlsx"], "The file is not of the layout"),
        (["{file}", "--layout", "online-retail"], "There is no column named “InvoiceNo”."),
        (["{file}", "--source", "x" * 41], "at most 40 characters"),
    ],
)
def test_command_fails_with_a_sentence(write: Write, arguments: list[str], sentence: str) -> None:
    path = str(write(TEXT))
    with pytest.raises(CommandError, match=r".") as refused:
        call_command("import_purchases", *(argument.format(file=path) for argument in arguments))
    assert sentence in str(refused.value)
    assert not ImportJob.objects.exists()
