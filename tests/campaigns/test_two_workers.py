"""Two workers who are woken for the same row, one that is killed, and a row that fails."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import DataError, connection, transaction
from django.utils import timezone

from accounts.models import InAppNotice
from campaigns import tasks
from campaigns.consumers import CouponCredits
from campaigns.models import Activity, ActivityOffer, Attribution
from campaigns.services import attribution, giving, harvest, launching, running
from campaigns.services.attribution import credit_asked
from campaigns.services.giving import ask_to_give, give_asked
from campaigns.services.launching import launch_asked, launch_soon
from loyalty.models import CouponGrant
from loyalty.services.coupons import claim, redeem
from loyalty.services.coupons import giving as lots
from segments.services.audiences import update
from tests import api
from tests.campaigns import activities as cast
from tests.campaigns.activities import DAY, HOUR, author
from tests.campaigns.test_attribution import buy
from tests.loyalty import offers
from tests.rivals import rival, until, waiting_for_locks, workers
from tests.timeline.facts import settle
from timeline.models import Cursor
from timeline.services import follow, make_months

TOGETHER = pytest.mark.django_db(transaction=True)
ALONE = attribution._ALONE
#: Nobody writes there meanwhile, but everybody reads.
SHUT = "LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE"


def told() -> list[str]:
    """The levels of what the author was told of starts; an approval is told without further words."""
    return list(
        InAppNotice.objects.filter(recipient=author()).exclude(body="").order_by("pk").values_list("level", flat=True)
    )


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launching, "LARGE", 2)


def asked(name: str = "") -> Activity:
    """An activity with three members, which a worker is to start."""
    activity = cast.approved(cast.draft(ends_at=timezone.now() + 9 * DAY, **({"name": name} if name else {})))
    return launch_soon(activity=activity, by=author(), now=timezone.now())


def offer() -> ActivityOffer:
    begun = timezone.now() - HOUR
    coupon = offers.live(starts_at=begun - DAY, ends_at=begun + 9 * DAY)
    activity = cast.running(begun, coupons=(coupon.pk,), starts_at=begun, ends_at=begun + 5 * DAY)
    return activity.offers.select_related("activity", "coupon").get()


# --- starting ---


@TOGETHER
def test_second_worker_leaves_a_start_to_the_first_and_no_page_waits(large: None) -> None:
    cast.people(3)
    activity = asked()
    with workers(3) as start, rival() as say:
        say(SHUT.format("campaigns_activitymember"))
        first = start(launch_asked, now=timezone.now())
        until(lambda: waiting_for_locks() == 1)
        assert start(launch_asked, now=timezone.now()).result(10) == 0
        again = start(launch_soon, activity=activity, by=author(), now=timezone.now()).result(10)
        assert (again.state, again.launch_asked_at) == ("approved", activity.launch_asked_at)
    assert first.result() == 1
    assert told() == ["info"]
    activity.refresh_from_db()
    assert (activity.state, activity.audience_size, activity.launch_asked_at) == ("running", 3, None)


@pytest.mark.django_db
def test_start_is_not_wished_for_any_more_once_it_has_happened(large: None) -> None:
    """By its hour, before a worker came."""
    cast.people(3)
    activity = cast.approved(cast.draft(starts_at=timezone.now() + HOUR, ends_at=timezone.now() + 9 * DAY))
    running.schedule(activity=activity, by=author(), now=timezone.now())
    launch_soon(activity=activity, by=author(), now=timezone.now())
    assert running.start_due(now=timezone.now() + HOUR) == 1
    assert launch_asked(now=timezone.now()) == 0
    activity.refresh_from_db()
    assert (activity.state, activity.launch_asked_at, told()) == ("running", None, [])


@pytest.mark.django_db
def test_rewritten_audience_is_told_once(large: None) -> None:
    cast.people(3)
    activity = asked()
    assert activity.audience is not None
    rule = {"all": [{"filter": {"channel": ["门店", "抖音"]}}]}
    update(audience=activity.audience, rule=rule, by=author(), now=timezone.now())
    assert launch_asked(now=timezone.now()) == 0
    activity.refresh_from_db()
    assert (activity.state, activity.launch_asked_at) == ("draft", None)
    assert told() == ["act"]


@pytest.mark.django_db
def test_start_that_fails_stops_no_other(large: None, monkeypatch: pytest.MonkeyPatch) -> None:
    cast.people(3)
    bad, good = asked("坏"), asked("好")
    monkeypatch.setattr(running, "freeze", failing(running.freeze, lambda given: given["activity"] == bad))
    with pytest.raises(DataError):
        launch_asked(now=timezone.now())
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.state, good.state, good.launch_asked_at) == ("approved", "running", None)
    assert bad.launch_asked_at is not None, "it is tried again"


# --- changing ---


@TOGETHER
def test_program_changes_what_it_names_and_nothing_that_somebody_saves_meanwhile() -> None:
    """Somebody else saves a code while the program waits for the row."""
    activity = cast.draft(codes=("D11",))

    def program() -> int:
        address = f"/api/v1/activities/{activity.pk}/"
        return int(api.client("activities:write").patch(address, {"title": "双11 返场"}).status_code)

    with workers(1) as start:
        with rival() as say:
            say("SELECT 1 FROM campaigns_activity WHERE id = %s FOR UPDATE", [activity.pk])
            say("UPDATE campaigns_activity SET budget = 77 WHERE id = %s", [activity.pk])
            say("INSERT INTO campaigns_activitycode (code, activity_id) VALUES ('VIP', %s)", [activity.pk])
            patched = start(program)
            until(lambda: waiting_for_locks() == 1)
            say("COMMIT")
        assert patched.result(10) == 200
    activity.refresh_from_db()
    assert (activity.title, activity.budget) == ("双11 返场", 77)
    assert sorted(activity.codes.values_list("code", flat=True)) == ["D11", "VIP"]


# --- giving ---


@TOGETHER
def test_second_worker_leaves_a_giving_to_the_first_and_the_total_is_told_once() -> None:
    cast.people(3)
    made = offer()
    ask_to_give(offer=made, by=author(), now=timezone.now())
    with workers(2) as start, rival() as say:
        say(SHUT.format("loyalty_coupongrant"))
        first = start(give_asked, now=timezone.now())
        until(lambda: waiting_for_locks() == 1)
        assert start(give_asked, now=timezone.now()).result(10) == 0
        assert not given_words()
    assert first.result() == 3
    assert give_asked(now=timezone.now()) == 0
    assert given_words() == [("info", "3")]


@pytest.mark.django_db
def test_worker_killed_half_way_leaves_the_whole_total_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    cast.people(5)
    made = offer()
    ask_to_give(offer=made, by=author(), now=timezone.now())
    monkeypatch.setattr(lots, "LOT", 2)
    with monkeypatch.context() as planted:
        planted.setattr(lots, "_store", killed_at_the_second(lots._store))
        with pytest.raises(Killed):
            give_asked(now=timezone.now())
    assert (CouponGrant.objects.count(), given_words()) == (2, [])
    assert give_asked(now=timezone.now()) == 5
    assert given_words() == [("info", "5")]


@pytest.mark.django_db
def test_two_coupons_of_one_activity_are_two_pieces_of_news() -> None:
    cast.people(2)
    begun = timezone.now() - HOUR
    coupons = [offers.live(starts_at=begun - DAY, ends_at=begun + 9 * DAY).pk for _each in range(2)]
    activity = cast.running(begun, coupons=tuple(coupons), starts_at=begun, ends_at=begun + 5 * DAY)
    for each in activity.offers.select_related("activity", "coupon"):
        ask_to_give(offer=each, by=author(), now=timezone.now())
    assert give_asked(now=timezone.now()) == 4
    assert given_words() == [("info", "2"), ("info", "2")]


@pytest.mark.django_db
def test_giving_that_fails_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    cast.people(2)
    bad, good = offer(), offer()
    for each in (bad, good):
        ask_to_give(offer=each, by=author(), now=timezone.now())
    monkeypatch.setattr(giving, "give", failing(giving.give, lambda given: given["coupon"] == bad.coupon))
    with pytest.raises(DataError):
        tasks.give()
    assert set(CouponGrant.objects.values_list("coupon", flat=True)) == {good.coupon_id}
    assert given_words() == [("info", "2")]


# --- harvest and credit ---


@pytest.mark.django_db
def test_credit_that_fails_stops_neither_the_others_nor_the_harvest(monkeypatch: pytest.MonkeyPatch) -> None:
    cast.people(1)
    bad, good = offer().activity, offer().activity
    Activity.objects.filter(pk__in=(bad.pk, good.pk)).update(credit_asked_at=timezone.now())
    planted = failing(attribution._credit, lambda given: given["values"]["activity"] == bad.pk)
    monkeypatch.setattr(attribution, "_credit", lambda cursor, touched, values: planted(cursor=cursor, touched=touched, values=values))  # fmt: skip
    with pytest.raises(DataError):
        credit_asked()
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.credit_asked_at is None, good.credit_asked_at) == (False, None)
    assert Attribution.objects.count() == 0


@pytest.mark.django_db
def test_harvest_that_fails_stops_neither_the_others_nor_the_credits(monkeypatch: pytest.MonkeyPatch) -> None:
    cast.people(1)
    bad, good = offer().activity, offer().activity
    Activity.objects.filter(pk=good.pk).update(credit_asked_at=timezone.now())
    whole = harvest.harvest

    def planted(activity: Activity, **values: Any) -> Any:
        return failing(whole, lambda _given: activity.pk == bad.pk)(activity, **values)

    monkeypatch.setattr(harvest, "harvest", planted)
    with pytest.raises(DataError):
        tasks.harvest()
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.harvested_at, good.harvested_at is None, good.credit_asked_at) == (None, False, None)


@TOGETHER
def test_looking_for_orders_to_credit_waits_for_no_other_that_credits_and_crediting_does() -> None:
    (her,) = cast.people(1)
    make_months(today=cast.NOW.date())
    coupon = offers.live()
    activity = cast.running(coupons=(coupon.pk,))
    code = offers.code_of(claim(coupon=coupon, member=her, by=None, now=cast.NOW + HOUR).grant_id)
    with workers(1) as start, rival() as say:
        redeem(code=code, member=her, order_no="A1", amount=Decimal(200), store=None, by=None, now=cast.NOW + DAY)
        settle()
        say(ALONE)
        assert start(follow, consumer=CouponCredits(), now=cast.NOW + DAY).result(10) == 1
        Cursor.objects.update(xid=0, last_id=0)
        buy(her, "A1", cast.NOW + DAY, 200)
        credited = start(follow, consumer=CouponCredits(), now=cast.NOW + DAY)
        until(lambda: waiting_for_locks() == 1)
        say("COMMIT")
        assert credited.result(10) == 1
    assert cast.credited() == [("A1", activity.pk, "coupon", Decimal(200))]


def given_words() -> list[tuple[str, str]]:
    """Level and number of the news of givings."""
    told = InAppNotice.objects.filter(recipient=author(), key__contains="offer-").order_by("pk")
    return [(notice.level, "".join(sign for sign in notice.body if sign.isdigit())) for notice in told]


def failing(work: Any, when: Any) -> Any:
    """The work itself, with a statement that the database refuses before it where `when` says so."""

    def planted(*given: Any, **values: Any) -> Any:
        if when(values):
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT 1 / 0")
        return work(*given, **values)

    return planted


class Killed(BaseException):
    """The process is gone: nothing catches it."""


def killed_at_the_second(work: Any) -> Any:
    calls = []

    def planted(*given: Any, **values: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise Killed
        return work(*given, **values)

    return planted
