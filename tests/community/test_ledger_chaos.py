"""The ledger under rivals and in bulk: nothing booked twice, no drift (`make chaos`)."""

import os
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import connections, transaction

from accounts.models import User
from community.errors.ledger import NothingToPay, PayoutStateWrong
from community.models import LedgerTransaction, Payout, PayoutLine, ShareOrder
from community.selectors.ledger import totals, verify_ledger
from community.services.payouts import cancel_payout, confirm_payout, correct, make_payout, return_line
from community.services.sharing import Booked, settle_due, share_everybody
from members.models import Member
from tests.community import earnings as cast
from tests.community.earnings import NOW, later
from timeline.services import PurchaseLineIn, record_purchases

pytestmark = [pytest.mark.chaos, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
THREADS, RIVALS = 20, 200
#: `make chaos` books a hundred thousand.
BOOKINGS = int(os.environ.get("SCRM_T9_BOOKINGS", "10000"))
ORDERS, MORE = BOOKINGS * 3 // 10, BOOKINGS // 10


@pytest.fixture(autouse=True)
def _months() -> None:
    cast.months()


def at_once(acts: list[Callable[[], object]]) -> None:
    """Each in a connection of its own; what a rival was faster at is no fault."""

    def act(one: Callable[[], object]) -> None:
        try:
            one()
        except (NothingToPay, PayoutStateWrong):
            return
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(act, acts))


def confirm(by: User) -> None:
    for payout in Payout.objects.filter(state="open")[:1]:
        confirm_payout(payout=payout, reference="B", by=by, now=later(30))


def cancel(by: User) -> None:
    for payout in Payout.objects.filter(state="open")[:1]:
        cancel_payout(payout=payout, reason="撤销", by=by, now=later(30))


def send_back(by: User) -> None:
    for line in PayoutLine.objects.filter(state="paid")[:1]:
        return_line(line=line, reason="退票", by=by, now=later(30))


def test_two_hundred_rivals_leave_the_books_balanced() -> None:
    cast.rule()
    kocs, buyers = [cast.koc() for _each in range(4)], cast.people(10)
    maker, payer = cast.marketer(), cast.second()
    for number in range(60):
        cast.buy(buyers[number % 10], f"R{number}", NOW, "100", code=kocs[number % 4].referral_code)
    for number in range(0, 60, 3):
        cast.refund(buyers[number % 10], f"R{number}", later(20), "100")
    chance = random.Random(5)  # the same rivals each time

    kinds: list[Callable[[], object]] = [
        lambda: share_everybody(by=None, now=later(21)),
        lambda: settle_due(now=later(21)),
        lambda: make_payout(by=maker, now=later(30)),
        lambda: confirm(payer),
        lambda: cancel(maker),
        lambda: send_back(maker),
        lambda: correct(koc=kocs[0], amount=Decimal("0.01"), reason="更正", by=maker, now=later(30)),
    ]
    at_once([chance.choice(kinds) for _each in range(RIVALS)])
    share_everybody(by=None, now=later(31))
    settle_due(now=later(31))
    assert verify_ledger().faults == ()
    assert ShareOrder.objects.count() == 60
    books = totals(maker)
    by_hand = LedgerTransaction.objects.filter(kind="correct").count() * Decimal("0.01")
    assert books.owed + books.paid == 40 * 10 + by_hand == -books.cost


def test_the_same_refund_from_ten_at_once_is_taken_back_once() -> None:
    cast.rule()
    her, (buyer,) = cast.koc(), cast.people(1)
    cast.buy(buyer, "A1", code=her.referral_code)
    share_everybody(by=None, now=NOW)

    def storm() -> None:
        cast.refund(buyer, "A1", later(1), "60")
        share_everybody(by=None, now=later(1))

    at_once([storm] * 10)
    share_everybody(by=None, now=later(1))
    assert cast.books(her) == {"pending": 4, "cost": -4}
    assert LedgerTransaction.objects.filter(kind="reverse").count() == 1


def _lines(buyers: list[Member], codes: list[str], first: int, count: int, quantity: int) -> list[PurchaseLineIn]:
    return [
        PurchaseLineIn(
            line_no=number,
            member_id=buyers[number % len(buyers)].pk,
            source="shop",
            order_no=f"B{number}",
            line_at=NOW if quantity > 0 else later(20),
            product_code="P",
            quantity=Decimal(quantity),
            unit_price=Decimal(10 + number % 500),
            referral_code=codes[number % len(codes)] if quantity > 0 else "",
        )
        for number in range(first, first + count)
    ]


def test_many_bookings_drift_by_nothing() -> None:
    """Accrued, settled, taken back, accrued again: each booking checked by the database at the end of its transaction."""
    cast.rule("0.0850", order_cap="40")
    kocs, buyers = [cast.koc() for _each in range(50)], cast.people(500)
    codes = [koc.referral_code or "" for koc in kocs]
    with transaction.atomic():
        record_purchases(rows=_lines(buyers, codes, 0, ORDERS, 1), now=NOW)
    share_everybody(by=None, now=NOW)
    assert settle_due(now=later(16)) == ORDERS
    with transaction.atomic():
        record_purchases(rows=_lines(buyers, codes, 0, ORDERS, -1), now=later(20))
        record_purchases(rows=_lines(buyers, codes, ORDERS, MORE, 1), now=NOW)
    share_everybody(by=None, now=later(20))
    assert LedgerTransaction.objects.count() == 3 * ORDERS + MORE == BOOKINGS
    assert share_everybody(by=None, now=later(20)) == Booked()
    assert verify_ledger().faults == ()
    books = totals(cast.marketer())
    assert books.payable == -books.claw_back
    assert books.pending == -books.cost == books.owed
