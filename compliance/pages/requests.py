"""The inbox of requests and the page of one: recognise, copy, answer, refuse, with what an erasure would do shown first."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.pages import StaffRequest
from compliance.enums.rights import (
    ERASING,
    ErasureState,
    RefusalReason,
    RequestKind,
    RequestState,
)
from compliance.errors.rights import NobodyThere
from compliance.models import Erasure, SubjectRequest
from compliance.pages.restricting import CHANGE as CHANGE_STATUS
from compliance.pages.restricting import is_there
from compliance.pages.taking import takes_down
from compliance.rules.answers import DONE, REFUSAL, REFUSED
from compliance.selectors.consent import is_restricted_by_request
from compliance.selectors.requests import open_requests, requests_seen_by, rights_settings
from compliance.services import requests as services
from compliance.services.copies import is_copy_due, make_copy
from compliance.services.erasure import erasure_of, plan
from compliance.services.explaining import explanations_for
from core.admin.base import sentence
from core.errors import ScrmError
from core.pages import in_frame, page
from core.rules.masking import mask_name
from core.rules.whole import whole_in
from core.services.sealing import open_rows
from members.models import Member
from members.selectors.persons import records_of_person

PER_PAGE = 50
WISH = SubjectRequest._meta.get_field("wish")
ANSWER = SubjectRequest._meta.get_field("answer")
VIEW, CHANGE = "compliance.view_subjectrequest", "compliance.change_subjectrequest"


@page(VIEW)
@require_safe
def listing(request: StaffRequest) -> HttpResponse:
    """Open ones, the most urgent first; `?all=1` shows all."""
    seen = requests_seen_by(request.user)
    everything = request.GET.get("all") == "1"
    chosen = seen.order_by("-received_at", "-id") if everything else open_requests(seen)
    now = timezone.now()
    found = Paginator(chosen, PER_PAGE).get_page(request.GET.get("page", "1"))
    context = {
        "title": _("Requests of data subjects"),
        "page": found,
        "rows": _rows(found.object_list, now),
        "everything": everything,
        "open_count": open_requests(seen).count(),
        "settings": rights_settings(),
        "takes_down": takes_down(request.user),
        "can_change_settings": request.user.has_perm("compliance.change_rightssettings"),
        "waiting": Erasure.objects.filter(state=ErasureState.RUNNING).count(),
    }
    return in_frame(request, "compliance/requests.html", context)


@page(VIEW)
@never_cache
@require_safe
def detail(request: StaffRequest, request_id: int) -> HttpResponse:
    """Her words, the clock, and what may be done next."""
    row = _row(request, request_id)
    wish, answer = open_rows(WISH, [row])[0], open_rows(ANSWER, [row])[0]
    can_change = request.user.has_perm(CHANGE)
    context = {
        "title": str(row),
        "row": row,
        "clock": _clock(row, timezone.now(), rights_settings().warn_days),
        "there": Member.objects.visible_to(request.user).filter(pk=row.member_id).exists(),
        "wish": wish,
        "answer": answer,
        "can_change": can_change and row.is_open,
        "checks": [(check.value, check.label) for check in services.BY_STAFF],
        "refusals": [(code, label, _refusal(code, row.language)) for code, label in RefusalReason.choices],
        "verified": row.state == RequestState.VERIFIED,
        "template": _template(row),
        "erases": row.kind in ERASING,
        "plan": _plan(row) if row.is_open and row.kind in ERASING else [],
        "erasure": erasure_of([row.member_id]),
        "explanations": explanations_for(row.member_id) if row.kind == RequestKind.EXPLAIN and row.is_open else [],
        "can_restrict": request.user.has_perm(CHANGE_STATUS) and is_there(row.member_id),
        "restricted": is_restricted_by_request(records_of_person(row.member_id)),
        "lacks_copy": row.lacks_copy,
        "copies": can_change and is_copy_due(row, now=timezone.now()),
    }
    return in_frame(request, "compliance/request.html", context)


@page(CHANGE)
@require_POST
def act(request: StaffRequest, request_id: int, verb: str) -> HttpResponse:
    """verify, refuse, cancel or fulfil."""
    row = _row(request, request_id)
    common: dict[str, Any] = {"request": row, "by": request.user, "now": timezone.now()}
    given = request.POST
    try:
        match verb:
            case "verify":
                services.verify(check=given.get("check", ""), **common)
            case "refuse":
                services.refuse(reason=given.get("reason", ""), answer=given.get("answer", ""), **common)
            case "cancel":
                services.cancel(**common)
            case "fulfil":
                if row.kind in ERASING and not request.user.has_perm("compliance.add_erasure"):
                    raise PermissionDenied
                services.fulfil(answer=given.get("answer", ""), **common)
            case _:
                raise Http404
    except ScrmError as refused:
        messages.error(request, sentence(refused))
    else:
        messages.success(request, _("Recorded."))
    return redirect("compliance:request", row.pk)


@page(CHANGE)
@never_cache
@require_POST
def copy(request: StaffRequest, request_id: int) -> HttpResponse:
    """The archive for her, made now and kept nowhere."""
    row = _row(request, request_id)
    try:
        archive = make_copy(request=row, by=request.user, now=timezone.now())
    except ScrmError as refused:
        messages.error(request, sentence(refused))
        return redirect("compliance:request", row.pk)
    response = HttpResponse(archive, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="copy-{row.pk}.zip"'
    return response


@page("compliance.change_rightssettings")
@require_POST
def change_settings(request: StaffRequest) -> HttpResponse:
    numbers = {name: _number(request.POST.get(name, "")) for name in ("answer_days", "warn_days")}
    try:
        services.change_rights_settings(
            **numbers, reason=request.POST.get("reason", ""), by=request.user, now=timezone.now()
        )
    except ScrmError as refused:
        messages.error(request, sentence(refused))
    else:
        messages.success(request, _("Recorded."))
    return redirect("compliance:requests")


def _rows(requests: Iterable[SubjectRequest], now: datetime) -> list[Any]:
    """With the clock and the masked name; one who was erased has none."""
    shown, warn_days = list(requests), rights_settings().warn_days
    names = dict(Member.objects.filter(pk__in=[row.member_id for row in shown]).values_list("pk", "name"))
    return [
        (row, _clock(row, now, warn_days), mask_name(names.get(row.member_id, "")) or f"#{row.member_id}")
        for row in shown
    ]


def _number(text: str) -> int:
    found = whole_in(text, most=999)
    return -1 if found is None else found


def _row(request: StaffRequest, request_id: int) -> SubjectRequest:
    return get_object_or_404(requests_seen_by(request.user), pk=request_id)


def _clock(row: SubjectRequest, now: datetime, warn_days: int) -> dict[str, Any]:
    """Days left and how urgent that is."""
    if not row.is_open:
        return {"state": "none", "days": None}
    days = (row.due_at - now).days
    late = row.due_at <= now
    near = days <= warn_days
    return {"state": "act" if late else "watch" if near else "good", "days": days, "late": late}


def _template(row: SubjectRequest) -> str:
    """In her language, not in that of whoever answers."""
    with translation.override(row.language):
        words = str(DONE[row.kind])
        if row.kind != RequestKind.EXPLAIN or not row.is_open:
            return words
        lines = [text for _label, sentences in explanations_for(row.member_id) for text in sentences]
        return "\n".join([words, *map(str, lines)])


def _refusal(code: str, language: str) -> str:
    with translation.override(language):
        return str(REFUSAL) % {"reason": REFUSED[code]}


def _plan(row: SubjectRequest) -> list[Any]:
    try:
        return [part for part in plan(row.member_id) if any(each.rows for each in part.paths)]
    except NobodyThere:
        return []
