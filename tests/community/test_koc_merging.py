"""Two records of one person, each a KOC: one stands for both, no amount is stranded, and she can still be erased."""

import pytest

from audit.models import AuditEntry
from community.enums.koc import AgreementKind, AnswerSource, KocState, KocVerb
from community.models import Delivery, Koc, ShareOrder, Ugc
from community.selectors.kocs import acceptances_of, agreement_in_force, has_agreed
from community.services.forgetting import forget_person
from community.services.koc_forgetting import forget_koc
from community.services.koc_keeping import keep_kocs
from community.services.kocs import agree_to_share
from community.services.payouts import correct, make_payout, return_line
from community.services.sharing import settle_due
from members.models import Member
from tests.community import earnings as cast
from tests.community.earnings import DAY, HOUR, NOW, later

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _months() -> None:
    cast.months()


def two() -> tuple[Koc, Koc, Member]:
    """Two KOC who agreed to publishing, with a share each in the return window; and the buyer."""
    cast.rule()
    stays, goes, (buyer,) = cast.koc(), cast.koc(), cast.people(1)
    for number, koc in enumerate((stays, goes)):
        cast.agree(koc.member or Member())
        cast.buy(buyer, f"A{number}", code=koc.referral_code)
    cast.book()
    return stays, goes, buyer


def merge(goes: Koc, into: Koc) -> None:
    Member.objects.filter(pk=goes.member_id).update(merged_into=into.member_id)
    keep_kocs(now=NOW)
    for koc in (goes, into):
        koc.refresh_from_db()
    cast.check()


def test_what_the_other_earned_is_hers_by_bookings() -> None:
    stays, goes, buyer = two()
    record = goes.member
    cast.refund(buyer, "A0", NOW, "20")
    cast.book()
    correct(koc=goes, amount=cast.Decimal(7), reason="补发", by=cast.marketer(), now=NOW)
    merge(goes, stays)
    assert (goes.member, goes.state, goes.merged_into, stays.state) == (record, KocState.LEFT, stays, KocState.ACTIVE)
    assert cast.books(goes) == {}
    assert cast.books(stays) == {"pending": 18, "payable": 7, "cost": -25}
    assert set(ShareOrder.objects.values_list("koc", flat=True)) == {stays.pk}
    assert AuditEntry.objects.filter(action="community.join_accounts", object_id=str(stays.pk)).count() == 1
    assert keep_kocs(now=NOW) == 0, "done once"
    assert settle_due(now=later(15)) == 2
    assert cast.books(stays) == {"payable": 25, "cost": -25}
    cast.refund(buyer, "A1", later(20), "100")
    cast.book(later(20))
    assert cast.books(stays) == {"payable": 25, "claw_back": -10, "cost": -15}


def test_what_she_owes_goes_with_her() -> None:
    stays, goes, _buyer = two()
    correct(koc=goes, amount=cast.Decimal(-4), reason="更正", by=cast.marketer(), now=NOW)
    merge(goes, stays)
    assert cast.books(stays) == {"pending": 20, "claw_back": -4, "cost": -16}


def test_her_code_goes_on_to_earn() -> None:
    stays, goes, buyer = two()
    merge(goes, stays)
    cast.buy(buyer, "A2", NOW + DAY, code=goes.referral_code)
    cast.book(NOW + DAY)
    assert cast.shares()[-1] == ("A2", stays.pk, "code", 10)


def test_of_two_the_one_who_stands_keeps_the_place() -> None:
    former, standing = cast.koc(), cast.koc()
    cast.agree(standing.member or Member())
    cast.leave(former, NOW - DAY)
    owner, absorbed = former.member, standing.member
    merge(standing, former)
    assert (standing.member, standing.state, standing.merged_into) == (owner, KocState.ACTIVE, None)
    assert (former.member, former.state, former.merged_into) == (absorbed, KocState.LEFT, standing)


