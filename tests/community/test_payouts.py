"""Pay-outs and rewards: amounts fixed by one, confirmed by another; claw-backs carried; nothing paid twice."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from accounts.enums import Role
from audit.models import AuditEntry
from community.enums.ledger import Book, LineState, PayoutState
from community.errors.ledger import (
    CorrectionNotValid,
    NothingToPay,
    OtherPersonPays,
    PayoutNotSaid,
    PayoutStateWrong,
)
from community.models import Koc, LedgerEntry, LedgerTransaction, Payout, ShareOrder
from community.selectors.ledger import balances_of, totals, verify_ledger
from community.selectors.payouts import lines_of, plan_of_payout
from community.services.payouts import cancel_payout, confirm_payout, correct, make_payout, return_line
from community.services.sharing import settle_due, share_everybody
from members.models import Member
from tests.community import earnings as cast
from tests.community.earnings import NOW, later

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _months() -> None:
    cast.months()


def earned(amounts: Iterable[str] = ("100",)) -> tuple[Koc, Member]:
    """A KOC with settled shares of a tenth of these orders."""
    if not ShareOrder.objects.exists():
        cast.rule()
    her, (buyer,) = cast.koc(), cast.people(1)
    for number, price in enumerate(amounts):
        cast.buy(buyer, f"{her.pk}-{number}", price=price, code=her.referral_code)
    cast.book()
    settle_due(now=later(15))
    return her, buyer


def paid(at: float = 16) -> Payout:
    payout = make_payout(by=cast.marketer(), now=later(at))
    return confirm_payout(payout=payout, reference="B-1", by=cast.second(), now=later(at))


def test_payout_fixes_pays_and_leaves_nothing_to_pay() -> None:
    her, _buyer = earned(("100", "50"))
    assert plan_of_payout(cast.marketer()).total == 15
    payout = make_payout(by=cast.marketer(), now=later(16))
    assert (payout.total, payout.lines_count) == (15, 1)
    assert cast.books(her) == {"transit": 15, "cost": -15}
    with pytest.raises(NothingToPay):
        make_payout(by=cast.second(), now=later(16))
    assert Payout.objects.count() == 1
    confirm_payout(payout=payout, reference=" B-20261206 ", by=cast.second(), now=later(17))
    cast.check()
    assert cast.books(her) == {"paid": 15, "cost": -15}
    payout.refresh_from_db()
    assert (payout.state, payout.reference, payout.closed_by) == (PayoutState.PAID, "B-20261206", cast.second())
    assert AuditEntry.objects.filter(action="community.confirm_payout").count() == 1


def test_who_made_it_does_not_confirm_it_and_the_database_says_so_too() -> None:
    earned()
    payout = make_payout(by=cast.marketer(), now=later(16))
    with pytest.raises(OtherPersonPays):
        confirm_payout(payout=payout, reference="B-1", by=cast.marketer(), now=later(16))
    with pytest.raises(IntegrityError, match="four_eyes"), transaction.atomic():
        Payout.objects.update(state="paid", closed_by=cast.marketer(), closed_at=later(16))


def test_confirming_twice_is_refused() -> None:
    earned()
    payout = paid()
    with pytest.raises(PayoutStateWrong):
        confirm_payout(payout=payout, reference="B-2", by=cast.second(), now=later(17))


@pytest.mark.parametrize("reference", ["", "  ", "x" * 81])
def test_confirming_needs_a_reference(reference: str) -> None:
    earned()
    payout = make_payout(by=cast.marketer(), now=later(16))
    with pytest.raises(PayoutNotSaid):
        confirm_payout(payout=payout, reference=reference, by=cast.second(), now=later(16))


def test_claw_back_goes_against_the_next_pay_out_and_the_rest_is_carried() -> None:
    her, buyer = earned(("100", "30"))
    paid()
    cast.refund(buyer, f"{her.pk}-0", later(20), "100")
    cast.book(later(20))
    assert cast.books(her) == {"claw_back": -10, "paid": 13, "cost": -3}
    cast.buy(buyer, "B1", later(21), "40", code=her.referral_code)
    cast.book(later(21))
    settle_due(now=later(40))
    plan = plan_of_payout(cast.marketer())
    assert (plan.koc, plan.payable, plan.offset, plan.total, plan.debtors, plan.carried) == (1, 4, 4, 0, 1, 6)
    payout = make_payout(by=cast.marketer(), now=later(40))
    (line,) = lines_of(payout, user=cast.marketer())
    assert (line.payable, line.offset, line.amount, line.state) == (4, 4, 0, LineState.NONE)
    cast.check()
    assert cast.books(her) == {"claw_back": -6, "paid": 13, "cost": -7}
    confirm_payout(payout=payout, reference="B-2", by=cast.second(), now=later(41))
    cast.check()
    assert balances_of([her])[her.pk].owed == -6


def test_cancelled_pay_out_is_owed_again() -> None:
    her, _buyer = earned()
    payout = make_payout(by=cast.marketer(), now=later(16))
    with pytest.raises(PayoutNotSaid):
        cancel_payout(payout=payout, reason=" ", by=cast.marketer(), now=later(16))
    cancel_payout(payout=payout, reason="账户有误", by=cast.marketer(), now=later(16))
    cast.check()
    assert cast.books(her) == {"payable": 10, "cost": -10}
    assert paid(17).total == 10
    cast.check()


def test_payment_that_did_not_arrive_is_owed_again_once() -> None:
    her, _buyer = earned()
    payout = paid()
    (line,) = lines_of(payout, user=cast.marketer())
    return_line(line=line, reason="账号已注销", by=cast.marketer(), now=later(18))
    cast.check()
    assert cast.books(her) == {"payable": 10, "cost": -10}
    with pytest.raises(PayoutStateWrong):
        return_line(line=line, reason="再退", by=cast.marketer(), now=later(18))


def test_reason_of_a_payment_that_came_back_names_nobody() -> None:
    her, _buyer = earned()
    assert her.member is not None
    Member.objects.filter(pk=her.member.pk).update(name="王阿梅")
    (line,) = lines_of(paid(), user=cast.marketer())
    return_line(line=line, reason="王阿梅的账号已注销", by=cast.marketer(), now=later(18))
    said = AuditEntry.objects.get(action="community.return_payment").reason
    assert "王阿梅" not in said
    assert "账号已注销" in said


def test_line_taken_out_of_an_open_pay_out_is_not_paid_with_it() -> None:
    (her, _), (other, _) = earned(), earned()
    payout = make_payout(by=cast.marketer(), now=later(16))
    line = lines_of(payout, user=cast.marketer())[0]
    return_line(line=line, reason="信息待核对", by=cast.marketer(), now=later(16))
    confirm_payout(payout=payout, reference="B-1", by=cast.second(), now=later(17))
    cast.check()
    assert (cast.books(her), cast.books(other)) == (
        {"payable": 10, "cost": -10},
        {"paid": 10, "cost": -10},
    )


def test_who_left_in_the_middle_is_still_paid() -> None:
    her, _buyer = earned()
    cast.leave(her, later(15.5))
    assert paid().total == 10


def test_erased_koc_is_counted_apart_and_not_paid() -> None:
    her, _buyer = earned()
    cast.leave(her, later(15.5))
    Koc.objects.filter(pk=her.pk).update(member=None)
    plan = plan_of_payout(cast.marketer())
    assert (plan.koc, plan.total, plan.gone, plan.gone_amount) == (0, 0, 1, 10)
    with pytest.raises(NothingToPay):
        make_payout(by=cast.marketer(), now=later(16))


def test_who_sees_nobody_is_told_of_nobody() -> None:
    earned()
    plan = plan_of_payout(cast.person("legal", Role.LEGAL))
    assert (plan.koc, plan.total, plan.gone_amount) == (0, 0, 0)


def test_correction_meets_what_is_to_be_taken_back_first() -> None:
    her, buyer = earned()
    paid()
    cast.refund(buyer, f"{her.pk}-0", later(20), "100")
    cast.book(later(20))
    correct(koc=her, amount=Decimal("12.50"), reason="协商免收", by=cast.marketer(), now=later(21))
    cast.check()
    assert cast.books(her) == {"payable": Decimal("2.5"), "paid": 10, "cost": Decimal("-12.5")}
    correct(koc=her, amount=Decimal(-4), reason="多付", by=cast.marketer(), now=later(21))
    cast.check()
    assert cast.books(her) == {"claw_back": Decimal("-1.5"), "paid": 10, "cost": Decimal("-8.5")}


@pytest.mark.parametrize(
    ("amount", "reason", "field"),
    [("0", "无", "amount"), ("1.005", "无", "amount"), ("1e9", "无", "amount"), ("5", " ", "reason")],
)
def test_correction_that_cannot_be_is_refused(amount: str, reason: str, field: str) -> None:
    her = cast.koc()
    with pytest.raises(CorrectionNotValid) as refused:
        correct(koc=her, amount=Decimal(amount), reason=reason, by=cast.marketer(), now=NOW)
    assert list(refused.value.fields) == [field]


class Ledger(RuleBasedStateMachine):
    """Two KOC, a few orders, refunds that come in storms, pay-outs that are paid, cancelled or sent back.

    Beside the database runs a ledger in Python: what each order is worth is computed from scratch.
    """

    def __init__(self) -> None:
        super().__init__()
        self.point = transaction.atomic()
        self.point.__enter__()
        cast.months()
        cast.rule("0.0750", month_cap="60", order_cap="25")
        self.kocs = [cast.koc(), cast.koc()]
        self.buyer = cast.people(1)[0]
        self.orders: list[tuple[str, Koc]] = []
        self.bought: dict[str, int] = {}
        self.back: dict[str, int] = {}
        self.days = 0.0
        self.by_hand = Decimal(0)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.point.__exit__(None, None, None)

    @property
    def now(self) -> datetime:
        return later(self.days)

    @rule(who=st.integers(0, 1), cents=st.integers(1, 60_000))
    def buy(self, who: int, cents: int) -> None:
        number = f"S{len(self.orders)}"
        cast.buy(self.buyer, number, NOW, str(Decimal(cents) / 100), code=self.kocs[who].referral_code)
        self.orders.append((number, self.kocs[who]))
        self.bought[number] = cents

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), cents=st.integers(1, 80_000))
    def storm_of_refunds(self, data: st.DataObject, cents: int) -> None:
        """The same refund ten times."""
        number, _koc = data.draw(st.sampled_from(self.orders))
        if number in self.back:
            return
        at = later(1)
        for _turn in range(10):
            cast.refund(self.buyer, number, at, str(Decimal(cents) / 100))
            share_everybody(by=None, now=self.now)
        self.back[number] = cents

    @rule(days=st.floats(0, 20))
    def days_pass(self, days: float) -> None:
        self.days += days
        settle_due(now=self.now)
        assert settle_due(now=self.now) == 0

    @rule(pay=st.booleans())
    def pay_out(self, pay: bool) -> None:
        try:
            payout = make_payout(by=cast.marketer(), now=self.now)
        except NothingToPay:
            assert not totals(cast.marketer()).payable
            return
        if pay:
            confirm_payout(payout=payout, reference="B", by=cast.second(), now=self.now)
        else:
            cancel_payout(payout=payout, reason="撤销", by=cast.marketer(), now=self.now)

    @rule(data=st.data())
    def payment_comes_back(self, data: st.DataObject) -> None:
        payouts = list(Payout.objects.filter(state="paid"))
        lines = [line for payout in payouts for line in lines_of(payout, user=cast.marketer())]
        open_lines = [line for line in lines if line.state == LineState.PAID]
        if open_lines:
            return_line(line=data.draw(st.sampled_from(open_lines)), reason="退票", by=cast.marketer(), now=self.now)

    @rule(who=st.integers(0, 1), cents=st.integers(-5_000, 5_000).filter(bool))
    def correct(self, who: int, cents: int) -> None:
        amount = Decimal(cents) / 100
        correct(koc=self.kocs[who], amount=amount, reason="更正", by=cast.marketer(), now=self.now)
        self.by_hand += amount

    @rule()
    def facts_again(self) -> None:
        share_everybody(by=None, now=self.now)
        before = LedgerTransaction.objects.count()
        share_everybody(by=None, now=self.now)
        assert LedgerTransaction.objects.count() == before

    @invariant()
    def everything_holds_together(self) -> None:
        share_everybody(by=None, now=self.now)
        cast.check()
        assert verify_ledger().faults == ()

    @invariant()
    def shares_are_what_the_rule_says(self) -> None:
        stored = dict(ShareOrder.objects.values_list("order_no", "share"))
        given = dict.fromkeys((koc.pk for koc in self.kocs), Decimal(0))
        for number, koc in self.orders:
            net = Decimal(max(self.bought[number] - self.back.get(number, 0), 0)) / 100
            earned = min((net * Decimal("0.0750")).quantize(Decimal("0.01"), "ROUND_HALF_UP"), Decimal(25))
            share = min(earned, max(Decimal(60) - given[koc.pk], Decimal(0)))
            given[koc.pk] += earned
            assert stored[number] == share
        now = totals(cast.marketer())
        assert now.owed + now.paid == sum(stored.values()) + self.by_hand == -now.cost


def test_ledger_holds_whatever_comes_in_whatever_order() -> None:
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=15, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


def test_verification_is_among_those_of_the_whole() -> None:
    earned()
    call_command("verify_all", "--json")
    assert LedgerEntry.objects.filter(book=Book.COST).count() == 1
