"""Pay-outs: the dry run beside the button, the list, one with its lines."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.pages import StaffRequest
from accounts.selectors import latest_acts
from community.enums.ledger import PayoutState
from community.models import Payout, PayoutLine
from community.pages.earning_words import PAYOUT_MARKS, number_in, refuse
from community.selectors.payouts import lines_of, plan_of_payout
from community.selectors.shown_koc import shown_koc
from community.services.payouts import cancel_payout, confirm_payout, make_payout, return_line
from core.errors import ScrmError
from core.pages import in_frame, page

PAGE = 50


@page("community.view_payout")
@require_safe
def listing(request: StaffRequest) -> HttpResponse:
    """What a pay-out would hold now, and those that were made, the newest first."""
    before = number_in(request.GET.get("before", ""))
    found = Payout.objects.select_related("made_by", "closed_by").order_by("-pk")
    rows = list((found.filter(pk__lt=before) if before else found)[: PAGE + 1])
    context = {
        "title": _("Pay-outs"),
        "plan": plan_of_payout(request.user),
        "rows": [(row, PAYOUT_MARKS[row.state]) for row in rows[:PAGE]],
        "older": rows[PAGE - 1].pk if len(rows) > PAGE else None,
        "now": timezone.now(),
        "can_make": request.user.has_perm("community.add_payout"),
    }
    return in_frame(request, "community/payouts.html", context)


@page("community.add_payout")
@require_POST
def make(request: StaffRequest) -> HttpResponse:
    try:
        payout = make_payout(by=request.user, now=timezone.now())
    except ScrmError as refused:
        refuse(request, refused)
        return redirect("community:payouts")
    said = {"total": f"{payout.total:,.2f}", "count": payout.lines_count}
    messages.success(
        request,
        _("Made: ¥%(total)s for %(count)s KOC. Export it, have it paid, and have somebody else confirm.") % said,
    )
    return redirect("community:payout", payout.pk)


@page("community.view_payout")
@require_safe
def detail(request: StaffRequest, payout_id: int) -> HttpResponse:
    """Its lines, in the order of the KOC's numbers."""
    return _show(request, _payout(payout_id))


@page("community.confirm_payout")
@require_POST
def confirm(request: StaffRequest, payout_id: int) -> HttpResponse:
    payout, typed = _payout(payout_id), request.POST.get("reference", "")
    try:
        confirm_payout(payout=payout, reference=typed, by=request.user, now=timezone.now())
    except ScrmError as refused:
        return _show(request, payout, {"reference": typed}, refused)
    messages.success(request, _("Confirmed as paid."))
    return redirect("community:payout", payout.pk)


@page("community.add_payout")
@require_POST
def cancel(request: StaffRequest, payout_id: int) -> HttpResponse:
    payout, typed = _payout(payout_id), request.POST.get("reason", "")
    try:
        cancel_payout(payout=payout, reason=typed, by=request.user, now=timezone.now())
    except ScrmError as refused:
        return _show(request, payout, {"reason": typed}, refused)
    messages.success(request, _("Cancelled. Everybody is owed again what it held."))
    return redirect("community:payout", payout.pk)


@page("community.add_payout")
@require_POST
def return_payment(request: StaffRequest, line_id: int) -> HttpResponse:
    """One payment did not arrive."""
    rows = PayoutLine.objects.visible_to(request.user).select_related("payout__made_by", "payout__closed_by")
    line: PayoutLine = get_object_or_404(rows, pk=line_id)
    typed = request.POST.get("reason", "")
    try:
        return_line(line=line, reason=typed, by=request.user, now=timezone.now())
    except ScrmError as refused:
        return _show(request, line.payout, {"line_reason": typed}, refused)
    messages.success(request, _("It is owed again, and goes into the next pay-out."))
    return redirect("community:payout", line.payout_id)


def _payout(payout_id: int) -> Payout:
    return get_object_or_404(Payout.objects.select_related("made_by", "closed_by"), pk=payout_id)


def _show(
    request: StaffRequest, payout: Payout, typed: dict[str, str] | None = None, refused: ScrmError | None = None
) -> HttpResponse:
    if refused is not None:
        refuse(request, refused)
    after = number_in(request.GET.get("after", "")) or 0
    lines = lines_of(payout, user=request.user, after=after, most=PAGE + 1)
    people = shown_koc(request.user, (line.koc_id for line in lines))
    is_open = payout.state == PayoutState.OPEN
    context: dict[str, Any] = {
        "title": _("Pay-out #%(number)d") % {"number": payout.pk},
        "payout": payout,
        "mark": PAYOUT_MARKS[payout.state],
        "rows": [(line, PAYOUT_MARKS[line.state], people.get(line.koc_id)) for line in lines[:PAGE]],
        "more": lines[PAGE - 1].koc_id if len(lines) > PAGE else None,
        "typed": typed or {},
        "history": latest_acts(payout),
        "may": {
            "confirm": is_open
            and request.user.has_perm("community.confirm_payout")
            and request.user.pk != payout.made_by_id,
            "own": is_open and request.user.pk == payout.made_by_id,
            "cancel": is_open and request.user.has_perm("community.add_payout"),
            "return": payout.state != PayoutState.CANCELLED and request.user.has_perm("community.add_payout"),
            "export": request.user.has_perm("community.export_payout"),
        },
    }
    return in_frame(request, "community/payout.html", context, status=refused.status if refused else 200)
