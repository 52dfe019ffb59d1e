"""Marks and small readings that the pages of tasks, ledger and UGC share."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from django.contrib import messages
from django.http import HttpRequest

from core.admin.base import sentence
from core.errors import ScrmError
from core.moments import NO_DAY, read_day
from core.rules.whole import whole_in

TASK_MARKS = {"draft": "none", "open": "good", "closed": "none", "cancelled": "none"}
DELIVERY_MARKS = {"accepted": "busy", "delivered": "watch", "returned": "busy", "approved": "good", "dropped": "none"}
UGC_MARKS = {
    "offered": "watch",
    "in_review": "busy",
    "approved": "good",
    "returned": "watch",
    "withdrawn": "act",
    "ended": "none",
    "archived": "none",
}
PAYOUT_MARKS = {"open": "watch", "paid": "good", "cancelled": "none", "back": "act", "none": "none"}
LONGEST_AMOUNT = 12


def number_in(text: str) -> int | None:
    """A row's number as an address or a form says it."""
    return whole_in(text)


def amount_in(text: str) -> Decimal | None:
    """Two decimals at most, as money has them; a sign may stand before."""
    try:
        amount = Decimal(text.replace(",", "").replace("¥", "").replace("−", "-").strip())
    except InvalidOperation:
        return None
    whole = amount.is_finite() and amount.adjusted() < LONGEST_AMOUNT
    return amount if whole and amount == round(amount, 2) else None


def day_in(name: str, text: str, faults: dict[str, list[str]]) -> date | None:
    """None for nothing typed; what is no day is named."""
    if not text.strip():
        return None
    found = read_day(text)
    if found is None:
        faults[name] = [str(NO_DAY)]
    return found


def posted(data: Mapping[str, str], names: tuple[str, ...]) -> dict[str, str]:
    return {name: data.get(name, "").replace("\x00", "") for name in names}


def refuse(request: HttpRequest, refused: ScrmError) -> None:
    """Say on the next page what could not be done, and what is wrong with which value."""
    messages.error(request, sentence(refused))
