"""Purchases from files: what is stored, what is refused, and what a second time changes."""

import gzip
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection
from openpyxl import Workbook

from accounts.models import Region, Store
from audit.models import AuditEntry
from core.files import UnreadableFile
from intake.enums import ImportState
from intake.errors import MappingIncomplete, MappingInvalid
from intake.models import ImportJob, ImportReject
from members.models import Identity, Member
from tests.intake.conftest import NOW, Import, Write
from timeline.models import Product, Purchase, PurchaseLine

pytestmark = [pytest.mark.servers, pytest.mark.django_db]

HEADER = "order_no,external_id,line_at,product_code,product_name,quantity,unit_price,store,channel,coupon_code\n"
ROWS = (
    "A1,17850.0,2026-01-02 03:04,P1,Serum,2,99.50,,shop,C10\n"
    "A1,17850.0,2026-01-02 03:00,P2,Mask,1,0,,shop,\n"
    "A2,13047,2026/1/5,P1,Serum,1,99.5,,,\n"
    "A2,13047,2026/1/9 20:00,P1,Serum,-1,99.5,,,\n"
)


def rejects(job: ImportJob) -> list[tuple[int, int | None, str, str]]:
    return list(ImportReject.objects.filter(job=job).values_list("line", "column", "reason", "value"))


def numbers(job: ImportJob) -> dict[str, object]:
    return {name: value for name, value in job.counts.items() if name != "seconds"}


def test_import_stores_orders_refunds_and_members(write: Write, import_file: Import) -> None:
    job = import_file("purchases", write(HEADER + ROWS))
    assert job.state == ImportState.DONE
    assert numbers(job) == {
        "rows_read": 4, "lines_stored": 4, "already_stored": 0, "rejected": {}, "purchases": 2, "refunds": 1,
        "members": 2,
    }  # fmt: skip
    stored = Purchase.objects.order_by("occurred_at").values_list("order_no", "kind", "amount", "sold", "coupon_code")
    assert list(stored) == [
        ("A1", "order", Decimal("199.00"), True, "C10"),
        ("A2", "order", Decimal("99.50"), True, ""),
        ("A2", "refund", Decimal("-99.50"), False, ""),
    ]
    assert Purchase.objects.get(order_no="A1").occurred_at == datetime(2026, 1, 1, 19, 0, tzinfo=UTC)
    assert set(Identity.objects.values_list("type", "lookup")) == {("external_id", "17850"), ("external_id", "13047")}
    assert set(Member.objects.values_list("registered_at", flat=True)) == {None}
    assert dict(Product.objects.values_list("code", "name")) == {"P1": "Serum", "P2": "Mask"}


def test_import_twice_changes_nothing(write: Write, import_file: Import) -> None:
    path = write(HEADER + ROWS)
    import_file("purchases", path)
    before = list(PurchaseLine.objects.order_by("id").values())
    assert numbers(import_file("purchases", path)) == {
        "rows_read": 4, "lines_stored": 0, "already_stored": 4, "rejected": {}, "purchases": 0, "refunds": 0,
        "members": 0,
    }  # fmt: skip
    assert list(PurchaseLine.objects.order_by("id").values()) == before


def test_identical_lines_are_kept(write: Write, import_file: Import) -> None:
    line = "A1,1,2026-01-02,P1,Serum,1,10,,,\n"
    assert import_file("purchases", write(HEADER + line * 3)).counts["lines_stored"] == 3
    assert Purchase.objects.get().amount == Decimal("30.00")


def test_dry_run_gives_the_same_numbers_and_stores_nothing(write: Write, import_file: Import) -> None:
    path = write(HEADER + ROWS + "A3,,2026-01-02,P1,Serum,1,10,,,\n")
    dry = import_file("purchases", path, dry_run=True)
    assert (Purchase.objects.count(), Member.objects.count(), Product.objects.count()) == (0, 0, 0)
    wet = import_file("purchases", path)
    assert numbers(dry) == numbers(wet)
    assert numbers(dry)["rejected"] == {"no_customer": 1}
    assert rejects(dry) == rejects(wet) == [(6, 2, "no_customer", "")]


