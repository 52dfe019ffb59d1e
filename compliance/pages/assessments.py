"""Impact assessments: every feature that needs one, the three parts, and the second person's approval."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.pages import StaffRequest
from compliance.enums.registers import AssessmentState
from compliance.models import Assessment
from compliance.pages.register_history import history_of
from compliance.selectors.pipia import standings
from compliance.services import pipia
from core.admin.base import sentence
from core.errors import ScrmError
from core.pages import in_frame, page
from core.registries import features
from core.rules.whole import whole_in

MONTHS = 12
STATES = {AssessmentState.DRAFT: "busy", AssessmentState.APPROVED: "good", AssessmentState.EXPIRED: "none"}


@page("compliance.view_assessment")
@require_safe
def listing(request: StaffRequest) -> HttpResponse:
    """Feature by feature: may it run, until when, what is being written."""
    context = {
        "title": _("Impact assessments"),
        "rows": standings(now=timezone.now()),
        "can_begin": request.user.has_perm("compliance.add_assessment"),
    }
    return in_frame(request, "compliance/assessments.html", context)


@page("compliance.add_assessment")
@require_POST
def begin(request: StaffRequest, code: str) -> HttpResponse:
    if code not in features:
        raise Http404
    try:
        draft = pipia.begin(feature=code, by=request.user, now=timezone.now())
    except ScrmError as refused:
        messages.warning(request, sentence(refused))
        return redirect("compliance:assessments")
    return redirect("compliance:assessment", draft.pk)


@page("compliance.view_assessment")
@require_http_methods(["GET", "POST"])
def detail(request: StaffRequest, assessment_id: int) -> HttpResponse:
    """One version to read; a draft to write. POST keeps the draft, or approves or withdraws by its `act`."""
    row = get_object_or_404(Assessment.objects.select_related("written_by", "approved_by"), pk=assessment_id)
    if request.method == "GET":
        return _show(request, row, {part: getattr(row, part) for part in pipia.PARTS}, {})
    act = request.POST.get("act", "write")
    permission = "change_assessment" if act == "write" else "approve_assessment"
    if not request.user.has_perm(f"compliance.{permission}"):
        raise PermissionDenied
    typed = {part: request.POST.get(part, "") for part in pipia.PARTS}
    try:
        _perform(request, row, act, typed)
    except ScrmError as refused:
        given = typed if act == "write" else {part: getattr(row, part) for part in pipia.PARTS}
        return _show(request, row, given, _said(refused), problem=sentence(refused))
    messages.success(request, _("Recorded."))
    return redirect("compliance:assessment", row.pk)


def _perform(request: StaffRequest, row: Assessment, act: str, typed: Mapping[str, str]) -> None:
    now = timezone.now()
    if act == "approve":
        months = whole_in(request.POST.get("months", ""), most=999) or 0
        pipia.approve(assessment=row, months=months, by=request.user, now=now)
    elif act == "withdraw":
        pipia.withdraw(assessment=row, reason=request.POST.get("reason", ""), by=request.user, now=now)
    else:
        pipia.write(assessment=row, texts=typed, by=request.user, now=now)


def _said(refused: ScrmError) -> dict[str, list[str]]:
    return {name: [str(each) for each in said] for name, said in refused.fields.items()}


def _show(
    request: StaffRequest,
    row: Assessment,
    typed: Mapping[str, str],
    errors: Mapping[str, list[str]],
    *,
    problem: str = "",
) -> HttpResponse:
    user, feature = request.user, features.get(row.feature) if row.feature in features else None
    mine = row.written_by_id == user.pk
    fields = [Assessment._meta.get_field(part) for part in pipia.PARTS]
    context: dict[str, Any] = {
        "title": feature.label if feature else row.feature,
        "row": row,
        "feature": feature,
        "state": STATES[AssessmentState(row.state)],
        "parts": [(each, typed[each.name], errors.get(each.name, [])) for each in fields],
        "problem": problem,
        "months": request.POST.get("months", MONTHS),
        "can_write": row.is_draft and user.has_perm("compliance.change_assessment"),
        "can_approve": row.is_draft and not mine and bool(row.written_by_id) and _approves(request),
        "mine": mine and row.is_draft,
        "can_withdraw": row.state == AssessmentState.APPROVED and _approves(request),
        "history": history_of(row),
    }
    return in_frame(request, "compliance/assessment.html", context, status=422 if problem else 200)


def _approves(request: StaffRequest) -> bool:
    return request.user.has_perm("compliance.approve_assessment")
