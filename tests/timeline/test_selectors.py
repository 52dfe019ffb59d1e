"""What a member page reads of the timeline."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Region, Store
from members.models import Member
from tests.timeline.facts import AT, NOW, act, buy
from timeline.selectors import EntryKind, Mark, SpendMonth, Totals, member_timeline, spending
from timeline.services import TouchIn, record_touches

pytestmark = [pytest.mark.servers, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _shanghai(settings: Any) -> None:
    settings.TIME_ZONE = "Asia/Shanghai"


@pytest.fixture
def member() -> Member:
    return Member.objects.create()


def touch(member: Member, at: datetime, **values: Any) -> None:
    record_touches(rows=[TouchIn(line_no=1, member_id=member.pk, source="app", occurred_at=at, **values)], now=NOW)


def stream(member: Member, **values: Any) -> list[tuple[str, datetime]]:
    return [(entry.kind.value, entry.at) for entry in member_timeline(member, now=NOW, **values).entries]


def test_member_timeline_merges_what_happened_newest_first(member: Member) -> None:
    store = Store.objects.create(code="s", name="西湖店", region=Region.objects.create(code="r", name="r"))
    touch(member, AT - timedelta(days=2), code="KOC1", utm_source="red")
    act(member.pk, AT - timedelta(days=1), subject="秋季护肤指南")
    buy(member.pk, unit_price=5, product_code="Q", product_name="面霜", store_id=store.pk, coupon_code="NEW")
    buy(Member.objects.create().pk, "other")
    purchase, browse, origin = member_timeline(member, now=NOW).entries
    assert (purchase.kind, purchase.what, purchase.amount, purchase.store, purchase.coupon_code) == (
        "purchase",
        "order",
        Decimal("5.00"),
        "西湖店",
        "NEW",
    )
    assert [(line.code, line.name, line.quantity, line.amount) for line in purchase.lines] == [
        ("Q", "面霜", Decimal(1), Decimal(5))
    ]
    assert (browse.kind, browse.what, browse.subject, browse.lines) == ("interaction", "browse", "秋季护肤指南", ())
    assert (origin.kind, origin.code, origin.more) == ("touch", "KOC1", {"utm_source": "red"})


def test_member_timeline_goes_on_where_it_ended(member: Member) -> None:
    for minute in range(4):
        buy(member.pk, f"A{minute}", line_at=AT + timedelta(minutes=minute // 2))
        act(member.pk, AT + timedelta(minutes=minute // 2), subject=str(minute))
        touch(member, AT + timedelta(minutes=minute // 2), code=str(minute))
    whole = stream(member, limit=100)
    assert len(whole) == 12
    pieces, mark = [], None
    while True:
        page = member_timeline(member, now=NOW, before=mark, limit=5)
        pieces += [(entry.kind.value, entry.number) for entry in page.entries]
        if page.next is None:
            break
        mark = Mark.read(str(page.next))
        assert mark == page.next
    assert len(pieces) == len(set(pieces)) == 12
    assert pieces == [(entry.kind.value, entry.number) for entry in member_timeline(member, now=NOW, limit=100).entries]


def test_member_timeline_shows_the_kinds_that_are_asked_for(member: Member) -> None:
    buy(member.pk)
    act(member.pk, AT)
    assert stream(member, kinds=[EntryKind.PURCHASE]) == [("purchase", AT)]
    assert stream(member, kinds=[]) == []


def test_member_timeline_knows_no_future(member: Member) -> None:
    act(member.pk, NOW, NOW + timedelta(seconds=1))
    assert stream(member) == [("interaction", NOW)]


@pytest.mark.parametrize("text", ["", "x", "2026-01-01_1", "2026-01-01T00:00:00_1_1", "2026-01-01T00:00:00+00:00_a_1"])
def test_a_text_that_is_no_mark_is_none(text: str) -> None:
    assert Mark.read(text) is None


@pytest.mark.parametrize("orders", [1, 3])
def test_member_timeline_takes_three_queries(member: Member, orders: int) -> None:
    for number in range(orders):
        buy(member.pk, f"A{number}", store_id=1)
        act(member.pk, AT + timedelta(minutes=number))
    with CaptureQueriesContext(connection) as captured:
        member_timeline(member, now=NOW)
    assert len(captured) == 3


def test_member_timeline_reads_no_month_after_the_page_and_no_other_member(member: Member) -> None:
    buy(member.pk)
    with CaptureQueriesContext(connection) as captured:
        member_timeline(member, now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN " + captured[0]["sql"])
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Seq Scan" not in plan
    assert "timeline_purchase_202604" not in plan


def test_spend_curve_has_every_month(member: Member) -> None:
    buy(member.pk, "A1", unit_price=10, line_at=datetime(2026, 1, 31, 15, 59, tzinfo=UTC))
    buy(member.pk, "A2", unit_price=7, line_at=datetime(2026, 1, 31, 16, tzinfo=UTC))
    buy(member.pk, "A2", quantity=-1, unit_price=2, line_at=datetime(2026, 2, 10, tzinfo=UTC))
    buy(member.pk, "A0", unit_price=99, line_at=datetime(2025, 11, 1, tzinfo=UTC))
    buy(member.pk, "A9", unit_price=99, line_at=NOW)
    assert spending(member, now=NOW, months=4).months == [
        SpendMonth(date(2025, 12, 1), Decimal(0), 0),
        SpendMonth(date(2026, 1, 1), Decimal("10.00"), 1),
        SpendMonth(date(2026, 2, 1), Decimal("5.00"), 1),
        SpendMonth(date(2026, 3, 1), Decimal(0), 0),
    ]


def test_totals_are_net_and_gross(member: Member) -> None:
    buy(member.pk, "A1", unit_price=10)
    buy(member.pk, "A2", unit_price=5, line_at=AT + timedelta(days=1))
    buy(member.pk, "A2", quantity=-1, unit_price=3, line_at=AT + timedelta(days=2))
    found = spending(member, now=NOW).totals
    assert found == Totals(2, 1, Decimal("12.00"), Decimal("15.00"), AT, AT + timedelta(days=1))
    assert found.average_order == Decimal("7.50")


def test_totals_of_nothing(member: Member) -> None:
    found = spending(member, now=NOW).totals
    assert found == Totals(0, 0, Decimal(0), Decimal(0), None, None)
    assert found.average_order is None
