"""What columns are called, and what is proposed for them; samples are files that the guess reads whole."""

import csv
import io
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import translation
from django.utils.html import strip_tags

from intake.enums import ImportKind
from intake.models import ImportReject
from intake.rules.fields import FIELDS
from intake.rules.mapping import folded, propose
from intake.rules.samples import SAMPLES
from tests.intake.conftest import Import, Write
from tests.intake.test_pages import NEW, imported, marketer, table, upload  # noqa: F401 - marketer is a fixture
from timeline.models import PurchaseLine

HEADINGS = {
    ImportKind.MEMBERS: {
        "external_id": "会员号 会员编号 客户编号 会员ID 客户ID 顾客编号 Customer-ID member_no",
        "name": "姓名 名字 昵称 会员姓名 客户姓名 会员昵称 真实姓名 Name full_name 客户名称",
        "phone": "手机 手机号 手机号码 电话 联系电话 会员手机号 手机号（必填） ＊手机号 mobile Phone phone_number Mobile-No. 用户手机号码",
        "email": "邮箱 电子邮箱 E-mail email_address",
        "gender": "性别 会员性别 Gender sex",
        "birthday": "生日 出生日期 会员生日 Birthday date_of_birth",
        "city": "城市 所在城市 City",
        "registered_at": "注册时间 入会时间 入会日期 开卡日期 注册日期 registered_at",
        "home_store_id": "门店 所属门店 归属门店 开卡门店 Store",
        "guide_id": "导购 专属导购 所属导购",
        "channel": "来源渠道 会员来源 渠道 注册渠道",
        "card": "会员卡号 卡号",
    },
    ImportKind.PURCHASES: {
        "external_id": "会员号 会员编号 客户编号 CustomerID",
        "order_no": "订单号 订单编号 单号 小票号 交易号 InvoiceNo",
        "line_at": "下单时间 支付时间 付款时间 消费时间 交易时间 订单创建时间 下单日期",
        "product_code": "商品编码 货号 SKU编码 条码 StockCode",
        "product_name": "商品 商品名称 品名 产品名称 Description",
        "quantity": "数量 购买数量 件数 Quantity ＱＴＹ",
        "unit_price": "单价 商品单价 单价(元) UnitPrice",
        "amount": "实付金额 实付金额（元） 金额 支付金额 实收金额 amount",
        "store_id": "门店 门店名称 店铺",
    },
}


@pytest.mark.parametrize(
    ("kind", "field", "heading"),
    [(kind, field, one) for kind, fields in HEADINGS.items() for field, many in fields.items() for one in many.split()],
)
def test_common_heading_is_known(kind: str, field: str, heading: str) -> None:
    assert propose(kind, "csv", ["别的", heading]) == {field: heading}


def test_width_case_punctuation_and_brackets_do_not_matter() -> None:
    assert [folded(text) for text in ("＊Mobile-No.", "手机号（必填）", "实付金额 [元]", "（备注）", "E-Mail")] == [
        "mobileno",
        "手机号",
        "实付金额",
        "备注",
        "email",
    ]


def test_own_name_of_a_column_comes_before_the_one_that_says_whose_it_is() -> None:
    assert propose("members", "csv", ["会员手机号", "手机号"]) == {"phone": "手机号"}
    assert propose("purchases", "csv", ["会员数量"]) == {}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("kind", ImportKind)
def test_every_field_is_known_by_its_own_label(kind: str, language: str) -> None:
    with translation.override(language):
        labels = {field.name: str(field.label) for field in FIELDS[kind]}
    assert propose(kind, "csv", labels.values()) == labels


@pytest.fixture
def chinese(marketer: Client) -> Iterator[Client]:  # noqa: F811
    marketer.defaults["HTTP_ACCEPT_LANGUAGE"] = "zh-hans"
    with translation.override("zh-hans"):
        yield marketer


def rows_of(client: Client, kind: str) -> list[list[str]]:
    response = client.get(f"/admin/intake/importjob/sample/{kind}.csv")
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.reader(io.StringIO(text)))


def file_of(rows: list[list[str]]) -> str:
    written = io.StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue()


@pytest.mark.servers
@pytest.mark.django_db
@pytest.mark.parametrize("kind", ImportKind)
def test_sample_is_imported_as_it_is(kind: str, marketer: Client, write: Write, import_file: Import) -> None:  # noqa: F811
    rows = rows_of(marketer, kind)
    job = import_file(kind, write(file_of(rows)))
    assert (job.state, list(ImportReject.objects.all())) == ("done", [])
    assert set(job.mapping["columns"]) == {field.name for field in FIELDS[kind]} == set(SAMPLES[kind])
    assert (job.counts["rows_read"], job.counts["lines_stored"]) == (3, 3)


