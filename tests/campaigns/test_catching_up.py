"""What joins a running activity late counts from its start; an end that is written late, when it was."""

from dataclasses import replace
from datetime import datetime

import pytest

from campaigns.consumers import ParticipationActs
from campaigns.models import Activity, Participation, TrackedLink
from campaigns.services import running
from campaigns.services.activities import change_activity, plan_of
from campaigns.services.attribution import credit_asked, credit_everybody
from campaigns.services.facts import is_within
from campaigns.services.harvest import harvest, harvest_all
from campaigns.services.links import allow_host, create_link
from loyalty.models import CouponCode
from loyalty.selectors.codes import code_of_place
from loyalty.services.coupons import claim, generate_codes
from loyalty.services.draws import enter
from tests.campaigns import activities as cast
from tests.campaigns.activities import DAY, HOUR, NOW, author
from tests.campaigns.test_attribution import buy
from tests.loyalty import offers
from tests.timeline.facts import settle
from timeline.models import Interaction
from timeline.services import follow, follow_all, make_months

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _months() -> None:
    make_months(today=NOW.date())


def grown(activity: Activity, hours: int, **more: tuple[object, ...]) -> Activity:
    activity.refresh_from_db()
    plan = replace(plan_of(activity), **more)  # type: ignore[arg-type]  # codes, coupons or draws
    return change_activity(activity=activity, plan=plan, by=author(), now=NOW + hours * HOUR)


def test_latest_of_several_participations_on_a_day_wins() -> None:
    (her,) = cast.people(1)
    first, second = cast.running(), cast.running()
    cast.take_part(first, [her], NOW + HOUR / 4)
    cast.take_part(second, [her], NOW + HOUR)
    cast.take_part(first, [her], NOW + 2 * HOUR)
    assert cast.take_part(first, [her], NOW + 2 * HOUR) == 0
    for number, hours in enumerate((0.5, 1.5, 3)):
        buy(her, f"A{number}", NOW + hours * HOUR)
    credit_everybody(by=None, now=NOW + 4 * HOUR)
    assert [row[1] for row in cast.credited()] == [first.pk, second.pk, first.pk]


def test_code_that_joins_late_takes_the_orders_that_carry_it() -> None:
    (her,) = cast.people(1)
    activity = cast.running()
    buy(her, "A0", NOW - HOUR, code="LATE")
    buy(her, "A1", NOW + HOUR, code="LATE")
    assert credit_asked() == 0
    grown(activity, 2, codes=("LATE",))
    assert (credit_asked(), credit_asked()) == (1, 0)
    assert cast.credited() == [("A1", activity.pk, "code", 100)]
    activity.refresh_from_db()
    assert activity.credit_asked_at is None


def test_link_made_late_has_the_orders_that_carry_it_credited() -> None:
    (her,) = cast.people(1)
    activity = cast.running()
    allow_host(host="shop.example.com", by=author(), now=NOW)
    made = create_link(name="海报", target="https://shop.example.com/a", activity=activity, by=author(), now=NOW + DAY)
    TrackedLink.objects.filter(pk=made.pk).update(code="poster1")
    buy(her, "A1", NOW + HOUR, code="poster1")
    assert credit_asked() == 1
    assert cast.credited() == [("A1", activity.pk, "code", 100)]


def test_coupon_that_joins_late_brings_its_claims() -> None:
    (her,) = cast.people(1)
    first, late = offers.live(), offers.live()
    activity = cast.running(coupons=(first.pk,))
    claim(coupon=late, member=her, now=NOW + HOUR, by=None)
    harvest_all(now=NOW + 5 * HOUR)
    grown(activity, 5, coupons=(first.pk, late.pk))
    harvest_all(now=NOW + 6 * HOUR)
    assert [row.occurred_at for row in Participation.objects.all()] == [NOW + HOUR]


