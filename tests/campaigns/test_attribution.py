"""Credit of orders: precedence, net of refunds, never twice, never more than there was; against an evaluator in Python."""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum

from campaigns.consumers import OrderCredits, ParticipationCredits, RebuiltCredits
from campaigns.models import Activity, Attribution
from campaigns.rules.intervals import Interval, of_sum, wilson
from campaigns.selectors.funnel import orders_by_rule, results_of
from campaigns.services.attribution import credit_everybody
from campaigns.services.facts import add_cost, take_back_cost
from campaigns.services.harvest import harvest
from loyalty.services.coupons import claim, redeem
from members.models import Member
from tests.campaigns import activities as cast
from tests.campaigns.activities import DAY, HOUR, NOW
from tests.loyalty import offers
from tests.timeline.facts import settle
from timeline.models import Purchase
from timeline.services import PurchaseLineIn, follow, make_months, record_purchases

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _months() -> None:
    make_months(today=NOW.date())


def buy(
    member: Member, order_no: str, at: datetime, price: int = 100, *, code: str = "", coupon: str = "",
    quantity: int = 1,
) -> None:  # fmt: skip
    record_purchases(
        rows=[
            PurchaseLineIn(
                line_no=1,
                member_id=member.pk,
                source="shop",
                order_no=order_no,
                line_at=at,
                product_code="P",
                quantity=Decimal(quantity),
                unit_price=Decimal(price),
                referral_code=code,
                coupon_code=coupon,
            )
        ],
        now=at,
    )


def recompute() -> None:
    credit_everybody(by=None, now=NOW)


def test_order_within_the_window_is_the_latest_activitys() -> None:
    her, other = cast.people(2)
    first, second = cast.running(), cast.running(window_days=2)
    cast.take_part(first, [her], NOW + HOUR)
    cast.take_part(second, [her], NOW + 2 * HOUR)
    buy(her, "A1", NOW + DAY)
    buy(her, "A2", NOW + 3 * DAY)
    buy(her, "A3", NOW + 9 * DAY)
    buy(her, "A0", NOW + HOUR / 2)
    buy(other, "B1", NOW + DAY)
    recompute()
    assert cast.credited() == [("A1", second.pk, "window", 100), ("A2", first.pk, "window", 100)]


def test_code_goes_before_window_and_coupon_before_both() -> None:
    (her,) = cast.people(1)
    coupon = offers.live()
    by_window, by_code = cast.running(), cast.running(codes=("JUBILEE",))
    by_coupon = cast.running(coupons=(coupon.pk,))
    cast.take_part(by_window, [her], NOW + HOUR)
    given = claim(coupon=coupon, member=her, by=None, now=NOW + HOUR)
    for order_no in ("A1", "A2"):
        buy(her, order_no, NOW + DAY, 200, code="JUBILEE")
    redeem(
        code=offers.code_of(given.grant_id), member=her, order_no="A2", amount=Decimal(200), store=None, by=None,
        now=NOW + DAY,
    )  # fmt: skip
    recompute()
    assert cast.credited() == [("A1", by_code.pk, "code", 200), ("A2", by_coupon.pk, "coupon", 200)]
    assert [(str(rule), count) for rule, count, _sum in orders_by_rule(by_coupon)] == [("coupon", 1)]


def test_claims_and_entries_of_its_offers_take_part() -> None:
    her, other = cast.people(2)
    outside = cast.people(1, "抖音")[0]
    coupon = offers.live()
    claim(coupon=coupon, member=other, by=None, now=NOW - HOUR)
    activity = cast.running(coupons=(coupon.pk,))
    for member in (her, outside):
        claim(coupon=coupon, member=member, by=None, now=NOW + HOUR)
    assert (harvest(activity, now=NOW + 2 * HOUR), harvest(activity, now=NOW + 2 * HOUR)) == (2, 0)
    facts = results_of([activity])[activity.pk].facts
    assert (facts.audience, facts.took_part, facts.outside) == (2, 1, 1)


def test_refund_counts_against_its_order() -> None:
    (her,) = cast.people(1)
    activity = cast.running()
    cast.take_part(activity, [her], NOW + HOUR)
    buy(her, "A1", NOW + DAY, 100, quantity=3)
    buy(her, "A1", NOW + 2 * DAY, 100, quantity=-1)
    buy(her, "ZZ", NOW + 2 * DAY, 70, quantity=-1)
    recompute()
    assert cast.credited() == [("A1", activity.pk, "window", 200)]
    buy(her, "A1", NOW + 20 * DAY, 200, quantity=-1)
    recompute()
    assert cast.credited() == [("A1", activity.pk, "window", 0)]


def test_order_has_one_credit_in_the_database_too() -> None:
    (her,) = cast.people(1)
    activity, other = cast.running(), cast.running()
    cast.take_part(activity, [her], NOW + HOUR)
    buy(her, "A1", NOW + DAY)
    recompute()
    held = Attribution.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Attribution.objects.create(
            purchase_id=held.purchase_id, activity=other, member=her, order_no="A1", rule="code",
            occurred_at=held.occurred_at, amount=1, refunded=0,
        )  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        Attribution.objects.update(refunded=1)


@dataclass(frozen=True)
class Bought:
    member: int
    order_no: str
    at: datetime
    amount: int
    code: str


