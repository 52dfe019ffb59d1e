"""Credit by coupons follows their uses: the same as counting everything anew, whatever came first and committed last."""

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import connection, transaction

from campaigns.consumers import CouponCredits, OrderCredits
from campaigns.models import Activity
from campaigns.rules.credit_sql import TOUCHED_BY_USES
from campaigns.services.activities import change_activity, plan_of
from campaigns.services.attribution import credit_asked, credit_everybody
from campaigns.services.running import launch
from core.errors import ScrmError
from loyalty.models import Coupon, CouponRedemption
from loyalty.rules.source import GIVEN, Source
from loyalty.services.coupons import claim, give, redeem, release
from members.models import Member
from tests.campaigns import activities as cast
from tests.campaigns.activities import DAY, HOUR, NOW, author
from tests.campaigns.test_attribution import buy
from tests.loyalty import offers
from tests.rivals import rival
from tests.timeline.facts import settle
from timeline.services import follow, follow_all, make_months

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _months() -> None:
    make_months(today=NOW.date())


def held(member: Member, coupon: Coupon) -> str:
    """The code of one that she has claimed."""
    return offers.code_of(claim(coupon=coupon, member=member, by=None, now=NOW + HOUR).grant_id)


def use(member: Member, code: str, order_no: str) -> None:
    redeem(code=code, member=member, order_no=order_no, amount=Decimal(200), store=None, by=None, now=NOW + DAY)


def give_back(code: str, order_no: str) -> None:
    release(code=code, order_no=order_no, by=None, now=NOW + 2 * DAY, reason="退货")


def followed(*consumers: CouponCredits | OrderCredits) -> list[tuple[str, int, str, Decimal]]:
    settle()
    for consumer in consumers or (CouponCredits(),):
        follow(consumer, now=NOW)
    return cast.credited()


def grown(activity: Activity, coupon: Coupon) -> None:
    activity.refresh_from_db()
    plan = plan_of(activity)
    plan = replace(plan, coupons=(*plan.coupons, coupon.pk))
    change_activity(activity=activity, plan=plan, by=author(), now=NOW + 2 * DAY)