@pytest.mark.parametrize("goes_first", [True, False])
def test_of_two_levels_the_higher_one_stays_and_every_code_of_hers_earns(*, goes_first: bool) -> None:
    cast.rule()
    sharing, other, (buyer,) = cast.koc("revenue_share"), cast.koc("co_creation"), cast.people(1)
    for koc in (sharing, other):
        cast.agree(koc.member or Member())
    merge(*((sharing, other) if goes_first else (other, sharing)))
    assert (sharing.merged_into, sharing.state, other.merged_into) == (None, KocState.ACTIVE, sharing)
    for number, koc in enumerate((sharing, other)):
        cast.buy(buyer, f"A{number}", NOW + DAY, code=koc.referral_code)
    cast.book(NOW + DAY)
    assert cast.shares() == [("A0", sharing.pk, "code", 10), ("A1", sharing.pk, "code", 10)]


def test_of_two_at_one_level_the_active_one_stays_and_then_the_older() -> None:
    paused, active, older = cast.koc(since=NOW - 19 * DAY), cast.koc(), cast.koc(since=NOW - 25 * DAY)
    for koc in (paused, active, older):
        cast.agree(koc.member or Member(), NOW - 25 * DAY)
    cast.step(paused, KocVerb.PAUSE, NOW - DAY, state=KocState.PAUSED)
    merge(active, paused)
    assert (active.merged_into, paused.merged_into) == (None, active)
    merge(older, active)
    assert (older.merged_into, active.merged_into) == (None, older)


def test_what_she_agreed_to_by_one_record_she_has_agreed_to() -> None:
    goes, stays = cast.koc("priority"), cast.koc("priority")
    for koc in (goes, stays):
        cast.agree(koc.member or Member())
    text = agreement_in_force(AgreementKind.REVENUE_SHARE)
    agree_to_share(koc=goes, version=text.version, source=AnswerSource.STAFF, by=cast.marketer(), now=NOW)
    assert not has_agreed(stays, text)
    merge(goes, stays)
    assert has_agreed(stays, text)
    assert [each.koc for each in acceptances_of(stays)] == [goes]


def test_invitation_before_the_merge_counts_though_its_order_comes_late() -> None:
    cast.rule()
    goes, stays, (buyer,) = cast.koc(), cast.koc("priority", since=NOW - 25 * DAY), cast.people(1)
    for koc in (goes, stays):
        cast.agree(koc.member or Member())
    cast.invited(buyer, goes.member or buyer, NOW - 2 * DAY)
    cast.step(stays, KocVerb.PROMOTE, NOW - HOUR, level="revenue_share")
    merge(goes, stays)
    cast.buy(buyer, "A1", NOW - DAY)
    cast.book()
    assert cast.shares() == [("A1", stays.pk, "inviter", 10)]


def test_orders_that_only_the_person_earned_are_booked_with_the_merge() -> None:
    cast.rule()
    sharing, other, (buyer, guest) = cast.koc(), cast.koc("priority"), cast.people(2)
    for koc in (sharing, other):
        cast.agree(koc.member or Member())
    cast.buy(buyer, "A1", NOW - DAY, code=other.referral_code)
    cast.invited(guest, other.member or guest, NOW - 2 * DAY)
    cast.buy(guest, "A2", NOW - DAY)
    cast.book()
    assert cast.shares() == []
    merge(other, sharing)
    assert cast.shares() == [("A1", sharing.pk, "code", 10), ("A2", sharing.pk, "inviter", 10)]
    assert cast.books(sharing) == {"pending": 20, "cost": -20}


def test_cap_of_a_month_takes_nothing_back_because_two_turn_out_to_be_one() -> None:
    cast.rule(month_cap="10")
    stays, goes, (buyer,) = cast.koc(), cast.koc(), cast.people(1)
    for number, koc in enumerate((stays, goes)):
        cast.agree(koc.member or Member())
        cast.buy(buyer, f"A{number}", price="80", code=koc.referral_code)
    cast.book()
    settle_due(now=later(15))
    merge(goes, stays)
    assert cast.books(stays) == {"payable": 16, "cost": -16}
    cast.refund(buyer, "A0", later(20), "10")
    cast.book(later(20))
    assert cast.books(stays) == {"payable": 16, "claw_back": -1, "cost": -15}
    cast.buy(buyer, "A2", NOW + DAY, code=goes.referral_code)
    cast.book(later(20))
    assert [share for *_rest, share in cast.shares()] == [7, 8, 3], "one cap for what came after"


