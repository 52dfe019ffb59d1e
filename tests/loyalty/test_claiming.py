"""T10: stock and limits hold, whoever claims at once; the same claim again is the same coupon."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, connections, transaction

from audit.models import AuditEntry
from core.errors import ScrmError
from loyalty.consumers import CouponClaims, DrawEntries
from loyalty.errors import CouponExhausted, CouponLimitReached, CouponNotOpen
from loyalty.models import Coupon, CouponCode, CouponGrant
from loyalty.rules.source import GIVEN, Source
from loyalty.selectors.coupons import stock
from loyalty.services.coupons import claim, end_coupon, generate_codes, give, launch_coupon, pause_coupon, update_coupon
from loyalty.services.draws import enter
from members.models import Member
from tests import api
from tests.loyalty import offers
from tests.loyalty.offers import NOW
from tests.timeline.facts import settle
from timeline.models import Cursor, Interaction
from timeline.services import follow, make_months

pytestmark = pytest.mark.django_db


def test_claim_gives_one_and_says_until_when() -> None:
    coupon, member = offers.live(), api.member()
    claimed = claim(coupon=coupon, member=member, source=Source("activity", 12), by=None, now=NOW)
    grant = CouponGrant.objects.get()
    assert (grant.pk, grant.member, grant.ordinal, grant.source_kind, grant.source_id) == (
        claimed.grant_id,
        member,
        1,
        "activity",
        12,
    )
    assert (claimed.new, claimed.valid_until) == (True, coupon.ends_at)
    figures = stock([coupon])[coupon.pk]
    assert (figures.total, figures.granted, figures.redeemed, figures.left) == (50, 1, 0, 49)
    entry = AuditEntry.objects.get(action="loyalty.claim")
    assert (entry.object_type, entry.object_id) == ("loyalty.coupongrant", str(grant.pk))


def test_days_count_from_the_claim() -> None:
    coupon = offers.live(valid_days=7)
    assert claim(coupon=coupon, member=api.member(), by=None, now=NOW).valid_until == NOW + timedelta(days=7)


def test_same_key_is_the_same_coupon() -> None:
    coupon, member = offers.live(per_member=3), api.member()
    first = claim(coupon=coupon, member=member, key="activity:12", by=None, now=NOW)
    again = claim(coupon=coupon, member=member, key="activity:12", by=None, now=NOW)
    other = claim(coupon=coupon, member=member, key="activity:13", by=None, now=NOW)
    assert (first.new, again.new, again.grant_id == first.grant_id, other.new) == (True, False, True, True)
    assert Coupon.objects.get().granted == 2


def test_limit_of_a_member_and_stock_are_said() -> None:
    coupon, member = offers.live(stock=2), api.member()
    claim(coupon=coupon, member=member, by=None, now=NOW)
    with pytest.raises(CouponLimitReached):
        claim(coupon=coupon, member=member, by=None, now=NOW)
    claim(coupon=coupon, member=api.member(), by=None, now=NOW)
    before = AuditEntry.objects.count()
    with pytest.raises(CouponExhausted):
        claim(coupon=coupon, member=api.member(), by=None, now=NOW)
    assert AuditEntry.objects.count() == before


def test_more_stock_is_given_at_once_after_it_was_sold_out() -> None:
    coupon = offers.live(stock=1)
    claim(coupon=coupon, member=api.member(), by=None, now=NOW)
    for _time in range(2):
        with pytest.raises(CouponExhausted):
            claim(coupon=coupon, member=api.member(), by=None, now=NOW)
    update_coupon(coupon=coupon, terms=offers.terms(stock=2), by=offers.author(), now=NOW)
    assert claim(coupon=coupon, member=api.member(), by=None, now=NOW).new


@pytest.mark.parametrize("when", ["draft", "paused", "ended", "before", "after"])
def test_coupon_that_is_not_open_gives_nothing(when: str) -> None:
    coupon = offers.draft() if when == "draft" else offers.live()
    if when == "paused":
        pause_coupon(coupon=coupon, reason="库存核对", by=None, now=NOW)
    if when == "ended":
        end_coupon(coupon=coupon, reason="活动取消", by=None, now=NOW)
    moment = {"before": coupon.starts_at - timedelta(seconds=1), "after": coupon.ends_at}.get(when, NOW)
    with pytest.raises(CouponNotOpen):
        claim(coupon=coupon, member=api.member(), by=None, now=moment)
    assert not CouponGrant.objects.exists()


def test_codes_made_beforehand_are_given_one_by_one() -> None:
    coupon = offers.draft(code_source="generated")
    generate_codes(coupon=coupon, count=2, by=None, now=NOW)
    coupon = launch_coupon(coupon=offers.approved(coupon), by=None, now=NOW)
    for _number in range(2):
        claim(coupon=coupon, member=api.member(), by=None, now=NOW)
    with pytest.raises(CouponExhausted):
        claim(coupon=coupon, member=api.member(), by=None, now=NOW)
    assert set(CouponGrant.objects.values_list("code_id", flat=True)) == set(
        CouponCode.objects.values_list("pk", flat=True)
    )
    assert len({offers.code_of(grant.pk) for grant in CouponGrant.objects.all()}) == 2


def test_database_refuses_more_than_the_stock() -> None:
    offers.live(stock=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Coupon.objects.update(granted=2)
    with pytest.raises(IntegrityError), transaction.atomic():
        Coupon.objects.update(redeemed=1)


def test_dump_holds_no_code_in_clear() -> None:
    coupon, member = offers.live(), api.member()
    code = offers.code_of(claim(coupon=coupon, member=member, by=None, now=NOW).grant_id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(t::text, '|') FROM loyalty_coupongrant t")
        (dump,) = cursor.fetchone()
    assert len(code) == 12
    assert code not in dump


def _at_once(coupon: Coupon, members: list[Member], rivals: int = 20) -> Counter[str]:
    def attempt(member: Member) -> str:
        try:
            claim(coupon=coupon, member=member, by=None, now=NOW)
        except ScrmError as refused:
            return refused.code
        else:
            return "granted"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(rivals) as pool:
        return Counter(pool.map(attempt, members))


@pytest.mark.chaos
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("source", ["claim", "generated"])
def test_two_hundred_on_fifty_get_exactly_fifty(source: str) -> None:
    if source == "claim":
        coupon = offers.live()
    else:
        made = offers.draft(code_source="generated")
        generate_codes(coupon=made, count=50, by=None, now=NOW)
        coupon = launch_coupon(coupon=offers.approved(made), by=None, now=NOW)
    members = [api.member() for _number in range(200)]
    assert _at_once(coupon, members) == {"granted": 50, "coupon_exhausted": 150}
    coupon.refresh_from_db()
    assert (coupon.granted, CouponGrant.objects.count()) == (50, 50)
    assert AuditEntry.objects.filter(action="loyalty.claim").count() == 50


@pytest.mark.chaos
@pytest.mark.django_db(transaction=True)
def test_rivals_of_one_member_get_her_limit() -> None:
    coupon, member = offers.live(per_member=3), api.member()
    assert _at_once(coupon, [member] * 60) == {"granted": 3, "coupon_limit_reached": 57}
    coupon.refresh_from_db()
    assert (coupon.granted, sorted(CouponGrant.objects.values_list("ordinal", flat=True))) == (3, [1, 2, 3])


@pytest.mark.django_db(transaction=True)
def test_claims_and_entries_become_facts_once_and_what_the_brand_gives_does_not() -> None:
    make_months(today=NOW.date())
    member, given = api.member(), api.member()
    coupon, draw = offers.live(per_member=2), offers.published(max_chances=2)
    for _time in range(2):
        claim(coupon=coupon, member=member, by=None, now=NOW)
    members = Member.objects.filter(pk=given.pk)
    give(coupon=coupon, members=members, source=Source(GIVEN, 1), key="given:1", by=None, now=NOW)
    enter(draw=draw, member=member, by=None, now=NOW)
    settle()
    assert (follow(CouponClaims(), now=NOW), follow(DrawEntries(), now=NOW)) == (3, 1)
    facts = Interaction.objects.order_by("kind").values_list("member_id", "kind", "subject", "source", "occurred_at")
    claimed = (member.pk, "coupon_claim", coupon.name, "offers", NOW)
    assert list(facts) == [claimed, claimed, (member.pk, "other", draw.name, "offers", NOW)]
    Cursor.objects.filter(consumer__startswith="loyalty.").update(xid=0, last_id=0)
    assert (follow(CouponClaims(), now=NOW), follow(DrawEntries(), now=NOW)) == (3, 1)
    assert facts.count() == 3


@pytest.mark.django_db(transaction=True)
def test_claim_that_commits_late_is_not_passed_over() -> None:
    make_months(today=NOW.date())
    coupon, slow, quick = offers.live(), api.member(), api.member()
    other = offers.live()
    committed, seen = threading.Event(), threading.Event()

    def late() -> None:
        try:
            with transaction.atomic():
                claim(coupon=coupon, member=slow, by=None, now=NOW)
                committed.set()
                seen.wait(30)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        waits = pool.submit(late)
        assert committed.wait(30)
        claim(coupon=other, member=quick, by=None, now=NOW)
        early = follow(CouponClaims(), now=NOW)
        seen.set()
        waits.result(30)
    settle()
    assert early + follow(CouponClaims(), now=NOW) == 2
    assert set(Interaction.objects.values_list("member_id", flat=True)) == {slow.pk, quick.pk}