def test_each_bad_row_is_reported_with_its_place(write: Write, import_file: Import) -> None:
    rows = [
        "A1,,2026-01-02,P1,Serum,1,10,,,",
        "A1,1,2026-13-02,P1,Serum,1,10,,,",
        "A1,1,2036-01-02,P1,Serum,1,10,,,",
        "A1,1,1989-12-31,P1,Serum,1,10,,,",
        "A1,1,03/04/2026,P1,Serum,1,10,,,",
        "A1,1,2026-01-02,P1,Serum,one,10,,,",
        "A1,1,2026-01-02,P1,Serum,1,1e10,,,",
        "A1,1,2026-01-02,P1,Serum,1.23456,10,,,",
        "A1,1,2026-01-02,,Serum,1,10,,,",
        "A1,1.38E+10,2026-01-02,P1,Serum,1,10,,,",
        "A1,1,2026-01-02,P1,Serum,1,#N/A,,,",
        "A1,1,2026-01-02,P1,Serum,1,10,nowhere,,",
        "A1,1,2026-01-02,P1," + "x" * 201 + ",1,10,,,",
        "A1,1,2026-01-02,P1,Serum,1",
        'A1,1,2026-01-02,P1,"Serum,1,10,,,',
        "A1,1,2026-01-02,P1,Serum,1,2.5500000000000003,,,",
    ]
    job = import_file("purchases", write(HEADER + "\n".join(rows) + "\n"))
    assert rejects(job) == [
        (2, 2, "no_customer", ""),
        (3, 3, "bad_date", "2026-13-02"),
        (4, 3, "future_date", "2036-01-02"),
        (5, 3, "too_old", "1989-12-31"),
        (6, 3, "ambiguous_date", "03/04/2026"),
        (7, 6, "bad_number", "one"),
        (8, 7, "out_of_range", "1e10"),
        (9, 6, "too_precise", "1.23456"),
        (10, 4, "missing_value", ""),
        (11, 2, "rounded_number", "1.38E+10"),
        (12, 7, "error_cell", "#N/A"),
        (13, 8, "unknown_store", "nowhere"),
        (14, 5, "too_long", "x" * 80),
        (15, 6, "column_count", ""),
        (16, None, "bad_quote", ""),
    ]
    assert (job.counts["rows_read"], job.counts["lines_stored"]) == (16, 1)
    assert PurchaseLine.objects.get().unit_price == Decimal("2.55")


