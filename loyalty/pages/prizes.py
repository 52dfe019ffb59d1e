"""Prizes: what there is, how it is mixed, and the settings of both."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.pages import StaffRequest
from core.errors import ScrmError
from core.pages import in_frame, page
from core.rules.whole import INTEGER, whole_in
from loyalty.enums import PrizeKind
from loyalty.models import Prize
from loyalty.pages.reading import Reader, typed_plain
from loyalty.selectors.prizes import mix, offer_settings
from loyalty.services.prizes import save_prize
from loyalty.services.settings import change_offer_settings

FIELDS = ("name", "kind", "value", "cost", "stock")
SETTINGS = ("prize_cap", "virtual_share", "mix_tolerance")


@page("loyalty.view_prize")
@require_safe
def listing(request: StaffRequest) -> HttpResponse:
    chosen = _named(request.GET.get("edit", ""))
    typed = {name: typed_plain(getattr(chosen, name)) for name in FIELDS} if chosen else {}
    return _show(request, chosen, typed, {})


@page("loyalty.view_prize")
@require_POST
def save(request: StaffRequest) -> HttpResponse:
    prize = _named(request.POST.get("prize", ""))
    if prize is None and request.POST.get("prize"):
        raise Http404
    if not request.user.has_perm("loyalty.change_prize" if prize else "loyalty.add_prize"):
        raise PermissionDenied
    typed = {name: request.POST.get(name, "") for name in FIELDS}
    reader = Reader(typed)
    values: dict[str, Any] = {
        "name": reader.text("name", 60),
        "kind": typed["kind"],
        "value": reader.amount("value") or Decimal(0),
        "cost": reader.amount("cost") or Decimal(0),
        "stock": reader.whole("stock") or 0,
    }
    if reader.faults:
        return _show(request, prize, typed, reader.faults, status=422)
    try:
        saved = save_prize(prize=prize, by=request.user, now=timezone.now(), **values)
    except ScrmError as refused:
        return _show(request, prize, typed, refused.fields, status=refused.status)
    messages.success(request, _("Prize “%(prize)s” saved.") % {"prize": saved.name})
    return redirect("loyalty:prizes")


def _named(number: str) -> Prize | None:
    """The prize that an address or a form names."""
    found = whole_in(number, most=INTEGER)
    return None if found is None else Prize.objects.filter(pk=found).first()


@page("loyalty.change_offersettings")
@require_POST
def settings(request: StaffRequest) -> HttpResponse:
    reader = Reader({name: request.POST.get(name, "") for name in SETTINGS})
    values = {
        "prize_cap": reader.amount("prize_cap"),
        "virtual_share": reader.whole("virtual_share"),
        "mix_tolerance": reader.whole("mix_tolerance"),
    }
    for name, value in values.items():
        if value is None:
            reader.faults.setdefault(name, [_("Say a number.")])
    reason = request.POST.get("reason", "")
    typed = {**reader.typed, "reason": reason}
    if reader.faults:
        return _show(request, None, typed, reader.faults, status=422)
    try:
        change_offer_settings(values=values, reason=reason, by=request.user, now=timezone.now())
    except ScrmError as refused:
        return _show(request, None, typed, refused.fields, status=refused.status)
    messages.success(request, _("Settings saved."))
    return redirect("loyalty:prizes")


def _show(
    request: StaffRequest,
    prize: Prize | None,
    typed: Mapping[str, str],
    errors: Mapping[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    held = offer_settings()
    may = request.user.has_perm
    context = {
        "title": _("Offers"),
        "tab": "prizes",
        "prizes": Prize.objects.order_by("-pk")[:200],
        "kinds": PrizeKind.choices,
        "mix": mix(),
        "cap": held.prize_cap,
        "settings": {name: typed.get(name, typed_plain(getattr(held, name))) for name in SETTINGS},
        "prize": prize,
        "typed": typed,
        "errors": errors,
        "editing": prize is not None or bool(errors),
        "can_add": may("loyalty.add_prize"),
        "can_change": may("loyalty.change_prize"),
        "can_set": may("loyalty.change_offersettings"),
    }
    return in_frame(request, "loyalty/prizes.html", context, status=status)
