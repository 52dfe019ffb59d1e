"""A coupon's life: reviewed before it lives, changed in members' favour only, ended in time."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from audit.models import AuditEntry
from compliance.models import Review
from compliance.services.reviews import send_back
from loyalty.errors import (
    CodesNotTaken,
    CouponInvalid,
    NothingToGive,
    OfferStateWrong,
    ReasonNeeded,
    SettingsInvalid,
    TextNotApproved,
    WorseForMembers,
)
from loyalty.models import Coupon, CouponCode, OfferSettings
from loyalty.rules.terms import exposure_of
from loyalty.services.coupons import (
    claim,
    end_coupon,
    end_due_coupons,
    generate_codes,
    import_codes,
    launch_coupon,
    pause_coupon,
    redeem,
    update_coupon,
)
from loyalty.services.settings import change_offer_settings
from tests import api
from tests.loyalty import offers
from tests.loyalty.offers import DAY, NOW, terms

pytestmark = pytest.mark.django_db


def change(coupon: Coupon, **values: Any) -> Coupon:
    return update_coupon(coupon=coupon, terms=terms(**values), by=offers.author(), now=NOW)


def test_nothing_goes_live_unreviewed() -> None:
    coupon = offers.draft()
    with pytest.raises(TextNotApproved):
        launch_coupon(coupon=coupon, by=None, now=NOW)
    coupon = launch_coupon(coupon=offers.approved(coupon), by=None, now=NOW)
    assert (coupon.state, coupon.launched_at) == ("live", NOW)


def test_text_that_changes_or_is_returned_stops_the_coupon() -> None:
    coupon = change(offers.live(), terms="仅限门店使用。")
    assert coupon.state == "paused"
    with pytest.raises(TextNotApproved):
        launch_coupon(coupon=coupon, by=None, now=NOW)
    coupon = launch_coupon(coupon=offers.approved(coupon), by=None, now=NOW)
    send_back(review=Review.objects.get(), reason="条件不清", by=offers.legal(), now=NOW)
    coupon.refresh_from_db()
    assert coupon.state == "paused"
    assert AuditEntry.objects.filter(action="loyalty.pause_coupon", actor_type="system").count() == 2


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"amount": Decimal(19)}, "amount"),
        ({"min_spend": Decimal(101)}, "min_spend"),
        ({"stock": 49}, "stock"),
        ({"ends_at": NOW + 29 * DAY}, "ends_at"),
        ({"starts_at": NOW}, "starts_at"),
        ({"valid_days": 7}, "valid_days"),
        ({"kind": "percent", "percent": 50}, "kind"),
        ({"stacking": "groups", "stack_group": "a"}, "stacking"),
    ],
)
def test_after_the_start_nothing_gets_worse(values: dict[str, Any], field: str) -> None:
    coupon = offers.live(per_member=2)
    with pytest.raises(WorseForMembers) as refused:
        change(coupon, **{"per_member": 2, **values})
    assert field in refused.value.fields
    with pytest.raises(WorseForMembers) as refused:
        change(coupon, per_member=1)
    assert list(refused.value.fields) == ["per_member"]


@pytest.mark.parametrize(
    "values",
    [
        {"amount": Decimal(30)},
        {"min_spend": Decimal(80)},
        {"stock": 51},
        {"stock": None},
        {"ends_at": NOW + 31 * DAY},
        {"per_member": 2},
    ],
)
def test_after_the_start_things_may_get_better(values: dict[str, Any]) -> None:
    coupon = change(offers.live(), **values)
    assert {name: getattr(coupon, name) for name in values} == values
    assert coupon.state == "live"


def test_draft_changes_freely_and_ended_not_at_all() -> None:
    coupon = change(offers.draft(), amount=Decimal(5), stock=1)
    assert (coupon.amount, coupon.stock) == (Decimal(5), 1)
    live = launch_coupon(coupon=offers.approved(coupon), by=None, now=NOW)
    coupon = end_coupon(coupon=live, reason="活动取消", by=None, now=NOW)
    for act in (
        lambda: change(coupon, stock=99),
        lambda: launch_coupon(coupon=coupon, by=None, now=NOW),
        lambda: pause_coupon(coupon=coupon, reason="库存核对", by=None, now=NOW),
        lambda: end_coupon(coupon=coupon, reason="活动取消", by=None, now=NOW),
    ):
        with pytest.raises(OfferStateWrong):
            act()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": " "}, "name"),
        ({"kind": "cash"}, "kind"),
        ({"amount": None}, "amount"),
        ({"amount": Decimal(0)}, "amount"),
        ({"amount": Decimal(101)}, "amount"),
        ({"kind": "percent", "percent": 101}, "percent"),
        ({"kind": "percent", "percent": 10, "most": Decimal(0)}, "most"),
        ({"kind": "gift", "gift": ""}, "gift"),
        ({"stock": 0}, "stock"),
        ({"per_member": 0}, "per_member"),
        ({"min_spend": Decimal(-1)}, "min_spend"),
        ({"ends_at": NOW - DAY}, "ends_at"),
        ({"valid_days": 0}, "valid_days"),
        ({"stacking": "groups"}, "stack_group"),
        ({"stacking": "?"}, "stacking"),
        ({"code_source": "?"}, "code_source"),
    ],
)
def test_rules_that_contradict_are_said_by_field(values: dict[str, Any], field: str) -> None:
    with pytest.raises(CouponInvalid) as refused:
        offers.draft(**values)
    assert list(refused.value.fields) == [field]
    assert not Coupon.objects.exists()


def test_nothing_to_give_is_said() -> None:
    empty = offers.approved(offers.draft(code_source="generated"))
    with pytest.raises(NothingToGive):
        launch_coupon(coupon=empty, by=None, now=NOW)
    over = offers.approved(offers.draft())
    with pytest.raises(NothingToGive):
        launch_coupon(coupon=over, by=None, now=over.ends_at)


def test_coupons_end_when_their_time_is_over() -> None:
    coupon = offers.live()
    assert end_due_coupons(now=coupon.ends_at - timedelta(seconds=1)) == 0
    assert end_due_coupons(now=coupon.ends_at) == 1
    coupon.refresh_from_db()
    assert coupon.state == "ended"
    assert end_due_coupons(now=coupon.ends_at) == 0


def test_exposure_is_the_most_that_it_can_cost() -> None:
    assert exposure_of(terms(stock=50)).total == Decimal(1000)
    assert exposure_of(terms(stock=None)).total is None
    assert exposure_of(terms(kind="percent", percent=20)).total is None
    assert exposure_of(terms(kind="percent", percent=20, most=Decimal(30))).total == Decimal(1500)
    assert exposure_of(terms(kind="gift", gift="x", gift_cost=Decimal("1.50"))).total == Decimal(75)


def test_codes_are_taken_for_their_own_kind_only() -> None:
    generated, claimed = offers.draft(code_source="generated"), offers.draft()
    for count in (0, 100_001):
        with pytest.raises(CodesNotTaken):
            generate_codes(coupon=generated, count=count, by=None, now=NOW)
    with pytest.raises(OfferStateWrong):
        generate_codes(coupon=claimed, count=1, by=None, now=NOW)
    with pytest.raises(OfferStateWrong):
        import_codes(coupon=generated, texts=["ABCD1234"], by=None, now=NOW)
    imported = offers.draft(code_source="imported")
    for texts in ([], ["ABC"], ["好券一张"], ["GOOD-1", "x" * 65]):
        with pytest.raises(CodesNotTaken):
            import_codes(coupon=imported, texts=texts, by=None, now=NOW)
    assert not CouponCode.objects.exists()
    assert User.objects.count() == 1


@pytest.mark.parametrize("stop", [pause_coupon, end_coupon])
@pytest.mark.parametrize("reason", ["", "  ", "长" * 301])
def test_offer_is_not_taken_from_members_without_a_reason(stop: Callable[..., Coupon], reason: str) -> None:
    coupon = offers.live()
    with pytest.raises(ReasonNeeded):
        stop(coupon=coupon, reason=reason, by=offers.author(), now=NOW)
    coupon.refresh_from_db()
    assert coupon.state == "live"
    stop(coupon=coupon, reason="供应商停产", by=offers.author(), now=NOW)
    action = f"loyalty.{stop.__name__}"
    assert AuditEntry.objects.get(action=action).reason == "供应商停产"


def test_what_was_claimed_can_be_used_after_the_end() -> None:
    coupon, member = offers.live(), api.member()
    claimed = claim(coupon=coupon, member=member, by=None, now=NOW)
    end_coupon(coupon=coupon, reason="活动取消", by=offers.author(), now=NOW)
    used = redeem(
        code=offers.code_of(claimed.grant_id),
        member=member,
        order_no="A1",
        amount=Decimal(300),
        store=None,
        by=None,
        now=NOW,
    )
    assert used.new is True


def test_cap_of_a_prize_is_never_above_the_law() -> None:
    with pytest.raises(SettingsInvalid) as refused:
        change_offer_settings(values={"prize_cap": Decimal("50000.01")}, reason="大奖", by=None, now=NOW)
    assert list(refused.value.fields) == ["prize_cap"]
    with pytest.raises(IntegrityError), transaction.atomic():
        OfferSettings.objects.update(prize_cap=60_000)
    change_offer_settings(values={"prize_cap": Decimal(50_000)}, reason="法定上限", by=None, now=NOW)
