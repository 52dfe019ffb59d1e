"""The import page with what people bring: through the form, to the report, never an error of ours."""

import gzip
import io
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from openpyxl import Workbook
from pytest_django import Settings

from accounts.models import User
from audit.models import AuditEntry
from intake.models import ImportJob
from intake.services import run_import
from timeline.models import PurchaseLine

pytestmark = pytest.mark.django_db

NEW = "/admin/intake/importjob/new/"
HEAD = ("单号", "会员号", "日期", "货号", "数量", "单价")
ROW = ("A1", "1", "2026-01-02", "P1", "1", "10")


@pytest.fixture
def marketer(settings: Settings, tmp_path: Path) -> Client:
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.CELERY_TASK_ALWAYS_EAGER = False
    client = Client(headers={"accept-language": "en"})
    client.force_login(User.objects.create_user("lin", role="marketer", is_staff=True))
    return client


def table(*rows: tuple[str, ...], head: tuple[str, ...] = HEAD) -> str:
    return "".join(",".join(row) + "\n" for row in (head, *rows))


def workbook(*rows: tuple[object, ...]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(list(row))
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def bomb() -> bytes:
    """A workbook of a megabyte whose sheet is a gigabyte."""
    saved = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook(HEAD, ROW))) as package,
        zipfile.ZipFile(saved, "w", zipfile.ZIP_DEFLATED) as written,
    ):
        for name in package.namelist():
            if not name.startswith("xl/worksheets/"):
                written.writestr(name, package.read(name))
                continue
            with written.open(name, "w") as sheet:
                sheet.write(b"<worksheet><sheetData>")
                for _ in range(100):
                    sheet.write(b" " * (1 << 20))
    return saved.getvalue()


def test_the_address_of_every_model_leads_to_a_new_import(marketer: Client) -> None:
    response = marketer.get("/admin/intake/importjob/add/")
    assert (response.status_code, response["Location"]) == (302, NEW)


def upload(marketer: Client, data: bytes, name: str, kind: str = "purchases") -> tuple[ImportJob | None, str]:
    """The job that came of it and what the page says."""
    response = marketer.post(NEW, {"kind": kind, "file": SimpleUploadedFile(name, data)}, follow=True)
    assert response.status_code == 200
    return ImportJob.objects.order_by("-pk").first(), response.content.decode()


def imported(marketer: Client, data: bytes, name: str, **form: str) -> ImportJob:
    """Uploaded, set going with what the page proposes, worked on, looked at."""
    job, _said = upload(marketer, data, name)
    assert job is not None
    address = f"/admin/intake/importjob/{job.pk}/"
    assert marketer.post(f"{address}configure/", {"act": "import", **form}, follow=True).status_code == 200
    run_import(job_id=job.pk, now=timezone.now())
    job.refresh_from_db()
    assert [marketer.get(address + part).status_code for part in ("change/", "rejects.csv", "progress/")] == [200] * 3
    if job.state == "done":
        counts = job.counts
        accounted = counts["lines_stored"] + counts["already_stored"] + sum(counts["rejected"].values())
        assert counts["rows_read"] == accounted
    return job