def test_large_values_are_stored_as_far_as_the_columns_hold_them(write: Write, import_file: Import) -> None:
    rows = [
        "A1,1,2026-01-02,P1,Villa,1,9999999999.9999,,,",
        "A1,1,2026-01-02,P2,Screw,999999999.999,0.01,,,",
        "A1,1,2026-01-02,P3,Nail,1e9,0.01,,,",
        "A1,1,2026-01-02,P4,Nail,999999999.9999999999,0.01,,,",
        "A1,1,2026-01-02,P5,City,1000,1e9,,,",
        "A2,1,2026-01-02,P6,Half,100,6e9,,,",
        "A2,1,2026-01-02,P7,Half,100,6e9,,,",
        "A3,1,2026-01-02,P8,Serum,1,10,,,",
    ]
    path = write(HEADER + "\n".join(rows) + "\n")
    job = import_file("purchases", path)
    assert sorted(rejects(job)) == [
        (4, 6, "out_of_range", "1e9"),
        (5, 6, "out_of_range", "999999999.9999999999"),
        (6, None, "out_of_range", ""),
        (7, None, "out_of_range", ""),
        (8, None, "out_of_range", ""),
    ]
    assert (job.counts["rows_read"], job.counts["lines_stored"], job.counts["purchases"]) == (8, 3, 2)
    assert sorted(Purchase.objects.values_list("amount", flat=True)) == [Decimal("10.00"), Decimal("10010000000.00")]
    assert import_file("purchases", path, dry_run=True).counts["rejected"] == job.counts["rejected"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_chinese_headers_are_understood_in_every_encoding(write: Write, import_file: Import, encoding: str) -> None:
    text = "订单号\t会员号\t下单时间\t商品编码\t商品名称\t数量\t单价\nA1\t1\t2026年1月2日 20:00\tP1\t精华🦌\t２\t￥1,234.50\n"
    if encoding == "utf-16":
        text = text.replace("🦌", "")
    job = import_file("purchases", write(text, encoding=encoding))
    assert job.counts["lines_stored"] == 1
    assert Purchase.objects.get().amount == Decimal("2469.00")
    assert Purchase.objects.get().occurred_at == datetime(2026, 1, 2, 12, tzinfo=UTC)


def test_workbook_is_imported_like_the_text(write: Write, import_file: Import, tmp_path: Path) -> None:
    book = Workbook()
    assert book.active is not None
    book.active.append(HEADER.strip().split(","))
    book.active.append(["A1", 17850, datetime(2026, 1, 2, 3, 4), "P1", "Serum", 2, 99.5, None, "shop", "C10"])  # noqa: DTZ001
    book.save(tmp_path / "file.xlsx")
    assert import_file("purchases", tmp_path / "file.xlsx").counts["lines_stored"] == 1
    again = import_file("purchases", write(HEADER + ROWS.partition("\n")[0] + "\n"))
    assert (again.layout, again.counts["already_stored"]) == ("csv", 1)


def test_mapping_names_columns_constants_and_the_order_of_dates(write: Write, import_file: Import) -> None:
    region = Region.objects.create(code="east", name="East")
    store = Store.objects.create(region=region, code="xihu", name="西湖店")
    path = write("a;b;c;d;e;f\nA1;1;03/02/2026 15:00;P1;1;10\n")
    mapping = {
        "columns": {"order_no": "a", "external_id": "#2", "line_at": "c", "product_code": "d", "quantity": "e",
                    "unit_price": "f"},
        "constants": {"channel": "pos", "store_id": "西湖店"},
        "date_order": "dmy",
    }  # fmt: skip
    job = import_file("purchases", path, mapping, timezone="Europe/Berlin", source="till")
    assert numbers(job)["rejected"] == {}
    stored = Purchase.objects.get()
    assert (stored.channel, stored.store_id, stored.source) == ("pos", store.pk, "till")
    assert stored.occurred_at == datetime(2026, 2, 3, 14, tzinfo=UTC)


def test_order_of_dates_decides_what_is_future(write: Write, import_file: Import) -> None:
    path = write(HEADER + "A1,1,02/01/2026,P1,Serum,1,10,,,\n")
    import_file("purchases", path, {"date_order": "dmy"})
    assert Purchase.objects.get().occurred_at == datetime(2026, 1, 1, 16, tzinfo=UTC)


def test_missing_columns_are_named_before_anything_is_read(write: Write, import_file: Import) -> None:
    with pytest.raises(MappingIncomplete) as refused:
        import_file("purchases", write("order_no,quantity\nA1,1\n"))
    assert set(refused.value.fields) == {"external_id", "line_at", "product_code", "unit_price"}
    assert not ImportJob.objects.exists()


@pytest.mark.parametrize(
    "mapping",
    [
        {"columns": {"colour": "a"}},
        {"columns": {"order_no": 3}},
        {"colums": {}},
        {"date_order": "ymd"},
        {"encoding": "klingon"},
        {"has_header": "yes"},
        {"constants": {"channel": 5}},
    ],
)
def test_senseless_mapping_is_refused(write: Write, import_file: Import, mapping: dict[str, object]) -> None:
    with pytest.raises(MappingInvalid):
        import_file("purchases", write(HEADER + ROWS), mapping)
    assert not ImportJob.objects.exists()


def test_constant_that_cannot_be_read_fails_the_job(write: Write, import_file: Import) -> None:
    job = import_file("purchases", write(HEADER + ROWS), {"constants": {"store_id": "nowhere"}})
    assert job.state == ImportState.FAILED
    assert "nowhere" in job.error_text
    assert not Purchase.objects.exists()


def test_duplicate_header_is_refused_only_for_a_column_in_use(write: Write, import_file: Import) -> None:
    with pytest.raises(UnreadableFile) as refused:
        import_file("purchases", write("quantity," + HEADER + "1," + ROWS))
    assert (refused.value.reason, refused.value.line, refused.value.column) == ("duplicate_header", 1, 7)
    text = "note,note," + HEADER + "".join(f"x,y,{row}\n" for row in ROWS.splitlines())
    assert import_file("purchases", write(text)).counts["lines_stored"] == 4


def test_unreadable_file_makes_no_job(write: Write, import_file: Import) -> None:
    for path, reason in ((write(""), "empty_file"), (Path("/nowhere/at-all.csv"), "missing_file")):
        with pytest.raises(UnreadableFile) as refused:
            import_file("purchases", path)
        assert refused.value.reason == reason
    assert not ImportJob.objects.exists()


def test_file_cut_off_stores_nothing(tmp_path: Path, import_file: Import) -> None:
    text = HEADER + "".join(f"A{n},{n},2026-01-02,P{n},精华,1,{n % 97}.5,,,\n" for n in range(60_000))
    packed = gzip.compress(text.encode())
    path = tmp_path / "cut.csv.gz"
    path.write_bytes(packed[: len(packed) * 3 // 4])
    job = import_file("purchases", path)
    assert (job.state, job.error["reason"]) == (ImportState.FAILED, "broken_archive")
    assert job.error_text == "The compressed file is damaged or cut off."
    assert not Purchase.objects.exists()


def test_import_leaves_audit_rows_and_no_table_behind(write: Write, import_file: Import) -> None:
    job = import_file("purchases", write(HEADER + ROWS))
    actions = AuditEntry.objects.filter(object_type="intake.importjob", object_id=str(job.pk)).order_by("id")
    assert list(actions.values_list("action", flat=True)) == ["intake.create", "intake.finish"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relname LIKE 'intake\\_staging\\_%'")
        assert cursor.fetchone() == (0,)


def test_online_retail_is_read_as_utc_by_its_own_columns(write: Write, import_file: Import) -> None:
    head = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
    rows = (
        "536365,85123A,HOLDER,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom\n"
        "C536379,D,Discount,-1,2010-12-01 09:41:00,27.5,14527.0,United Kingdom\n"
        "536414,22139,,56,2010-12-01 11:52:00,0.0,,United Kingdom\n"
    )
    job = import_file("purchases", write(head + rows))
    assert (job.layout, job.timezone, job.source) == ("online-retail", "UTC", "online-retail")
    assert numbers(job) == {
        "rows_read": 3, "lines_stored": 2, "already_stored": 0, "rejected": {"no_customer": 1}, "purchases": 1,
        "refunds": 1, "members": 2,
    }  # fmt: skip
    assert Purchase.objects.get(kind="order").occurred_at == datetime(2010, 12, 1, 8, 26, tzinfo=UTC)
    assert Purchase.objects.get(kind="refund").occurred_at < NOW


@pytest.mark.slow
def test_online_retail_whole(online_retail: Path, import_file: Import) -> None:
    job = import_file("purchases", online_retail)
    assert numbers(job) == {
        "rows_read": 541_909, "lines_stored": 406_829, "already_stored": 0, "rejected": {"no_customer": 135_080},
        "purchases": 18_536, "refunds": 3_654, "members": 4_372,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(amount), count(*) FROM timeline_purchaseline")
        total, lines = cursor.fetchone()
        cursor.execute("SELECT sum(amount) FROM timeline_purchase")
        assert cursor.fetchone() == (total,)
    assert (lines, total) == (406_829, Decimal("8300065.81"))
