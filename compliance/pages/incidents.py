"""Incidents: the clock, the facts, whom they touch, what is told to whom, the end."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.pages import StaffRequest
from compliance.enums.registers import Audience, Decision
from compliance.models import Incident, IncidentMember
from compliance.pages.register_forms import RegisterForm, incident_form
from compliance.pages.register_history import history_of
from compliance.selectors.incidents import affected_by_exposure, affected_persons, clock_of
from compliance.services import incidents as verbs
from core.admin.base import sentence
from core.errors import ScrmError
from core.pages import in_frame, page
from core.templatetags.scrm import figure
from members.models import Member

PER_PAGE, SHOWN = 50, 100
MINUTES = 60


@page("compliance.view_incident")
@require_safe
def listing(request: StaffRequest) -> HttpResponse:
    """Open ones first."""
    now = timezone.now()
    found = Paginator(Incident.objects.all(), PER_PAGE).get_page(request.GET.get("page", "1"))
    context = {
        "title": _("Incidents"),
        "page": found,
        "rows": [(row, *clock_of(row, now=now)) for row in found],
        "can_add": request.user.has_perm("compliance.add_incident"),
        "now": now,
    }
    return in_frame(request, "compliance/incidents.html", context)


@page("compliance.add_incident")
@require_http_methods(["GET", "POST"])
def add(request: StaffRequest) -> HttpResponse:
    form = incident_form(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = verbs.open_incident(values=form.cleaned_data, by=request.user, now=timezone.now())
        except ScrmError as refused:
            form.blame(refused)
        else:
            messages.warning(request, _("The record is open and the clock is running."))
            return redirect("compliance:incident", made.pk)
    context = {"title": _("New incident"), "form": form}
    return in_frame(request, "compliance/incident_add.html", context, status=422 if form.errors else 200)


@page("compliance.view_incident")
@require_http_methods(["GET", "POST"])
def detail(request: StaffRequest, incident_id: int) -> HttpResponse:
    """Everything about one. POST keeps the facts; what is refused comes back beside what was typed."""
    row = get_object_or_404(Incident.objects.select_related("opened_by", "closed_by"), pk=incident_id)
    form = incident_form(request.POST if request.method == "POST" else None, row)
    if request.method == "POST":
        if not request.user.has_perm("compliance.change_incident"):
            raise PermissionDenied
        if form.is_valid():
            try:
                verbs.change_incident(incident=row, values=form.cleaned_data, by=request.user, now=timezone.now())
            except ScrmError as refused:
                form.blame(refused)
            else:
                messages.success(request, _("Recorded."))
                return redirect("compliance:incident", row.pk)
    return _show(request, row, form)


@page("compliance.change_incident")
@require_POST
def act(request: StaffRequest, incident_id: int, verb: str) -> HttpResponse:
    """Draw the list, keep a decision, close."""
    row = get_object_or_404(Incident, pk=incident_id)
    known: dict[str, Callable[[], str]] = {
        "list": lambda: _list(request, row),
        "decide": lambda: _decide(request, row),
        "close": lambda: _close(request, row),
    }
    if verb not in known:
        raise Http404
    try:
        said = known[verb]()
    except ScrmError as refused:
        form = incident_form(None, row)
        return _show(request, row, form, problem=sentence(refused), typed=request.POST.dict(), status=422)
    messages.success(request, said)
    return redirect("compliance:incident", row.pk)


def _list(request: StaffRequest, row: Incident) -> str:
    name = request.POST.get("actor", "").strip()
    actor = get_object_or_404(User, username=name) if name else None
    count = verbs.list_affected(incident=row, actor=actor, by=request.user, now=timezone.now())
    words = ngettext("%(count)s member is on the list.", "%(count)s members are on the list.", count)
    return words % {"count": figure(count)}


def _decide(request: StaffRequest, row: Incident) -> str:
    given = {name: request.POST.get(name, "") for name in ("audience", "decision", "words", "reason")}
    verbs.decide_telling(incident=row, by=request.user, now=timezone.now(), **given)
    return _("The decision is kept.")


def _close(request: StaffRequest, row: Incident) -> str:
    verbs.close_incident(incident=row, lessons=request.POST.get("lessons", ""), by=request.user, now=timezone.now())
    return _("The incident is closed.")


def _show(  # the parts of one page
    request: StaffRequest,
    row: Incident,
    form: RegisterForm,
    *,
    problem: str = "",
    typed: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    now = timezone.now()
    state, minutes = clock_of(row, now=now)
    decided = list(row.decisions.select_related("decided_by"))
    context = {
        "title": row.title,
        "row": row,
        "form": form,
        "problem": problem,
        "typed": typed or {},
        "clock": {
            "state": state,
            "hours": abs(minutes) // MINUTES,
            "minutes": abs(minutes) % MINUTES,
            "late": minutes < 0,
        },
        "affected": affected_persons(row),
        "exposures": affected_by_exposure(row),
        "members": _shown_members(request.user, row),
        "decisions": decided,
        "audiences": [_audience(row, each, decided, typed or {}) for each in Audience],
        "actors": User.objects.filter(is_staff=True).order_by("username").values_list("username", "display_name"),
        "can_change": row.is_open and request.user.has_perm("compliance.change_incident"),
        "history": history_of(row),
    }
    return in_frame(request, "compliance/incident.html", context, status=422 if form.errors else status)


def _audience(row: Incident, audience: Audience, decided: list[Any], typed: dict[str, Any]) -> dict[str, Any]:
    mine = typed if typed.get("audience") == audience else {}
    latest = next((each for each in decided if each.audience == audience), None)
    return {
        "code": audience.value,
        "label": audience.label,
        "latest": latest,
        "told": latest is not None and latest.decision == Decision.NOTIFIED,
        "words": mine.get("words") or (verbs.notice_draft(row, audience) if row.is_open else ""),
        "reason": mine.get("reason", ""),
    }


def _shown_members(user: User, row: Incident) -> list[Member]:
    """The first on the list whom this person may see; erased ones stay a number in the count."""
    listed = IncidentMember.objects.filter(incident=row).values("member_id")
    return list(Member.objects.visible_to(user).filter(pk__in=listed).order_by("pk")[:SHOWN])
