"""How long what is kept, what the purges did, and the legal holds."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.pages import StaffRequest
from compliance.models import LegalHold, RetentionRun
from compliance.selectors.retention import rules_in_force
from compliance.services.retention import change_rule, held_members, lift_hold, place_hold
from core.admin.base import sentence
from core.errors import ScrmError
from core.pages import in_frame, page
from core.registries import purges
from core.rules.whole import whole_in

RUNS = 20


@page("compliance.view_retentionrule")
@require_safe
def listing(request: StaffRequest) -> HttpResponse:
    """Each rule with what it would delete now."""
    now, held = timezone.now(), held_members()
    labels = {each.code: each.label for each in purges}
    runs = RetentionRun.objects.order_by("-id")[:RUNS]
    context = {
        "title": _("Storage periods"),
        "rules": [(rule, rule.purge.count(rule.before(now), held)) for rule in rules_in_force()],
        "runs": [(run, labels.get(run.code, run.code)) for run in runs],
        "holds": LegalHold.objects.filter(lifted_at=None).order_by("-since"),
        "can_change": request.user.has_perm("compliance.change_retentionrule"),
        "can_hold": request.user.has_perm("compliance.add_legalhold"),
    }
    return in_frame(request, "compliance/retention.html", context)


@page("compliance.change_retentionrule")
@require_POST
def change(request: StaffRequest, code: str) -> HttpResponse:
    try:
        change_rule(
            code=code,
            days=_number(request.POST.get("days", "")),
            is_active=request.POST.get("is_active") == "1",
            reason=request.POST.get("reason", ""),
            by=request.user,
            now=timezone.now(),
        )
    except ScrmError as refused:
        messages.error(request, sentence(refused))
    else:
        messages.success(request, _("Recorded."))
    return redirect("compliance:retention")


@page("compliance.add_legalhold")
@require_POST
def hold(request: StaffRequest) -> HttpResponse:
    number = _number(request.POST.get("member", "").removeprefix("#"))
    try:
        place_hold(member_id=number, reason=request.POST.get("reason", ""), by=request.user, now=timezone.now())
    except ScrmError as refused:
        messages.error(request, sentence(refused))
    else:
        messages.success(request, _("Recorded."))
    return redirect("compliance:retention")


@page("compliance.change_legalhold")
@require_POST
def lift(request: StaffRequest, hold_id: int) -> HttpResponse:
    one = get_object_or_404(LegalHold, pk=hold_id)
    try:
        lift_hold(hold=one, reason=request.POST.get("reason", ""), by=request.user, now=timezone.now())
    except ScrmError as refused:
        messages.error(request, sentence(refused))
    else:
        messages.success(request, _("Recorded."))
    return redirect("compliance:retention")


def _number(text: str) -> int:
    return whole_in(text.strip()) or 0