def test_buyer_who_turns_out_to_be_herself_earns_her_no_more_than_what_is_settled() -> None:
    cast.rule()
    her, (buyer, other) = cast.koc(), cast.people(2)
    cast.buy(buyer, "A1", NOW - 16 * DAY, code=her.referral_code)
    cast.buy(buyer, "A2", code=her.referral_code)
    cast.buy(other, "A3", code=her.referral_code)
    cast.book()
    assert settle_due(now=NOW) == 1
    Member.objects.filter(pk=buyer.pk).update(merged_into=her.member)
    assert settle_due(now=later(15)) == 1
    cast.check()
    assert [share for *_rest, share in cast.shares()] == [10, 0, 10]
    cast.refund(buyer, "A1", later(16), "40")
    cast.book(later(16))
    assert cast.books(her) == {"payable": 20, "claw_back": -4, "cost": -16}
    forget_person(member_id=her.member_id or 0, now=NOW)
    forget_koc(member_id=her.member_id or 0, now=NOW)
    cast.refund(other, "A3", later(16), "40")
    cast.book(later(16))
    assert [share for *_rest, share in cast.shares()] == [6, 0, 6]


def test_two_koc_who_bought_with_the_code_of_each_other_are_found_with_the_merge() -> None:
    cast.rule()
    stays, goes = cast.koc(), cast.koc()
    for koc, other in ((stays, goes), (goes, stays)):
        cast.agree(koc.member or Member())
        cast.buy(koc.member or Member(), f"A{koc.pk}", code=other.referral_code)
    cast.book()
    assert [share for *_rest, share in cast.shares()] == [10, 10]
    merge(goes, stays)
    assert [share for *_rest, share in cast.shares()] == [0, 0]
    assert cast.books(stays) == {}


def test_payment_that_comes_back_later_follows_her() -> None:
    stays, goes, _buyer = two()
    settle_due(now=later(15))
    payout = make_payout(by=cast.marketer(), now=later(15))
    merge(goes, stays)
    assert cast.books(goes) == {"transit": 10, "cost": -10}
    return_line(line=payout.lines.get(koc=goes), reason="账号有误", by=cast.second(), now=later(16))
    assert keep_kocs(now=later(16)) == 1
    cast.check()
    assert cast.books(goes) == {}
    assert cast.books(stays) == {"transit": 10, "payable": 10, "cost": -20}


def test_three_records_end_with_one() -> None:
    stays, goes, _buyer = two()
    third = cast.koc()
    cast.agree(third.member or Member())
    merge(goes, stays)
    Member.objects.filter(pk__in=(goes.member_id, stays.member_id)).update(merged_into=third.member_id)
    keep_kocs(now=NOW)
    cast.check()
    assert list(Koc.objects.order_by("pk").values_list("merged_into", flat=True)) == [third.pk, third.pk, None]
    assert cast.books(third) == {"pending": 20, "cost": -20}


def test_what_she_made_and_took_goes_with_her() -> None:
    stays, goes, _buyer = two()
    seat, piece = cast.seat(goes), cast.piece(goes.member or Member())
    merge(goes, stays)
    assert Delivery.objects.get(pk=seat.pk).koc == stays
    assert Ugc.objects.get(pk=piece.pk).koc == stays


def test_record_that_gave_way_is_erased_as_every_other() -> None:
    stays, goes, _buyer = two()
    record = goes.member_id or 0
    merge(goes, stays)
    forget_person(member_id=record, now=NOW)
    forget_koc(member_id=record, now=NOW)
    goes.refresh_from_db()
    assert (goes.member, goes.referral_code, goes.reason) == (None, None, "")
