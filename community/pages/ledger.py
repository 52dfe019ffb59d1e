"""The ledger of KOC: all of it, one KOC, the rules, corrections."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.pages import StaffRequest
from community.enums.ledger import Book
from community.models import Delivery, Koc, LedgerTransaction, ShareOrder
from community.pages.earning_words import amount_in, number_in, posted
from community.selectors.ledger import (
    accounts,
    balances_of,
    due_until,
    people_in,
    rule_at,
    rules,
    shared_orders,
    totals,
    transactions,
)
from community.selectors.shown_koc import shown_koc
from community.services.payouts import correct
from community.services.sharing import RuleIn, add_rule
from core.errors import ScrmError
from core.pages import in_frame, page
from loyalty.pages.reading import Reader

PAGE = 50
SOON = timedelta(days=7)
RULE = ("rate", "order_cap", "month_cap", "return_days", "inviter_days", "valid_from", "reason")
CORRECTION = ("amount", "reason")
TABS = ("bookings", "orders")


@page("community.view_ledgertransaction")
@require_safe
def overview(request: StaffRequest) -> HttpResponse:
    """What is owed and was paid, over everybody whom one may see; then each of them."""
    now = timezone.now()
    before = number_in(request.GET.get("before", ""))
    found = accounts(request.user)
    rows = list((found.filter(pk__lt=before) if before else found)[: PAGE + 1])
    people = shown_koc(request.user, (row.pk for row in rows))
    balances = balances_of(rows[:PAGE])
    orders, share = due_until(now + SOON, request.user)
    context = {
        "title": _("Ledger of KOC"),
        "totals": totals(request.user),
        "people": people_in(request.user),
        "rows": [(people.get(row.pk), balances[row.pk]) for row in rows[:PAGE]],
        "older": rows[PAGE - 1].pk if len(rows) > PAGE else None,
        "rule": rule_at(now),
        "due_orders": orders,
        "due_share": share,
        "now": now,
        "may": _may(request),
    }
    return in_frame(request, "community/ledger.html", context)


@page("community.view_ledgertransaction")
@require_safe
def account(request: StaffRequest, koc_id: int) -> HttpResponse:
    return _account(request, _koc(request, koc_id), {})


@page("community.correct_ledger")
@require_POST
def correction(request: StaffRequest, koc_id: int) -> HttpResponse:
    koc = _koc(request, koc_id)
    typed = posted(request.POST, CORRECTION)
    amount = amount_in(typed["amount"])
    try:
        correct(koc=koc, amount=amount or Decimal(0), reason=typed["reason"], by=request.user, now=timezone.now())
    except ScrmError as refused:
        return _account(request, koc, typed, refused.fields, status=refused.status)
    messages.success(request, _("Booked: ¥%(amount)s.") % {"amount": f"{amount:,.2f}"})
    return redirect("community:account", koc.pk)


@page("community.view_sharerule")
@require_http_methods(["GET", "POST"])
def share_rules(request: StaffRequest) -> HttpResponse:
    """What is shared from when on; POST sets a rule for orders to come."""
    if request.method == "GET" or not request.user.has_perm("community.add_sharerule"):
        return _rules(request, _proposed())
    typed = posted(request.POST, RULE)
    reader, now = Reader(typed), timezone.now()
    given = _read(reader, now)
    if reader.faults:
        return _rules(request, typed, reader.faults, status=422)
    try:
        add_rule(rule=given, by=request.user, now=now)
    except ScrmError as refused:
        return _rules(request, typed, refused.fields, status=refused.status)
    messages.success(request, _("The rule is set. Orders before it keep the rule of their day."))
    return redirect("community:share_rules")


def _koc(request: StaffRequest, koc_id: int) -> Koc:
    return get_object_or_404(Koc.objects.visible_to(request.user), pk=koc_id)


def _account(
    request: StaffRequest, koc: Koc, typed: Mapping[str, str], errors: Any = None, *, status: int = 200
) -> HttpResponse:
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else TABS[0]
    balances = balances_of([koc])[koc.pk]
    context = {
        "title": _("Ledger of a KOC"),
        "koc": shown_koc(request.user, [koc.pk]).get(koc.pk),
        "balances": balances,
        "tab": tab,
        "tabs": (("bookings", _("Bookings")), ("orders", pgettext("ledger", "Orders"))),
        **_of_tab(request, koc, tab),
        "typed": typed,
        "errors": errors or {},
        "now": timezone.now(),
        "may": _may(request),
    }
    return in_frame(request, "community/account.html", context, status=status)


def _of_tab(request: StaffRequest, koc: Koc, tab: str) -> dict[str, Any]:
    before = number_in(request.GET.get("before", ""))
    if tab == "orders":
        orders = shared_orders(request.user, koc=koc)
        rows = list((orders.filter(purchase_id__lt=before) if before else orders)[: PAGE + 1])
        return {"orders": rows[:PAGE], "older": rows[PAGE - 1].pk if len(rows) > PAGE else None}
    found = transactions(request.user, koc=koc)
    booked = list((found.filter(pk__lt=before) if before else found)[: PAGE + 1])
    return {
        "bookings": [(row, about, sides_of(row)) for row, about in _what_for(booked[:PAGE])],
        "older": booked[PAGE - 1].pk if len(booked) > PAGE else None,
    }


def _what_for(rows: Sequence[LedgerTransaction]) -> Iterator[tuple[LedgerTransaction, str]]:
    """Each booking with its order, task or pay-out as people know it; the buyer of an order is not everybody's to see."""
    orders = dict(ShareOrder.objects.filter(pk__in=[row.purchase_id for row in rows]).values_list("pk", "order_no"))
    tasks = dict(Delivery.objects.filter(pk__in=[row.delivery_id for row in rows]).values_list("pk", "task__title"))
    for row in rows:
        if not getattr(row, "buyer_seen", False):
            yield row, _("of a member outside your scope")
        elif row.purchase_id is not None:
            yield row, _("Order %(number)s") % {"number": orders.get(row.purchase_id, row.purchase_id)}
        elif row.payout_id is not None:
            yield row, _("Pay-out #%(number)d") % {"number": row.payout_id}
        else:
            yield row, tasks.get(row.delivery_id or 0, "")