@pytest.mark.servers
@pytest.mark.django_db
@pytest.mark.parametrize("kind", ImportKind)
def test_chinese_sample_is_imported_as_it_is(kind: str, chinese: Client, write: Write, import_file: Import) -> None:
    rows = rows_of(chinese, kind)
    assert "编号" in rows[0][0]
    job = import_file(kind, write(file_of(rows)))
    assert (job.state, list(ImportReject.objects.all())) == ("done", [])
    assert set(job.mapping["columns"]) == {field.name for field in FIELDS[kind]}
    assert (job.counts["rows_read"], job.counts["lines_stored"]) == (3, 3)


@pytest.mark.django_db
def test_page_says_what_each_kind_needs_before_the_upload(marketer: Client, chinese: Client) -> None:  # noqa: F811
    said = strip_tags(chinese.get(NEW).content.decode())
    for words in (
        "必填列",
        "以下至少有一列",
        "可选列",
        "女 / 男 / 未知",
        "下载样例文件",
        "实付金额",
        "同意 / 监护人同意 / 拒绝 / 撤回",
    ):
        assert words in said, words
    refused = chinese.post(NEW, {})
    assert "请先选择文件内容。" in refused.content.decode()
    assert chinese.get("/admin/intake/importjob/sample/nonsense.csv").status_code == 404


@pytest.mark.django_db
def test_columns_of_a_person_in_a_file_of_purchases_are_pointed_out(marketer: Client) -> None:  # noqa: F811
    text = table(("1", "林晓", "13800138000"), head=("会员号", "姓名", "手机号"))
    _job, said = upload(marketer, text.encode(), "members.csv")
    assert "姓名、手机号: these columns say who a member is" in said
    _job, said = upload(marketer, text.encode(), "members.csv", kind="members")
    assert "these columns say who" not in said
    assert 'value="phone" selected' in said


@pytest.mark.servers
@pytest.mark.django_db
def test_amount_and_name_stand_for_price_and_code(write: Write, import_file: Import) -> None:
    head = "订单号,会员号,下单时间,商品,数量,实付金额\n"
    rows = (
        "A1,1,2026-01-02,面霜,3,¥100.00\n"
        "A2,1,2026-01-03,面霜,-1,33.00\n"
        "A3,1,2026-01-03,面霜,0,33.00\n"
        "A4,1,2026-01-03,面霜,1000,999.99\n"
        "A5,1,2026-01-03,,1,5\n"
        f"A6,1,2026-01-03,{'霜' * 65},1,5\n"
    )
    job = import_file("purchases", write(head + rows))
    assert list(PurchaseLine.objects.order_by("line_at").values_list("product__code", "unit_price", "amount")) == [
        ("面霜", Decimal("33.3333"), Decimal("100.00")),
        ("面霜", Decimal("33.0000"), Decimal("-33.00")),
    ]
    assert list(job.rejects.order_by("line").values_list("line", "column", "reason")) == [
        (4, 6, "no_unit_price"),
        (5, 6, "no_unit_price"),
        (6, 4, "missing_value"),
        (7, 4, "too_long"),
    ]


@pytest.mark.django_db
def test_every_fault_of_a_row_is_named_and_the_row_counts_once(marketer: Client) -> None:  # noqa: F811
    good, bad = ("A1", "1", "2026-01-02", "P1", "1", "10"), ("A2", "", "2026-13-02", "P1", "one", "#N/A")
    job = imported(marketer, table(good, bad).encode(), "a.csv")
    assert job.counts["rejected"] == {"no_customer": 1}
    assert (job.rejected_rows, job.rejects.count()) == (1, 4)
    address = f"/admin/intake/importjob/{job.pk}/"
    said = strip_tags(marketer.get(f"{address}change/").content.decode())
    for words in ("No customer", "Not a date", "Not a number", "#N/A"):
        assert words in said, words
    taken = b"".join(marketer.post(f"{address}rejects.csv").streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.reader(io.StringIO(taken)))
    assert len(rows) == 2
    assert rows[1][6:8] == ["3", "会员号; 日期; 数量; 单价"]
    assert rows[1][8].startswith("会员号: No customer; 日期: Not a date; 数量: Not a number; 单价: ")
