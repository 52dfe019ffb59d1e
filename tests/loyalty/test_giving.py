"""A coupon given to many at once: stock and limits hold, chance decides, the same act gives nobody two."""

import pytest
from django.db.models import QuerySet

from audit.models import AuditEntry
from loyalty.errors import CouponNotOpen
from loyalty.models import Coupon, CouponCode, CouponGrant
from loyalty.rules.source import Source
from loyalty.selectors.giving import GivingPlan, plan_of_giving
from loyalty.services.coupons import claim, generate_codes, give, giving, launch_coupon, pause_coupon
from members.models import Member
from tests.loyalty import offers
from tests.loyalty.offers import NOW

pytestmark = pytest.mark.django_db
KEY, SOURCE = "given:7", Source("given", 7)


def everybody(count: int = 0) -> QuerySet[Member]:
    Member.objects.bulk_create(Member(name=f"会员{number}") for number in range(count))
    return Member.objects.all()


def given(coupon: Coupon, members: QuerySet[Member]) -> GivingPlan:
    return give(coupon=coupon, members=members, source=SOURCE, key=KEY, by=None, now=NOW)


def test_everybody_gets_one_and_one_row_says_so() -> None:
    coupon, members = offers.live(valid_days=7), everybody(3)
    assert plan_of_giving(coupon=coupon, members=members, key=KEY) == GivingPlan(would=3)
    assert given(coupon, members) == GivingPlan(would=3)
    coupon.refresh_from_db()
    assert coupon.granted == 3
    rows = CouponGrant.objects.values_list("member_id", "ordinal", "key", "source_kind", "source_id", "valid_until")
    until = NOW + 7 * offers.DAY
    assert sorted(rows) == [(pk, 1, KEY, "given", 7, until) for pk in sorted(members.values_list("pk", flat=True))]
    assert len({offers.code_of(grant.pk) for grant in CouponGrant.objects.all()}) == 3
    entry = AuditEntry.objects.get(action="loyalty.give")
    assert (entry.object_id, entry.changes) == (str(coupon.pk), {"given": [None, 3], "source": [None, "given 7"]})


def test_same_act_again_gives_nobody_two() -> None:
    coupon, members = offers.live(per_member=5), everybody(2)
    given(coupon, members)
    everybody(1)
    assert given(coupon, members.all()) == GivingPlan(would=1, without={"had": 2})
    assert given(coupon, members.all()) == GivingPlan(would=0, without={"had": 3})
    assert CouponGrant.objects.count() == 3


def test_limit_of_a_member_holds_and_merged_ones_get_none() -> None:
    coupon, members = offers.live(), everybody(3)
    holder, merged, other = members.order_by("pk")
    claim(coupon=coupon, member=holder, by=None, now=NOW)
    Member.objects.filter(pk=merged.pk).update(merged_into=other)
    without = {"limit": 1, "merged": 1}
    assert plan_of_giving(coupon=coupon, members=members, key=KEY) == GivingPlan(would=1, without=without)
    assert given(coupon, members) == GivingPlan(would=1, without=without)
    assert list(CouponGrant.objects.filter(key=KEY).values_list("member_id", flat=True)) == [other.pk]


def test_what_a_merged_record_was_given_counts_for_her() -> None:
    coupon, members = offers.live(), everybody(3)
    stands, merged, other = members.order_by("pk")
    claim(coupon=coupon, member=merged, by=None, now=NOW)
    Member.objects.filter(pk=merged.pk).update(merged_into=stands)
    assert given(coupon, members) == GivingPlan(would=1, without={"limit": 1, "merged": 1})
    assert list(CouponGrant.objects.filter(key=KEY).values_list("member_id", flat=True)) == [other.pk]
    Member.objects.filter(pk=merged.pk).update(merged_into=None)
    without = {"limit": 1, "had": 1}
    assert plan_of_giving(coupon=coupon, members=members, key=KEY) == GivingPlan(would=1, without=without)


def test_second_one_of_hers_is_numbered() -> None:
    coupon, members = offers.live(per_member=2), everybody(1)
    claim(coupon=coupon, member=members.get(), by=None, now=NOW)
    given(coupon, members)
    assert sorted(CouponGrant.objects.values_list("ordinal", flat=True)) == [1, 2]


@pytest.mark.parametrize("lot", [1, 2, 10])
def test_stock_that_ends_half_way_is_given_out_to_the_last(lot: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(giving, "LOT", lot)
    coupon, members = offers.live(stock=5), everybody(8)
    said = GivingPlan(would=5, without={"exhausted": 3})
    assert plan_of_giving(coupon=coupon, members=members, key=KEY) == said
    assert given(coupon, members) == said
    coupon.refresh_from_db()
    assert (coupon.granted, CouponGrant.objects.count()) == (5, 5)
    rows = AuditEntry.objects.filter(action="loyalty.give").values_list("changes__given__1", flat=True)
    assert sum(rows) == 5


def test_codes_made_beforehand_are_given_to_the_last() -> None:
    coupon = offers.draft(code_source="generated")
    generate_codes(coupon=coupon, count=2, by=None, now=NOW)
    coupon = launch_coupon(coupon=offers.approved(coupon), by=None, now=NOW)
    assert given(coupon, everybody(3)) == GivingPlan(would=2, without={"exhausted": 1})
    assert set(CouponGrant.objects.values_list("code_id", flat=True)) == set(
        CouponCode.objects.values_list("pk", flat=True)
    )
    assert CouponCode.objects.filter(taken_at=None).count() == 0


def test_coupon_that_is_not_open_is_not_given() -> None:
    coupon, members = offers.live(), everybody(1)
    pause_coupon(coupon=coupon, reason="库存核对", by=None, now=NOW)
    coupon.refresh_from_db()
    with pytest.raises(CouponNotOpen):
        given(coupon, members)
    assert not CouponGrant.objects.exists()


def test_nobody_is_given_nothing() -> None:
    assert given(offers.live(), everybody()) == GivingPlan(would=0)
    assert not AuditEntry.objects.filter(action="loyalty.give").exists()