def touched() -> list[int]:
    """Members whose orders would be computed anew if every use was told of now."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.campaigns_touched")
        cursor.execute(TOUCHED_BY_USES.format(batch="loyalty_couponredemption"))
        cursor.execute("SELECT member_id FROM campaigns_touched")
        return [number for (number,) in cursor.fetchall()]


def test_coupon_used_or_given_back_later_changes_the_credit() -> None:
    (her,) = cast.people(1)
    coupon = offers.live()
    activity, code = cast.running(coupons=(coupon.pk,)), held(her, coupon)
    buy(her, "A1", NOW + DAY, 200)
    assert followed(OrderCredits(), CouponCredits()) == []
    use(her, code, "A1")
    assert followed() == [("A1", activity.pk, "coupon", 200)]
    give_back(code, "A1")
    assert followed() == []
    use(her, code, "A2")
    buy(her, "A2", NOW + DAY, 300)
    assert followed(OrderCredits(), CouponCredits()) == [("A2", activity.pk, "coupon", 300)]


def test_coupon_whose_order_never_comes_touches_nobody() -> None:
    (her,) = cast.people(1)
    coupon = offers.live()
    activity = cast.running(coupons=(coupon.pk,))
    use(her, held(her, coupon), "A1")
    assert (followed(OrderCredits(), CouponCredits()), touched()) == ([], [])
    buy(her, "A1", NOW + DAY, 200)
    assert touched() == [her.pk]
    assert followed(OrderCredits()) == [("A1", activity.pk, "coupon", 200)]
    assert touched() == []


def test_use_that_commits_after_the_follower_has_passed_is_not_lost() -> None:
    first, second = cast.people(2)
    coupon = offers.live()
    activity = cast.running(coupons=(coupon.pk,))
    codes = [held(member, coupon) for member in (first, second)]
    for number, member in enumerate((first, second), 1):
        buy(member, f"A{number}", NOW + DAY, 200)
    with rival() as say:
        say("UPDATE accounts_user SET display_name = display_name")  # it has a number before the next has one
        use(first, codes[0], "A1")
        assert follow(CouponCredits(), now=NOW) == 0
        say(
            "INSERT INTO loyalty_couponredemption (grant_id, member_id, order_no, amount, stack_group, redeemed_at)"
            f" SELECT id, member_id, 'A2', 200, '', '{NOW + DAY}' FROM loyalty_coupongrant WHERE member_id = {second.pk}"
        )
        assert follow(CouponCredits(), now=NOW) == 0
        say("COMMIT")
    assert followed() == [(f"A{number}", activity.pk, "coupon", 200) for number in (1, 2)]


def test_giving_back_that_commits_late_is_not_lost() -> None:
    first, second = cast.people(2)
    coupon = offers.live()
    activity = cast.running(coupons=(coupon.pk,))
    codes = [held(member, coupon) for member in (first, second)]
    for number, (member, code) in enumerate(zip((first, second), codes, strict=True), 1):
        buy(member, f"A{number}", NOW + DAY, 200)
        use(member, code, f"A{number}")
    assert len(followed()) == 2
    with rival() as say:
        say(f"UPDATE loyalty_couponredemption SET released_at = '{NOW}' WHERE order_no = 'A2'")
        give_back(codes[0], "A1")
        assert follow(CouponCredits(), now=NOW) == 0
        say("COMMIT")
    assert followed() == []
    assert activity.attributions.count() == 0


def test_use_that_is_changed_by_any_statement_is_seen_again() -> None:
    (her,) = cast.people(1)
    use(her, held(her, offers.live()), "A1")
    before = CouponRedemption.objects.get().xid
    CouponRedemption.objects.update(released_at=NOW)
    assert CouponRedemption.objects.get().xid > before


def test_coupon_that_joins_late_brings_its_uses_also_of_those_to_whom_it_was_given() -> None:
    first, second, early = cast.people(3)
    late = offers.live()
    given = Source(GIVEN, 1)
    give(coupon=late, members=Member.objects.filter(pk=first.pk), source=given, key="x", by=None, now=NOW + HOUR)
    use(first, offers.code_of(first.coupons.get().pk), "A1")
    use(second, held(second, late), "A2")
    use(early, held(early, late), "A0")
    activity = cast.running()
    for number, member in enumerate((first, second), 1):
        buy(member, f"A{number}", NOW + DAY, 200)
    buy(early, "A0", NOW - DAY, 200)
    assert followed(OrderCredits(), CouponCredits()) == []
    grown(activity, late)
    assert credit_asked() == 2
    assert cast.credited() == [(f"A{number}", activity.pk, "coupon", 200) for number in (1, 2)]


def test_order_that_is_told_of_while_an_activity_starts_is_credited_after_the_start() -> None:
    (her,) = cast.people(1)
    coupon = offers.live()
    activity = cast.approved(cast.draft(coupons=(coupon.pk,), codes=("JUBILEE",)))
    use(her, held(her, coupon), "A1")
    buy(her, "A1", NOW + HOUR, 200)
    buy(her, "A2", NOW + HOUR, 100, code="jubilee")
    assert followed(OrderCredits(), CouponCredits()) == []
    launch(activity=activity, by=author(), now=NOW)
    assert credit_asked() == 2
    assert cast.credited() == [("A1", activity.pk, "coupon", 200), ("A2", activity.pk, "code", 100)]


def _acts(dice: random.Random, people: list[Member], coupons: list[Coupon]) -> list[Callable[[], None]]:
    """Everything that can happen to coupons and orders of a few members, each as something that may be refused."""
    codes: list[tuple[Member, str]] = []

    def take() -> None:
        member = dice.choice(people)
        codes.append((member, held(member, dice.choice(coupons))))

    def spend() -> None:
        member, code = dice.choice(codes)
        use(member, code, f"{member.pk}-{dice.randint(1, 4)}")

    def undo() -> None:
        member, code = dice.choice(codes)
        give_back(code, f"{member.pk}-{dice.randint(1, 4)}")

    def order() -> None:
        member = dice.choice(people)
        at = NOW + dice.choice((-DAY, HOUR, DAY, 2 * DAY))
        code = dice.choice(("", "", "JUBILEE"))
        buy(member, f"{member.pk}-{dice.randint(1, 4)}", at, dice.randint(1, 900), code=code)

    def step() -> None:
        settle()
        dice.choice((lambda: follow_all(now=NOW), credit_asked))()

    return [take, take, spend, spend, undo, order, order, step]


@pytest.mark.parametrize("seed", range(6))
def test_whatever_came_first_the_credits_are_those_of_counting_anew(seed: int) -> None:
    dice = random.Random(seed)
    people = cast.people(3)
    coupons = [offers.live(per_member=9, stacking="groups", stack_group=str(number)) for number in range(4)]
    cast.running(coupons=(coupons[0].pk,), codes=("JUBILEE",))
    second = cast.running(coupons=(coupons[1].pk,))
    waiting = cast.approved(cast.draft(coupons=(coupons[2].pk,)))
    acts = _acts(dice, people, coupons)
    for number in range(60):
        if number == 25:
            grown(second, coupons[3])
        if number == 40:
            launch(activity=waiting, by=author(), now=NOW)
        with suppress(ScrmError, IndexError):
            dice.choice(acts)()
    for _turn in range(2):
        settle()
        follow_all(now=NOW)
        credit_asked()
    found = cast.credited()
    credit_everybody(by=None, now=NOW)
    assert found == cast.credited()
    assert {rule for _order, _activity, rule, _net in found} >= {"coupon"}