def expected(
    orders: Iterable[Bought], refunds: dict[str, int], took: list[tuple[int, int, datetime]],
    activities: dict[int, tuple[datetime, int, str]],
) -> list[tuple[str, int, str, Decimal]]:  # fmt: skip
    """The rule in plain Python: code before window, the latest participation wins."""
    found = []
    for order in orders:
        by_code = [key for key, (start, _days, code) in activities.items() if code == order.code and order.at >= start]
        within = [
            (at, key)
            for key, member, at in took
            if member == order.member and at <= order.at < at + timedelta(days=activities[key][1])
        ]
        chosen = (by_code[0], "code") if by_code else (max(within)[1], "window") if within else None
        if chosen:
            found.append((order.order_no, *chosen, Decimal(order.amount - refunds.get(order.order_no, 0))))
    return sorted(found)


@pytest.mark.parametrize("seed", range(4))
def test_credit_is_what_an_evaluator_in_python_says_and_never_above_revenue(seed: int) -> None:
    draw = random.Random(seed)
    members = cast.people(4)
    activities: dict[int, tuple[datetime, int, str]] = {}
    rows: dict[int, Activity] = {}
    for number in range(3):
        days = draw.randint(1, 6)
        row = cast.running(window_days=days, codes=(f"CODE{number}",), ends_at=NOW + 60 * DAY)
        rows[row.pk], activities[row.pk] = row, (NOW, days, f"CODE{number}")
    took: list[tuple[int, int, datetime]] = []
    for _each in range(40):
        member, key, hours = draw.choice(members), draw.choice(list(rows)), draw.randint(0, 120)
        at = NOW + timedelta(hours=hours, seconds=draw.randint(0, 3599))
        cast.take_part(rows[key], [member], at)
        took.append((key, member.pk, at))
    assert len({(key, member, (at + 8 * HOUR).date()) for key, member, at in took}) < len(took)
    orders, refunds = [], {}
    for number in range(40):
        member, hours = draw.choice(members), draw.randint(-48, 300)
        order = Bought(
            member.pk, f"O{number:02}", NOW + timedelta(hours=hours, seconds=7), draw.randint(1, 900),
            draw.choice(["", "", "", "CODE0", "CODE2", "OTHER"]),
        )  # fmt: skip
        orders.append(order)
        buy(member, order.order_no, order.at, order.amount, code=order.code)
        if draw.random() < 0.25 and hours >= 0:
            refunds[order.order_no] = draw.randint(1, order.amount)
            buy(member, order.order_no, order.at + HOUR, refunds[order.order_no], quantity=-1)
    recompute()
    assert cast.credited() == expected(orders, refunds, took, activities)
    credited = Attribution.objects.aggregate(net=Sum("net"))["net"] or 0
    revenue = Purchase.objects.filter(occurred_at__gte=NOW).aggregate(net=Sum("amount"))["net"] or 0
    assert credited <= revenue
    before = cast.credited()
    recompute()
    assert cast.credited() == before


@pytest.mark.django_db(transaction=True)
def test_followers_come_to_the_same_in_any_order_of_facts() -> None:
    her, late = cast.people(2)
    activity = cast.running()
    consumers = (OrderCredits(), ParticipationCredits(), RebuiltCredits())
    for consumer in consumers:
        settle()
        follow(consumer, now=NOW)
    cast.take_part(activity, [her], NOW + HOUR)
    buy(her, "A1", NOW + DAY)
    buy(late, "B1", NOW + DAY)
    settle()
    for consumer in consumers:
        follow(consumer, now=NOW)
    assert [row[0] for row in cast.credited()] == ["A1"]
    cast.take_part(activity, [late], NOW + HOUR)
    buy(her, "A1", NOW + 2 * DAY, 40, quantity=-1)
    settle()
    for consumer in consumers:
        follow(consumer, now=NOW)
    assert cast.credited() == [("A1", activity.pk, "window", 60), ("B1", activity.pk, "window", 100)]


def test_funnel_counts_people_money_and_how_sure_it_is() -> None:
    members = cast.people(10)
    activity = cast.running()
    cast.take_part(activity, members[:4], NOW + HOUR)
    cast.take_part(activity, members[:2], NOW + DAY)
    buy(members[0], "A1", NOW + DAY, 300)
    buy(members[0], "A2", NOW + DAY, 50)
    recompute()
    cost = add_cost(activity=activity, kind="media", amount=Decimal(70), day=NOW.date(), by=None, now=NOW)
    results = results_of([activity])[activity.pk]
    facts = results.facts
    assert (facts.audience, facts.took_part, facts.buyers, facts.orders) == (10, 4, 1, 2)
    assert (facts.revenue, facts.cost, results.order_value) == (350, 70, 175)
    shown = {str(name): (rate.value, rate.state) for name, rate in results.rates.items()}
    assert shown == {"participation": (0.4, "good"), "conversion": (0.25, "good"), "roi": (5.0, "good")}
    take_back_cost(cost=cost, reason="记错了", by=None, now=NOW)
    assert results_of([activity])[activity.pk].rates["roi"].value is None
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM campaigns_participation")
        assert cursor.fetchone() == (6,)


def test_intervals_are_those_of_the_books() -> None:
    low, high = wilson(8, 40) or Interval(0, 0)
    assert (round(low, 4), round(high, 4)) == (0.105, 0.3476)
    assert wilson(0, 0) is None
    assert wilson(0, 5) == pytest.approx((0, 0.4345), abs=1e-4)
    assert of_sum(300, 10_000) == pytest.approx((104.0036, 495.9964), abs=1e-3)
