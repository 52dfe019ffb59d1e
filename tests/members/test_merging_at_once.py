"""Merging beside other work: beside recording, and beside the opposite merge."""

from decimal import Decimal

import pytest
from django.db import connection

from members.errors import MergedAlready, MergeRefused, NotMerged, RecordsInUse
from members.models import Member, Merging
from members.services import merge_members, merging_lock, unmerge_member
from tests.compliance.people import EVENING, YEAR_AGO, member
from tests.rivals import rival, until, waiting_for_locks, workers
from timeline.models import Purchase
from timeline.services import PurchaseLineIn, make_months, record_purchases

pytestmark = pytest.mark.django_db(transaction=True)
SHARED = f"SELECT pg_advisory_xact_lock_shared({merging_lock.KEY})"
ALONE = f"SELECT pg_advisory_xact_lock({merging_lock.KEY})"


@pytest.fixture(autouse=True)
def _months() -> None:
    make_months(today=YEAR_AGO.date())


def merge(keep: Member, goes: Member) -> str:
    try:
        merge_members(keep=keep, merge=goes, by=None, reason="同一个人", now=EVENING)
    except MergeRefused as refused:
        return refused.code
    return "merged"


def unmerge(goes: Member) -> str:
    try:
        unmerge_member(member=Member.objects.get(pk=goes.pk), by=None, reason="其实是两个人", now=EVENING)
    except MergeRefused as refused:
        return refused.code
    return "unmerged"


def buy(who: Member) -> int:
    line = PurchaseLineIn(
        line_no=1,
        member_id=who.pk,
        source="shop",
        order_no="A1",
        line_at=YEAR_AGO,
        product_code="P",
        quantity=Decimal(1),
        unit_price=Decimal(1),
    )
    return record_purchases(rows=[line], now=EVENING).stored


def test_nobody_is_merged_while_orders_are_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merging_lock, "PATIENCE", "100ms")
    keep, goes = member(), member()
    with rival() as say:
        say(SHARED)
        assert buy(keep) == 1, "others record beside it"
        with pytest.raises(RecordsInUse):
            merge(keep, goes)
        say("COMMIT")
    assert merge(keep, goes) == "merged"
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() != ("100ms",), "the next one waits as long as ever"


def test_orders_wait_for_a_merge_and_are_recorded_for_whom_it_leads_to() -> None:
    keep, goes = member(), member()
    buy(goes)
    with workers(1) as start, rival() as say:
        say(ALONE)
        waiting = start(buy, who=goes)
        until(lambda: waiting_for_locks() == 1)
        say("UPDATE members_member SET merged_into_id = %s WHERE id = %s", [keep.pk, goes.pk])
        say("COMMIT")
        assert waiting.result(10) == 0
    assert Purchase.objects.get().member_id == goes.pk


def test_of_two_opposite_merges_one_is_done() -> None:
    one, other = member(), member()
    with workers(2) as start, rival() as say:
        say(ALONE)
        waiting = [start(merge, keep=keep, goes=goes) for keep, goes in ((one, other), (other, one))]
        until(lambda: waiting_for_locks() == 2)
        say("COMMIT")
        assert sorted(each.result(10) for each in waiting) == ["merged", MergedAlready.code]
    assert Member.objects.filter(merged_into=None).count() == 1


def test_of_two_who_merge_the_same_record_at_once_one_does() -> None:
    """Each into another: the second one is told, and nothing of hers is done."""
    goes, one, other = member(), member(), member()
    with workers(2) as start, rival() as say:
        say(ALONE)
        waiting = [start(merge, keep=keep, goes=goes) for keep in (one, other)]
        until(lambda: waiting_for_locks() == 2)
        say("COMMIT")
        assert sorted(each.result(10) for each in waiting) == ["merged", MergedAlready.code]
    (done,) = Merging.objects.all()
    assert Member.objects.get(pk=goes.pk).merged_into_id == done.into_id


def test_of_two_who_take_the_same_merge_back_at_once_one_does() -> None:
    keep, goes = member(), member()
    merge(keep, goes)
    with workers(2) as start, rival() as say:
        say(ALONE)
        waiting = [start(unmerge, goes=goes) for _each in range(2)]
        until(lambda: waiting_for_locks() == 2)
        say("COMMIT")
        assert sorted(each.result(10) for each in waiting) == [NotMerged.code, "unmerged"]
    assert Merging.objects.get().undone_at == EVENING
