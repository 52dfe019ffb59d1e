"""Pay-outs: amounts fixed by one person, confirmed as paid by another; what did not arrive is owed again.

What a KOC has to give back after a refund is taken of what she is owed before anything is paid, and stands in the
ledger until it is. Taxes and withholding are nobody's business here: the amounts are before both.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from community.enums.ledger import Book, Booking, LineState, PayoutState
from community.errors.ledger import (
    CorrectionNotValid,
    NothingToPay,
    OtherPersonPays,
    PayoutNotSaid,
    PayoutStateWrong,
)
from community.models import Koc, LedgerBalance, LedgerTransaction, Payout, PayoutLine
from community.rules import payout_sql
from community.selectors.payouts import positions_statement
from community.services.booking import alone, book

LONGEST_REFERENCE = 80
MOST = Decimal(10) ** 8


@transaction.atomic
def make_payout(*, by: User, now: datetime) -> Payout:
    """Fix what everybody is owed now, of the KOC that `by` may see. Raises NothingToPay."""
    positions, values = positions_statement(by)
    with connection.cursor() as cursor:
        alone(cursor)
        payout = Payout.objects.create(total=0, lines_count=0, made_by=by, made_at=now)
        statement = payout_sql.LINES.format(positions=positions)
        cursor.execute(statement, [*values, payout.pk, payout.pk, payout.pk, now, by.pk])
        count, total = cursor.fetchone()
    if not count:
        raise NothingToPay
    payout.total, payout.lines_count = total, count
    payout.save(update_fields=["total", "lines_count"])
    changes: dict[str, list[Any]] = {"total": [None, str(total)], "koc": [None, count]}
    record(by=by, action="community.make_payout", obj=payout, changes=changes, at=now)
    return payout


@transaction.atomic
def confirm_payout(*, payout: Payout, reference: str, by: User, now: datetime) -> Payout:
    """It was paid. Raises OtherPersonPays for whoever made it, PayoutNotSaid without the reference of the payment."""
    locked = _locked(payout)
    if by.pk == locked.made_by_id:
        raise OtherPersonPays
    said = reference.replace("\x00", "").strip()
    if not 0 < len(said) <= LONGEST_REFERENCE:
        raise PayoutNotSaid(fields={"reference": [_("Say the number under which the bank or platform knows it.")]})
    count, total = _move(locked, Booking.PAY, (Book.TRANSIT, Book.PAID), LineState.PAID, by=by, now=now)
    _close(locked, PayoutState.PAID, by=by, now=now)
    locked.reference = said
    locked.save(update_fields=["state", "closed_by", "closed_at", "reference"])
    changes: dict[str, list[Any]] = {"paid": [None, str(total)], "koc": [None, count], "reference": [None, said]}
    record(by=by, action="community.confirm_payout", obj=locked, changes=changes, at=now)
    return locked


@transaction.atomic
def cancel_payout(*, payout: Payout, reason: str, by: User, now: datetime) -> Payout:
    """Nothing was paid: everybody is owed again what it held. What was taken back of it stays taken back."""
    locked = _locked(payout)
    _require_reason(reason)
    count, total = _move(locked, Booking.BACK, (Book.TRANSIT, Book.PAYABLE), LineState.BACK, by=by, now=now)
    _close(locked, PayoutState.CANCELLED, by=by, now=now)
    locked.save(update_fields=["state", "closed_by", "closed_at"])
    changes: dict[str, list[Any]] = {"back": [None, str(total)], "koc": [None, count]}
    record(by=by, action="community.cancel_payout", obj=locked, changes=changes, reason=reason, at=now)
    return locked


@transaction.atomic
def return_line(*, line: PayoutLine, reason: str, by: User, now: datetime) -> PayoutLine:
    """A payment that did not arrive is owed again, once. Raises PayoutStateWrong."""
    _require_reason(reason)
    with connection.cursor() as cursor:
        alone(cursor)
    locked: PayoutLine = PayoutLine.objects.select_for_update(of=("self",)).select_related("payout").get(pk=line.pk)
    if locked.state not in {LineState.OPEN, LineState.PAID}:
        raise PayoutStateWrong
    source = Book.TRANSIT if locked.state == LineState.OPEN else Book.PAID
    _move(locked.payout, Booking.BACK, (source, Book.PAYABLE), LineState.BACK, by=by, now=now, line=locked)
    changes: dict[str, list[Any]] = {"koc": [None, locked.koc_id], "amount": [None, str(locked.amount)]}
    record(by=by, action="community.return_payment", obj=locked.payout, changes=changes, reason=reason, at=now)
    locked.refresh_from_db()
    return locked


@transaction.atomic
def correct(*, koc: Koc, amount: Decimal, reason: str, by: User, now: datetime) -> LedgerTransaction:
    """Give (above 0) or take (below 0) an amount by hand; what she has to give back is met first.

    Raises CorrectionNotValid. The reason stands in the record of acts.
    """
    faults: dict[str, list[str]] = {}
    if not amount or abs(amount) >= MOST or amount != round(amount, 2):
        faults["amount"] = [_("An amount with two decimals at most, and not 0.")]
    if not reason.strip():
        faults["reason"] = [_("Say why.")]
    if faults:
        raise CorrectionNotValid(fields=faults)
    with connection.cursor() as cursor:
        alone(cursor)
    sides = _sides(koc, amount)
    made = book(kind=Booking.CORRECT, koc=koc, sides=sides, by=by, now=now)
    changes: dict[str, list[Any]] = {where.value: [None, str(each)] for where, each in sides.items() if each}
    record(by=by, action="community.correct_ledger", obj=koc, changes=changes, reason=reason, at=now)
    return made


def _sides(koc: Koc, amount: Decimal) -> dict[Book, Decimal]:
    held = dict(LedgerBalance.objects.filter(koc=koc).values_list("book", "amount"))
    if amount > 0:
        claw = min(amount, -held.get(Book.CLAW_BACK, Decimal(0)))
        return {Book.CLAW_BACK: claw, Book.PAYABLE: amount - claw, Book.COST: -amount}
    taken = min(-amount, held.get(Book.PAYABLE, Decimal(0)))
    return {Book.PAYABLE: -taken, Book.CLAW_BACK: amount + taken, Book.COST: -amount}


def _locked(payout: Payout) -> Payout:
    """After `alone`, so that a line cannot move meanwhile. Raises PayoutStateWrong for one that is closed."""
    with connection.cursor() as cursor:
        alone(cursor)
    locked = Payout.objects.select_for_update(of=("self",)).get(pk=payout.pk)
    if locked.state != PayoutState.OPEN:
        raise PayoutStateWrong
    return locked


def _close(payout: Payout, state: PayoutState, *, by: User, now: datetime) -> None:
    payout.state, payout.closed_by, payout.closed_at = state, by, now


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise PayoutNotSaid(fields={"reason": [_("Say why.")]})


def _move(
    payout: Payout,
    kind: Booking,
    books: tuple[Book, Book],
    state: LineState,
    *,
    by: User,
    now: datetime,
    line: PayoutLine | None = None,
) -> tuple[int, Decimal]:
    values = {
        "payout": payout.pk,
        "line": line.pk if line else None,
        "was": line.state if line else LineState.OPEN.value,
        "kind": kind.value,
        "from": books[0].value,
        "to": books[1].value,
        "state": state.value,
        "now": now,
        "by": by.pk,
    }
    with connection.cursor() as cursor:
        cursor.execute(payout_sql.MOVE, values)
        count, total = cursor.fetchone()
    return int(count), total