@pytest.mark.parametrize(
    ("make", "name", "sentence"),
    [
        (bomb, "订单.xlsx", "unpacks"),
        (lambda: b"", "empty.csv", "The file is empty."),
        (lambda: b"\xef\xbb\xbf \r\n\r\n", "blank.csv", "The file is empty."),
        (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old.xls", "old or password-protected"),
        (lambda: b"%PDF-1.7\n" + bytes(range(256)) * 40, "book.pdf", "neither a text table nor"),
        (lambda: gzip.compress(table(ROW).encode())[:-9], "cut.csv.gz", "damaged or cut off"),
        (lambda: b"PK\x03\x04" + bytes(80), "torn.xlsx", "damaged or not a real XLSX"),
    ],
)
def test_useless_file_is_answered_with_a_sentence(
    marketer: Client, settings: Settings, make: Callable[[], bytes], name: str, sentence: str
) -> None:
    job, said = upload(marketer, make(), name)
    assert job is None
    assert sentence in said
    assert list(Path(settings.MEDIA_ROOT).glob("imports/*")) == []


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8-sig", "utf-16"])
def test_encodings_names_and_emoji_arrive(marketer: Client, encoding: str) -> None:
    text = table((*ROW, "林晓🌸"), ("A2", "", *ROW[2:], "陈静"), head=(*HEAD, "商品名称")) * 1
    job = imported(marketer, text.encode(encoding), "订单🌸.csv")
    assert (job.state, job.counts["lines_stored"], job.counts["rejected"]) == ("done", 1, {"no_customer": 1})
    assert PurchaseLine.objects.get().product.name == "林晓🌸"


def test_five_hundred_columns_are_shown_and_imported(marketer: Client) -> None:
    head = (*HEAD, *(f"其他{n}" for n in range(494)))
    job = imported(marketer, workbook(head, (*ROW, *range(494))), "wide.xlsx")
    assert (job.state, job.counts["lines_stored"]) == ("done", 1)


def test_duplicate_header_is_chosen_by_its_place(marketer: Client) -> None:
    data = table((*ROW, "2026-01-09"), head=(*HEAD, "日期")).encode()
    job, _said = upload(marketer, data, "twice.csv")
    assert job is not None
    assert "line_at" not in job.mapping["columns"]
    again = imported(marketer, data, "twice.csv")
    assert again.state == "uploaded"
    chosen = {
        f"column-{place}": field
        for place, field in enumerate(
            ("order_no", "external_id", "", "product_code", "quantity", "unit_price", "line_at"), 1
        )
    }
    done = imported(marketer, data, "twice.csv", timezone="Asia/Shanghai", source="file", **chosen)
    assert (done.state, done.counts["lines_stored"]) == ("done", 1)
    assert PurchaseLine.objects.get().line_at.isoformat() == "2026-01-08T16:00:00+00:00"


def test_dates_of_five_formats_and_the_future(marketer: Client) -> None:
    tomorrow = (timezone.now() + timedelta(days=2)).date().isoformat()
    times = (
        "2026-01-02 03:04",
        "2026/1/2 3:04",
        "2026年1月2日 03:04",
        "20260102 030400",
        "2026-01-02T03:04:00+08:00",
        tomorrow,
        "32/13/2026",
    )
    rows = [(f"A{n}", "1", time, "P1", "1", "10") for n, time in enumerate(times)]
    job = imported(marketer, table(*rows).encode(), "dates.csv")
    assert (job.counts["lines_stored"], job.counts["rejected"]) == (5, {"bad_date": 1, "future_date": 1})
    assert {line.isoformat() for line in PurchaseLine.objects.values_list("line_at", flat=True)} == {
        "2026-01-01T19:04:00+00:00"
    }


def test_torn_rows_cost_themselves_only(marketer: Client) -> None:
    good, torn = (
        ",".join(ROW),
        ("A2,1", "A3,1,2026-01-02,P1,1,10,more", 'A4,"1,2026-01-02,P1,1,10', "A5,1,2026-01-02,P\0,1,1"),
    )
    job = imported(
        marketer, "\n".join([",".join(HEAD), good, *torn, good.replace("A1", "A6"), ""]).encode(), "torn.csv"
    )
    assert (job.state, job.counts["lines_stored"], sum(job.counts["rejected"].values())) == ("done", 2, 4)


def test_rejected_rows_are_taken_out_by_those_who_may_import_and_that_is_recorded(marketer: Client) -> None:
    job = imported(marketer, table(ROW, ("A2", "13900139000", "32/13/2026", *ROW[3:])).encode(), "a.csv")
    address = f"/admin/intake/importjob/{job.pk}/rejects.csv"
    masked = b"".join(marketer.get(address).streaming_content).decode()  # type: ignore[attr-defined]
    assert "13900139000" not in masked
    assert not AuditEntry.objects.filter(action="intake.download_rejects").exists()
    rows = b"".join(marketer.post(address).streaming_content).decode()  # type: ignore[attr-defined]
    assert rows.splitlines()[1] == "A2,13900139000,32/13/2026,P1,1,10,3,日期,Not a date"
    assert AuditEntry.objects.get(action="intake.download_rejects").object_id == str(job.pk)
    auditor = Client()
    auditor.force_login(User.objects.create_user("aud", role="analyst", is_staff=True))
    assert auditor.post(address).status_code in {403, 404}
    Path(job.path).unlink()
    assert "no longer kept" in marketer.post(address, follow=True).content.decode()


def test_finished_import_answers_its_columns_with_a_sentence(marketer: Client) -> None:
    job = imported(marketer, table(ROW).encode(), "a.csv")
    for form in ({}, {"timezone": "UTC"}):
        said = marketer.post(f"/admin/intake/importjob/{job.pk}/configure/", form, follow=True)
        assert "not in a state that allows this" in said.content.decode()


def test_refused_columns_stay_as_they_were_chosen(marketer: Client) -> None:
    job, _said = upload(marketer, table(ROW).encode(), "a.csv")
    assert job is not None
    chosen = {"timezone": "UTC", "source": "till", "column-1": "channel", "date_order": "dmy"}
    page = marketer.post(f"/admin/intake/importjob/{job.pk}/configure/", chosen).content.decode()
    assert "These fields have no column" in page
    for kept in ('value="channel" selected', 'value="UTC" selected', 'value="till"', 'value="dmy" selected'):
        assert kept in page


def test_form_with_senseless_values_is_refused_with_a_sentence(marketer: Client) -> None:
    job, _said = upload(marketer, table(ROW).encode(), "a.csv")
    assert job is not None
    for wrong in (
        {"timezone": "Mars/Base"},
        {"timezone": "../etc"},
        {"source": "x" * 41},
        {"source": "a\0b"},
        {"timezone": "UTC", "date_order": "ymd"},
        {"timezone": "UTC", "column-1": "nonsense"},
    ):
        response = marketer.post(
            f"/admin/intake/importjob/{job.pk}/configure/", {"act": "import", **wrong}, follow=True
        )
        assert (response.status_code, ImportJob.objects.get(pk=job.pk).state) == (200, "uploaded"), wrong
    for address in ("999999999999999999999999/change/", "0/progress/", "12345/rejects.csv"):
        assert marketer.get(f"/admin/intake/importjob/{address}").status_code in {302, 404}