def sides_of(row: LedgerTransaction) -> list[tuple[str, Decimal]]:
    """Where it went and whence, without the brand's own side."""
    return [(str(Book(entry.book).label), entry.amount) for entry in row.entries.all() if entry.book != Book.COST]


def _may(request: StaffRequest) -> dict[str, bool]:
    names = {
        "pay": "view_payout",
        "rules": "view_sharerule",
        "correct": "correct_ledger",
        "export": "export_payout",
    }
    return {name: request.user.has_perm(f"community.{permission}") for name, permission in names.items()}


def _read(reader: Reader, now: datetime) -> RuleIn:
    percent = reader.amount("rate")
    days = {name: reader.whole(name) for name in ("return_days", "inviter_days")}
    for name, value in days.items():
        if value is None:
            reader.faults.setdefault(name, [_("A whole number of days is expected.")])
    return RuleIn(
        rate=(percent or Decimal(0)) / 100,
        order_cap=reader.amount("order_cap"),
        month_cap=reader.amount("month_cap"),
        return_days=days["return_days"] or 0,
        inviter_days=days["inviter_days"] or 0,
        valid_from=_moment(reader, now),
        reason=reader.typed["reason"],
    )


def _moment(reader: Reader, now: datetime) -> datetime:
    """Nothing typed: from now on."""
    return (reader.moment("valid_from") or now) if reader.typed["valid_from"].strip() else now


def _proposed() -> dict[str, str]:
    """The rule in force, to be changed."""
    rule = rule_at(timezone.now())
    if rule is None:
        return {"return_days": "15", "inviter_days": "30"}
    caps = {name: _plain(getattr(rule, name)) for name in ("order_cap", "month_cap")}
    return {
        "rate": _plain(rule.rate * 100),
        **caps,
        "return_days": str(rule.return_days),
        "inviter_days": str(rule.inviter_days),
    }


def _plain(number: Decimal | None) -> str:
    return "" if number is None else f"{number:.2f}".rstrip("0").rstrip(".")


def _rules(request: StaffRequest, typed: Mapping[str, str], errors: Any = None, *, status: int = 200) -> HttpResponse:
    now = timezone.now()
    current = rule_at(now)
    context = {
        "title": _("Rules of the revenue share"),
        "rows": rules(),
        "current": current.pk if current else None,
        "typed": typed,
        "errors": errors or {},
        "now": now,
        "can_add": request.user.has_perm("community.add_sharerule"),
    }
    return in_frame(request, "community/share_rules.html", context, status=status)
