"""Gateways: the list, and the form by which one is set up. A secret goes in and is shown to nobody."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.pages import StaffRequest
from accounts.selectors import latest_acts
from compliance.enums.consent import REACHING_CHOICES
from core.errors import ScrmError
from core.pages import in_frame, page
from core.rules.whole import INTEGER, whole_in
from messaging.models import Gateway
from messaging.pages.words import sentence
from messaging.selectors.setups import kinds_of_gateways
from messaging.services.gateways import GatewayPlan, save_gateway

TEXTS = {"code": 40, "name": 80, "adapter": 20, "channel": 20, "sender": 40, "refusal": 120}
LONGEST_SETTINGS, LONGEST_SECRET = 10_000, 500
NUMBERS = ("per_second", "daily_limit")


@page("messaging.view_gateway")
@require_safe
def listing(request: StaffRequest) -> HttpResponse:
    kinds = dict(kinds_of_gateways())
    context = {
        "title": _("Gateways"),
        "tab": "gateways",
        "rows": [(gateway, kinds.get(gateway.adapter, gateway.adapter)) for gateway in Gateway.objects.all()],
        "can_add": request.user.has_perm("messaging.add_gateway"),
        "can_change": request.user.has_perm("messaging.change_gateway"),
    }
    return in_frame(request, "messaging/gateways.html", context)


@page("messaging.add_gateway")
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: StaffRequest) -> HttpResponse:
    return _edit(request, None)


@page("messaging.change_gateway")
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: StaffRequest, gateway_id: int) -> HttpResponse:
    return _edit(request, get_object_or_404(Gateway, pk=gateway_id))


def _edit(request: StaffRequest, gateway: Gateway | None) -> HttpResponse:
    if request.method != "POST":
        return _form(request, gateway, _typed(gateway))
    typed = {name: request.POST.get(name, "") for name in (*TEXTS, *NUMBERS, "settings", "is_active")}
    plan, faults = _plan(request, gateway, typed)
    if faults:
        return _form(request, gateway, typed, faults, status=400)
    try:
        save_gateway(plan=plan, by=request.user, now=timezone.now(), gateway=gateway)
    except ScrmError as refused:
        return _form(request, gateway, typed, refused.fields, refused=sentence(refused), status=refused.status)
    messages.success(request, _("The gateway is saved."))
    return redirect("messaging:gateways")


def _plan(
    request: StaffRequest, gateway: Gateway | None, typed: dict[str, str]
) -> tuple[GatewayPlan, dict[str, list[str]]]:
    """What the form says, and what in it cannot be read. Code and kind of a gateway stay."""
    faults: dict[str, list[str]] = {}
    texts = {name: typed[name].replace("\x00", "").strip()[:most] for name, most in TEXTS.items()}
    if gateway is not None:
        texts |= {"code": gateway.code, "adapter": gateway.adapter}
    if not texts["code"] or not all(mark.isascii() and (mark.isalnum() or mark in "-_") for mark in texts["code"]):
        faults["code"] = [_("Letters, digits, hyphens and underscores.")]
    if not texts["name"]:
        faults["name"] = [_("Give it a name.")]
    numbers: dict[str, int | None] = {}
    for name in NUMBERS:
        text = typed[name].replace(",", "").strip()
        numbers[name] = whole_in(text, most=INTEGER)
        if text and numbers[name] is None:
            faults[name] = [_("A whole number from 0 to %(most)s is expected.") % {"most": f"{INTEGER:,}"}]
    settings = _settings(typed["settings"], faults)
    secret = request.POST.get("secret", "").replace("\x00", "").strip()[:LONGEST_SECRET]
    plan = GatewayPlan(
        **texts,
        settings=settings,
        secret=secret,
        per_second=numbers["per_second"],
        daily_limit=numbers["daily_limit"],
        is_active=bool(typed["is_active"]),
    )
    return plan, faults


def _settings(text: str, faults: dict[str, list[str]]) -> dict[str, Any]:
    try:
        found = json.loads(text[:LONGEST_SETTINGS] or "{}")
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or "\\u0000" in text:
        faults["settings"] = [_('Settings are a JSON object, such as {"url": "https://…"}.')]
        return {}
    return found


def _typed(gateway: Gateway | None) -> dict[str, Any]:
    if gateway is None:
        return {"settings": "{}", "is_active": "", "channel": "sms", "adapter": "sms_http"}
    texts = {name: getattr(gateway, name) for name in TEXTS}
    numbers = {name: "" if getattr(gateway, name) is None else str(getattr(gateway, name)) for name in NUMBERS}
    settings = json.dumps(gateway.settings, ensure_ascii=False, indent=2)
    return {**texts, **numbers, "settings": settings, "is_active": "on" if gateway.is_active else ""}


def _form(
    request: StaffRequest,
    gateway: Gateway | None,
    typed: dict[str, Any],
    errors: Any = None,
    *,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "title": gateway.name if gateway else _("New gateway"),
        "tab": "gateways",
        "gateway": gateway,
        "typed": typed,
        "errors": errors or {},
        "refused": refused,
        "kinds": kinds_of_gateways(),
        "channels": REACHING_CHOICES,
        "history": latest_acts(gateway) if gateway else (),
        "now": timezone.now(),
    }
    return in_frame(request, "messaging/gateway_form.html", context, status=status)
