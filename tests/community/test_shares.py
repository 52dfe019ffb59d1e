"""The revenue share: who gets it, how much, by which rule; never twice, never unbalanced, never lost in silence."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from community.consumers import ShareInvitations, ShareOrders
from community.enums.koc import KocVerb
from community.enums.ledger import Book, Booking
from community.errors.ledger import RuleNotValid
from community.models import Koc, LedgerBalance, LedgerEntry, LedgerTransaction, ShareOrder, ShareRule
from community.selectors.ledger import balances_of, due_until, verify_ledger
from community.services.booking import book as book_sides
from community.services.sharing import Booked, RuleIn, add_rule, settle_due, share_everybody
from compliance.enums.consent import ConsentAction
from members.models import Member
from tests.community import earnings as cast
from tests.community.earnings import DAY, HOUR, NOW, later

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _months() -> None:
    cast.months()


def test_order_with_her_code_earns_her_share_once() -> None:
    cast.rule()
    her, (buyer,) = cast.koc(), cast.people(1)
    cast.buy(buyer, "A1", code=her.referral_code)
    cast.buy(buyer, "A2")
    for _turn in range(3):
        cast.book()
    assert cast.shares() == [("A1", her.pk, "code", 10)]
    assert cast.books(her) == {"pending": 10, "cost": -10}
    assert LedgerTransaction.objects.count() == 1


def test_code_is_read_however_it_was_typed() -> None:
    cast.rule()
    her, (buyer,) = cast.koc(), cast.people(1)
    cast.buy(buyer, "A1", code=f" {(her.referral_code or '').lower()} ")
    cast.book()
    assert cast.shares() == [("A1", her.pk, "code", 10)]


def test_without_a_rule_nothing_is_shared_and_nothing_before_it_ever_is() -> None:
    her, (buyer,) = cast.koc(), cast.people(1)
    cast.buy(buyer, "A1", code=her.referral_code)
    cast.book()
    cast.rule(now=NOW + HOUR)
    cast.buy(buyer, "A2", NOW + 2 * HOUR, code=her.referral_code)
    cast.book()
    assert [order for order, *_rest in cast.shares()] == ["A2"]


def test_invitation_counts_within_its_days_and_the_latest_wins() -> None:
    cast.rule(inviter_days=30)
    first, second = cast.koc(since=NOW - 60 * DAY), cast.koc(since=NOW - 60 * DAY)
    buyer, late, other = cast.people(3)
    cast.invited(buyer, first.member or buyer, NOW - 20 * DAY)
    cast.invited(buyer, second.member or buyer, NOW - 10 * DAY)
    cast.invited(late, first.member or late, NOW - 31 * DAY)
    for number, who in enumerate((buyer, late, other), 1):
        cast.buy(who, f"A{number}")
    cast.book()
    assert cast.shares() == [("A1", second.pk, "inviter", 10)]


def test_two_koc_for_one_order_her_code_goes_before_an_invitation() -> None:
    cast.rule()
    by_code, by_invitation, (buyer,) = cast.koc(), cast.koc(), cast.people(1)
    cast.invited(buyer, by_invitation.member or buyer, NOW - DAY)
    cast.buy(buyer, "A1", code=by_code.referral_code)
    cast.book()
    assert cast.shares() == [("A1", by_code.pk, "code", 10)]
    assert cast.books(by_invitation) == {}


def test_order_once_booked_stays_hers_though_a_code_comes_later() -> None:
    cast.rule()
    first, second, (buyer,) = cast.koc(), cast.koc(), cast.people(1)
    cast.invited(buyer, first.member or buyer, NOW - DAY)
    cast.buy(buyer, "A1")
    cast.book()
    cast.buy(buyer, "A1", NOW, "50", code=second.referral_code)
    cast.book()
    assert cast.shares() == [("A1", first.pk, "inviter", 15)]
    assert cast.books(first) == {"pending": 15, "cost": -15}


def test_her_own_orders_earn_nothing_by_any_of_her_records() -> None:
    cast.rule()
    her = cast.koc()
    other = Member.objects.create(name="同一人", merged_into=her.member)
    for number, buyer in enumerate((her.member or other, other)):
        cast.buy(buyer, f"A{number}", code=her.referral_code)
    cast.book()
    assert cast.shares() == []


@pytest.mark.parametrize("level", ["co_creation", "priority"])
def test_lower_levels_have_no_share(level: str) -> None:
    cast.rule()
    her, (buyer,) = cast.koc(level), cast.people(1)
    cast.buy(buyer, "A1", code=her.referral_code)
    cast.book()
    assert cast.shares() == []


def test_level_counts_as_it_was_at_the_order() -> None:
    cast.rule()
    her, (buyer,) = cast.koc("priority"), cast.people(1)
    cast.buy(buyer, "A1", NOW - 2 * DAY, code=her.referral_code)
    cast.step(her, KocVerb.PROMOTE, NOW - DAY, level="revenue_share")
    cast.buy(buyer, "A2", NOW, code=her.referral_code)
    cast.book()
    assert [order for order, *_rest in cast.shares()] == ["A2"]


def test_who_leaves_keeps_what_she_earned_and_earns_nothing_new() -> None:
    cast.rule()
    her, (buyer,) = cast.koc(), cast.people(1)
    cast.buy(buyer, "A1", NOW - DAY, code=her.referral_code)
    cast.leave(her, NOW)
    cast.buy(buyer, "A2", NOW + HOUR, code=her.referral_code)
    cast.book(NOW + HOUR)
    assert settle_due(now=later(15)) == 1
    cast.check()
    assert cast.shares() == [("A1", her.pk, "code", 10)]
    assert cast.books(her) == {"payable": 10, "cost": -10}


def test_withdrawn_consent_ends_the_accrual_and_not_what_is_owed() -> None:
    cast.rule()
    her, (buyer,) = cast.koc(), cast.people(1)
    cast.agree(her.member or buyer)
    cast.buy(buyer, "A1", NOW - DAY, code=her.referral_code)
    cast.agree(her.member or buyer, NOW, ConsentAction.WITHDRAW)
    cast.buy(buyer, "A2", NOW + HOUR, code=her.referral_code)
    cast.book(NOW + HOUR)
    assert cast.shares() == [("A1", her.pk, "code", 10)]
    assert cast.books(her) == {"pending": 10, "cost": -10}


def test_rule_of_the_day_of_the_order_holds() -> None:
    cast.rule("0.10")
    her, (buyer,) = cast.koc(), cast.people(1)
    cast.buy(buyer, "A1", NOW - HOUR, code=her.referral_code)
    cast.rule("0.02", now=NOW)
    cast.buy(buyer, "A2", NOW + HOUR, code=her.referral_code)
    cast.book(NOW + HOUR)
    cast.buy(buyer, "A1", NOW - HOUR, "50", code=her.referral_code)  # the order grew after the change
    cast.book(NOW + 2 * HOUR)
    assert [(order, share) for order, _koc, _way, share in cast.shares()] == [("A1", 15), ("A2", 2)]


def test_share_is_rounded_half_up_to_the_fen() -> None:
    cast.rule("0.0333")
    her, (buyer,) = cast.koc(), cast.people(1)
    cast.buy(buyer, "A1", price="15.015", code=her.referral_code)  # 15.02 × 3.33 % = 0.500166
    cast.buy(buyer, "A2", price="50", code=her.referral_code)  # 1.665
    cast.book()
    assert [share for *_rest, share in cast.shares()] == [Decimal("0.50"), Decimal("1.67")]


def test_caps_of_order_and_month_hold_and_a_refund_gives_room_again() -> None:
    cast.rule(order_cap="30", month_cap="50")
    her, (buyer,) = cast.koc(), cast.people(1)
    for number, price in enumerate(("500", "150", "200"), 1):
        cast.buy(buyer, f"A{number}", NOW + number * HOUR, price, code=her.referral_code)
    cast.buy(buyer, "B1", later(12), "200", code=her.referral_code)  # the month after
    cast.book(later(12))
    assert [share for *_rest, share in cast.shares()] == [30, 15, 5, 20]
    cast.refund(buyer, "A1", later(13), "500")
    cast.book(later(13))
    assert [share for *_rest, share in cast.shares()] == [0, 15, 20, 20]
    assert cast.books(her)["pending"] == 55


def test_refund_before_settlement_reverses_however_often_it_comes() -> None:
    cast.rule()
    her, (buyer,) = cast.koc(), cast.people(1)
    cast.buy(buyer, "A1", code=her.referral_code)
    cast.book()
    for _turn in range(10):
        cast.refund(buyer, "A1", NOW + DAY, "40")
        cast.book(NOW + DAY)
    assert cast.books(her) == {"pending": 6, "cost": -6}
    kinds = LedgerTransaction.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == [Booking.ACCRUE, Booking.REVERSE]


def test_refund_after_settlement_is_clawed_back_and_stands_until_met() -> None:
    cast.rule()
    her, (buyer,) = cast.koc(), cast.people(1)
    cast.buy(buyer, "A1", code=her.referral_code)
    cast.book()
    assert settle_due(now=later(14.99)) == 0
    assert [settle_due(now=later(15)) for _turn in range(3)] == [1, 0, 0]
    cast.refund(buyer, "A1", later(20), "100")
    cast.book(later(20))
    assert cast.books(her) == {"payable": 10, "claw_back": -10}
    assert balances_of([her])[her.pk].owed == 0
    assert LedgerTransaction.objects.filter(kind=Booking.CLAW_BACK).count() == 1


def test_refund_larger_than_the_order_takes_the_share_and_no_more() -> None:
    cast.rule()
    her, (buyer,) = cast.koc(), cast.people(1)
    cast.buy(buyer, "A1", code=her.referral_code)
    cast.buy(buyer, "A2", code=her.referral_code)
    cast.refund(buyer, "A1", NOW + DAY, "250")
    cast.book(NOW + DAY)
    assert [share for *_rest, share in cast.shares()] == [0, 10]
    assert ShareOrder.objects.get(order_no="A1").refunded == -250
    assert cast.books(her) == {"pending": 10, "cost": -10}


def test_refund_by_another_record_of_the_buyer_is_found() -> None:
    cast.rule()
    her, (buyer, winner) = cast.koc(), cast.people(2)
    cast.buy(buyer, "A1", code=her.referral_code)
    cast.book()
    buyer.merged_into = winner
    buyer.save()
    cast.refund(winner, "A1", NOW + DAY, "100")
    cast.book(NOW + DAY)
    assert cast.books(her) == {}


def test_followers_book_orders_refunds_and_late_invitations() -> None:
    cast.rule()
    her, (buyer, guest) = cast.koc(), cast.people(2)
    cast.buy(buyer, "A1", code=her.referral_code)
    cast.buy(guest, "A2")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE planted ON COMMIT DROP AS SELECT * FROM timeline_purchase")
        ShareOrders().handle(cursor, "planted")
        assert [order for order, *_rest in cast.shares()] == ["A1"]
        cast.invited(guest, her.member or guest, NOW - DAY)
        cursor.execute("CREATE TEMP TABLE touched ON COMMIT DROP AS SELECT * FROM timeline_touch")
        ShareInvitations().handle(cursor, "touched")
    assert [order for order, *_rest in cast.shares()] == ["A1", "A2"]
    cast.check()


def test_due_until_says_what_settles_by_then() -> None:
    cast.rule()
    her, (buyer,) = cast.koc(), cast.people(1)
    cast.buy(buyer, "A1", NOW - 10 * DAY, code=her.referral_code)
    cast.buy(buyer, "A2", code=her.referral_code)
    cast.book()
    assert due_until(later(7), cast.marketer()) == (1, 10)


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("rate", {"rate": Decimal(0)}),
        ("rate", {"rate": Decimal("1.01")}),
        ("order_cap", {"order_cap": Decimal(0)}),
        ("month_cap", {"month_cap": Decimal(-1)}),
        ("return_days", {"return_days": 181}),
        ("inviter_days", {"inviter_days": -1}),
        ("valid_from", {"valid_from": NOW - HOUR}),
        ("reason", {"reason": "  "}),
    ],
)
def test_rule_that_cannot_be_is_refused_by_its_field(field: str, values: dict[str, object]) -> None:
    given = {"rate": Decimal("0.1"), "valid_from": NOW, "reason": "试行", **values}
    with pytest.raises(RuleNotValid) as refused:
        add_rule(rule=RuleIn(**given), by=cast.marketer(), now=NOW)  # type: ignore[arg-type]
    assert list(refused.value.fields) == [field]
    assert not ShareRule.objects.exists()


def _transaction(koc: Koc, *sides: tuple[Book, int]) -> None:
    book_sides(
        kind=Booking.CORRECT,
        koc=koc,
        sides={book: Decimal(amount) for book, amount in sides},
        by=None,
        now=NOW,
    )
    connection.check_constraints()


@pytest.mark.parametrize("sides", [((Book.PAYABLE, 10), (Book.COST, -9)), ((Book.PAYABLE, 10),), ()])
def test_transaction_that_does_not_balance_is_refused_by_the_database(sides: tuple[tuple[Book, int], ...]) -> None:
    her = cast.koc()
    with pytest.raises(DatabaseError, match=r"not balanced|no two sides"), transaction.atomic():
        _transaction(her, *sides)
    assert not LedgerEntry.objects.exists()


def test_entry_of_another_koc_is_refused_by_the_database() -> None:
    her, other = cast.koc(), cast.koc()
    with pytest.raises(DatabaseError, match="another KOC"), transaction.atomic():
        made = LedgerTransaction.objects.create(kind="correct", koc=her, key="planted", at=NOW)
        LedgerEntry.objects.create(transaction=made, koc=her, book=Book.PAYABLE, amount=5)
        LedgerEntry.objects.create(transaction=made, koc=other, book=Book.COST, amount=-5)
        connection.check_constraints()


@pytest.mark.parametrize("sides", [((Book.PAYABLE, -1), (Book.COST, 1)), ((Book.CLAW_BACK, 1), (Book.COST, -1))])
def test_balance_on_the_wrong_side_is_refused_by_the_database(sides: tuple[tuple[Book, int], ...]) -> None:
    her = cast.koc()
    with pytest.raises(DatabaseError, match="community_balance_side"), transaction.atomic():
        _transaction(her, *sides)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE community_ledgerentry SET amount = 1",
        "DELETE FROM community_ledgerentry",
        "TRUNCATE community_ledgerentry",
        "UPDATE community_ledgertransaction SET kind = 'pay'",
        "DELETE FROM community_ledgertransaction",
        "UPDATE community_sharerule SET rate = 1",
        "UPDATE community_ledgerbalance SET amount = 0",
        "DELETE FROM community_ledgerbalance",
        "INSERT INTO community_ledgerbalance VALUES (1, 'paid', 100)",
        "ALTER TABLE community_ledgerentry DISABLE TRIGGER ALL",
        "SELECT community_keep_balances()",
    ],
)
def test_nobody_at_run_time_changes_what_was_booked(statement: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_verification_finds_a_share_that_nobody_booked() -> None:
    cast.rule()
    her, (buyer,) = cast.koc(), cast.people(1)
    cast.buy(buyer, "A1", code=her.referral_code)
    cast.book()
    ShareOrder.objects.update(share=11)
    faults = verify_ledger().faults
    assert len(faults) == 2
    assert all(str(ShareOrder.objects.get().pk) in fault for fault in faults)
    assert LedgerBalance.objects.count() == 2


def test_same_key_is_not_booked_twice() -> None:
    her = cast.koc()
    sides = {Book.PAYABLE: Decimal(5), Book.COST: Decimal(-5)}
    book_sides(kind=Booking.REWARD, koc=her, sides=sides, key="reward:1", by=None, now=NOW)
    with pytest.raises(DatabaseError, match="duplicate key"), transaction.atomic():
        book_sides(kind=Booking.REWARD, koc=her, sides=sides, key="reward:1", by=None, now=NOW)


def test_everybody_again_says_what_was_booked() -> None:
    cast.rule()
    her, (buyer,) = cast.koc(), cast.people(1)
    cast.buy(buyer, "A1", code=her.referral_code)
    booked = share_everybody(by=cast.marketer(), now=NOW)
    assert (booked.orders, booked.accrued) == (1, 10)
    assert share_everybody(by=None, now=NOW) == Booked()