def test_end_that_is_written_late_counts_when_it_was() -> None:
    (her,) = cast.people(1)
    coupon = offers.live()
    activity = cast.running(ends_at=NOW + 2 * DAY, coupons=(coupon.pk,))
    claim(coupon=coupon, member=her, now=NOW + 3 * DAY, by=None)
    assert harvest(activity, now=NOW + 4 * DAY) == 0
    assert not is_within(activity, NOW + 3 * DAY, now=NOW + 4 * DAY)
    running.end_due(now=NOW + 5 * DAY)
    activity.refresh_from_db()
    assert (activity.state, activity.ended_at) == ("ended", NOW + 2 * DAY)


def followed(now: datetime) -> list[tuple[str, int, datetime]]:
    """How, who and when, after what the beat does twice: what an order claims is written while orders are followed."""
    for _turn in range(2):
        settle()
        follow_all(now=now)
    harvest_all(now=now)
    rows = Participation.objects.order_by("occurred_at", "member")
    return list(rows.values_list("kind", "member", "occurred_at"))


@pytest.mark.django_db(transaction=True)
def test_buyers_with_printed_codes_take_part_however_late_their_orders_are_told() -> None:
    first, second, outside = cast.people(3)
    coupon = offers.draft(code_source="generated", stock=None)
    generate_codes(coupon=coupon, count=3, by=None, now=NOW)
    offers.approved(coupon)
    activity = cast.running(ends_at=NOW + 2 * DAY, coupons=(coupon.pk,))
    codes = [
        code_of_place(f"code:{number}") for number in CouponCode.objects.order_by("pk").values_list("pk", flat=True)
    ]
    assert followed(NOW + DAY) == []
    buy(first, "A1", NOW + HOUR, coupon=codes[0])
    assert followed(NOW + DAY) == [("coupon", first.pk, NOW + HOUR)]
    running.end_due(now=NOW + 2 * DAY)
    assert len(followed(NOW + 3 * DAY)) == 1
    buy(outside, "A2", NOW + 2 * DAY, coupon=codes[1])
    buy(second, "A3", NOW + DAY, coupon=codes[2])
    claims = [("coupon", first.pk, NOW + HOUR), ("coupon", second.pk, NOW + DAY)]
    assert followed(NOW + 20 * DAY) == followed(NOW + 20 * DAY) == claims
    assert [row[:3] for row in cast.credited()] == [(order, activity.pk, "coupon") for order in ("A1", "A2", "A3")]


@pytest.mark.django_db(transaction=True)
def test_entries_and_claims_are_followed_and_those_before_the_start_are_not() -> None:
    her, early = cast.people(2)
    coupon, draw = offers.live(), offers.published(opens_at=NOW - DAY)
    activity = cast.approved(cast.draft(coupons=(coupon.pk,), draws=(draw.pk,)))
    enter(draw=draw, member=early, by=None, now=NOW - HOUR)
    claim(coupon=coupon, member=early, by=None, now=NOW + 2 * HOUR)
    assert (followed(NOW), harvest(activity, now=NOW)) == ([], 0)
    running.launch(activity=activity, by=author(), now=NOW)
    enter(draw=draw, member=her, by=None, now=NOW + HOUR)
    taken = [("draw", her.pk, NOW + HOUR), ("coupon", early.pk, NOW + 2 * HOUR)]
    assert followed(NOW + 3 * HOUR) == taken
    claim(coupon=coupon, member=her, by=None, now=NOW + 4 * HOUR)
    assert followed(NOW + 9 * DAY) == [*taken, ("coupon", her.pk, NOW + 4 * HOUR)]


@pytest.mark.django_db(transaction=True)
def test_whoever_takes_part_has_done_something() -> None:
    her, claims = cast.people(2)
    coupon = offers.live()
    activity = cast.running(coupons=(coupon.pk,))
    claim(coupon=coupon, member=claims, by=None, now=NOW + HOUR)
    cast.take_part(activity, [her], NOW + HOUR)
    harvest(activity, now=NOW + 2 * HOUR)
    assert Participation.objects.count() == 2
    settle()
    assert (follow(ParticipationActs(), now=NOW + DAY), follow(ParticipationActs(), now=NOW + DAY)) == (2, 0)
    rows = Interaction.objects.filter(source="activity").values_list("member", "kind", "subject", "properties")
    assert list(rows) == [(her.pk, "join", activity.name, {"activity": activity.pk})]
