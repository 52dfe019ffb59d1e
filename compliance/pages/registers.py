"""The registers at a glance, and the entries of processing, recipients and watched rules."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.pages import StaffRequest
from compliance.enums.registers import EntryState
from compliance.models import ProcessingActivity, Recipient, WatchedRule
from compliance.pages.register_cards import cards
from compliance.pages.register_forms import RegisterForm, activity_form, recipient_form, rule_form
from compliance.pages.register_history import history_of
from compliance.selectors.thresholds import latest_count, watched_thresholds
from compliance.services import registers
from core.admin.base import sentence
from core.errors import ScrmError, Text
from core.pages import in_frame, page

STATES = {EntryState.DRAFT: "busy", EntryState.IN_FORCE: "good", EntryState.ENDED: "none"}


@page("compliance.view_processingactivity")
@require_safe
def landing(request: StaffRequest) -> HttpResponse:
    """A card for each register, and the thresholds."""
    context = {
        "title": _("Registers"),
        "cards": cards(request.user, now=timezone.now()),
        "thresholds": watched_thresholds(),
        "count": latest_count(),
        "can_note": request.user.has_perm("compliance.add_dutydone"),
    }
    return in_frame(request, "compliance/registers.html", context)


@page("compliance.add_dutydone")
@require_POST
def note_duty(request: StaffRequest, threshold: int) -> HttpResponse:
    note = request.POST.get("note", "")
    return _done(
        request,
        lambda: registers.note_duty_done(threshold=threshold, note=note, by=request.user, now=timezone.now()),
        "compliance:registers",
    )


@page("compliance.view_processingactivity")
@require_safe
def activities(request: StaffRequest) -> HttpResponse:
    """What is done with personal data."""
    rows = sorted(
        ProcessingActivity.objects.all(), key=lambda row: (list(EntryState).index(EntryState(row.state)), row.pk)
    )
    context = {
        "title": _("Processing activities"),
        "rows": [(row, STATES[EntryState(row.state)]) for row in rows],
        "can_add": request.user.has_perm("compliance.add_processingactivity"),
    }
    return in_frame(request, "compliance/activities.html", context)


@page("compliance.view_processingactivity")
@require_http_methods(["GET", "POST"])
def activity(request: StaffRequest, entry_id: int | None = None) -> HttpResponse:
    """One entry to read or change, or a new one."""
    row = get_object_or_404(ProcessingActivity, pk=entry_id) if entry_id else None
    return _edit(request, ACTIVITIES, row)


@page("compliance.change_processingactivity")
@require_POST
def activity_act(request: StaffRequest, entry_id: int, verb: str) -> HttpResponse:
    row, by, now = get_object_or_404(ProcessingActivity, pk=entry_id), request.user, timezone.now()
    verbs: dict[str, Callable[[], object]] = {
        "begin": lambda: registers.put_activity_in_force(activity=row, by=by, now=now),
        "end": lambda: registers.end_activity(activity=row, reason=request.POST.get("reason", ""), by=by, now=now),
    }
    return _done(request, _verb(verbs, verb), "compliance:activity", row.pk)


@page("compliance.view_recipient")
@require_safe
def recipients(request: StaffRequest) -> HttpResponse:
    """Who else gets personal data."""
    rows = sorted(Recipient.objects.all(), key=lambda row: (list(EntryState).index(EntryState(row.state)), row.name))
    context = {
        "title": _("Processors and recipients"),
        "rows": [(row, STATES[EntryState(row.state)]) for row in rows],
        "can_add": request.user.has_perm("compliance.add_recipient"),
        "today": timezone.localdate(),
    }
    return in_frame(request, "compliance/recipients.html", context)


@page("compliance.view_recipient")
@require_http_methods(["GET", "POST"])
def recipient(request: StaffRequest, entry_id: int | None = None) -> HttpResponse:
    row = get_object_or_404(Recipient, pk=entry_id) if entry_id else None
    return _edit(request, RECIPIENTS, row)


@page("compliance.change_recipient")
@require_POST
def recipient_act(request: StaffRequest, entry_id: int, verb: str) -> HttpResponse:
    row, by, now = get_object_or_404(Recipient, pk=entry_id), request.user, timezone.now()
    verbs: dict[str, Callable[[], object]] = {
        "begin": lambda: registers.put_recipient_in_force(recipient=row, by=by, now=now),
        "end": lambda: registers.end_recipient(recipient=row, reason=request.POST.get("reason", ""), by=by, now=now),
        "prove": lambda: registers.prove_deletion(recipient=row, proof=request.POST.get("proof", ""), by=by, now=now),
    }
    return _done(request, _verb(verbs, verb), "compliance:recipient", row.pk)


@page("compliance.view_watchedrule")
@require_safe
def watched_rules(request: StaffRequest) -> HttpResponse:
    """Rules that may change, the most overdue first."""
    rows = WatchedRule.objects.select_related("owner", "checked_by")
    context = {
        "title": _("Watched rules"),
        "rows": sorted(rows, key=lambda row: (not row.is_watched, row.due_at, row.pk)),
        "can_add": request.user.has_perm("compliance.add_watchedrule"),
        "now": timezone.now(),
    }
    return in_frame(request, "compliance/watched_rules.html", context)


@page("compliance.view_watchedrule")
@require_http_methods(["GET", "POST"])
def watched_rule(request: StaffRequest, entry_id: int | None = None) -> HttpResponse:
    row = get_object_or_404(WatchedRule.objects.select_related("checked_by"), pk=entry_id) if entry_id else None
    return _edit(request, RULES, row)


@page("compliance.change_watchedrule")
@require_POST
def check_rule(request: StaffRequest, entry_id: int) -> HttpResponse:
    row, finding = get_object_or_404(WatchedRule, pk=entry_id), request.POST.get("finding", "")
    return _done(
        request,
        lambda: registers.check_rule(rule=row, finding=finding, by=request.user, now=timezone.now()),
        "compliance:watched_rule",
        row.pk,
    )


@dataclass(frozen=True, kw_only=True)
class Register:
    """What the page of an entry needs to know about its register; `save` takes the entry by the name of `code`."""

    code: str
    model: type[models.Model]
    title: Text
    article: Text
    form: Callable[..., RegisterForm]
    save: Callable[..., Any]
    entry: str
    entries: str


ACTIVITIES = Register(
    code="activity",
    model=ProcessingActivity,
    title=gettext_lazy("Processing activity"),
    article=gettext_lazy("PIPL Art. 13, 51, 54–55"),
    form=activity_form,
    save=registers.save_activity,
    entry="compliance:activity",
    entries="compliance:activities",
)
RECIPIENTS = Register(
    code="recipient",
    model=Recipient,
    title=gettext_lazy("Recipient of personal data"),
    article=gettext_lazy("PIPL Art. 20–23, 38–40"),
    form=recipient_form,
    save=registers.save_recipient,
    entry="compliance:recipient",
    entries="compliance:recipients",
)
RULES = Register(
    code="rule",
    model=WatchedRule,
    title=gettext_lazy("Watched rule"),
    article=gettext_lazy("PIPL Art. 51, 52"),
    form=rule_form,
    save=registers.save_rule,
    entry="compliance:watched_rule",
    entries="compliance:watched_rules",
)


def _edit(request: StaffRequest, register: Register, row: Any) -> HttpResponse:
    """GET: the entry and its history. POST: keep it; what is refused comes back beside what was typed."""
    posted, verb = request.method == "POST", "change" if row else "add"
    can_change = request.user.has_perm(f"compliance.{verb}_{register.model._meta.model_name}")
    if (posted or row is None) and not can_change:
        raise PermissionDenied
    form = register.form(request.POST if posted else None, row)
    if posted and form.is_valid():
        try:
            saved = register.save(**{register.code: row}, values=form.cleaned_data, by=request.user, now=timezone.now())
        except ScrmError as refused:
            form.blame(refused)
        else:
            messages.success(request, _("Recorded."))
            return redirect(register.entry, entry_id=saved.pk)
    state = getattr(row, "state", "")
    context = {
        "title": str(row or register.title),
        "kind": register.code,
        "row": row,
        "article": register.article,
        "form": form,
        "back": reverse(register.entries),
        "state": STATES[EntryState(state)] if state else "",
        "can_change": can_change and state != EntryState.ENDED,
        "can_act": bool(row) and can_change,
        "history": history_of(row),
        "now": timezone.now(),
    }
    return in_frame(request, "compliance/register_entry.html", context, status=422 if form.errors else 200)


def _verb(verbs: dict[str, Callable[[], object]], verb: str) -> Callable[[], object]:
    if verb not in verbs:
        raise Http404
    return verbs[verb]


def _done(request: StaffRequest, act: Callable[[], object], to: str, *args: int) -> HttpResponse:
    try:
        act()
    except ScrmError as refused:
        messages.error(request, sentence(refused))
    else:
        messages.success(request, _("Recorded."))
    return redirect(to, *args)
