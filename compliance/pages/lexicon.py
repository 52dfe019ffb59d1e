"""The lexicon: search, try a text, packs, one phrase."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.pages import StaffRequest
from compliance.enums.content import Pack, Severity
from compliance.errors.content import LexiconNotChanged
from compliance.models import LexiconEntry
from compliance.models.lexicon import CONTENT
from compliance.rules.scanner import marked
from compliance.selectors.lexicon import check_text, latest_version, search_entries
from compliance.services import lexicon as services
from core.errors import ScrmError
from core.pages import in_frame, page

PER_PAGE = 50
LONGEST_TRIAL = 5_000
STATES = {"block": "act", "warn": "watch", "allow": "good"}


@page("compliance.view_lexiconentry")
@require_safe
def listing(request: StaffRequest) -> HttpResponse:
    """Phrases in force; the search and both choices stand in the address."""
    words, pack, severity = (request.GET.get(name, "").strip() for name in ("q", "pack", "effect"))
    version = latest_version()
    found = Paginator(search_entries(words=words[:80], pack=pack, severity=severity), PER_PAGE)
    counts = LexiconEntry.objects.current().values_list("pack").annotate(count=Count("pk")).order_by()
    context = {
        "title": _("Lexicon"),
        "version": version,
        "page": found.get_page(request.GET.get("page")),
        "packs": _packs(version.packs, dict(counts)),
        "typed": {"q": words, "pack": pack, "effect": severity},
        "severities": Severity.choices,
        "states": STATES,
        "can_change": _may_change(request),
    }
    return in_frame(request, "compliance/lexicon.html", context)


def _packs(switched_on: list[str], counts: Mapping[str, int]) -> list[dict[str, Any]]:
    return [
        {
            "code": pack.value,
            "label": pack.label,
            "count": counts.get(pack.value, 0),
            "on": pack.value in switched_on,
            "fixed": pack.value in services.ALWAYS_ON,
        }
        for pack in Pack
    ]


@page("compliance.view_lexiconentry")
@require_POST
def try_text(request: HttpRequest) -> HttpResponse:
    """The text with its hits, as a piece of a page; nothing is kept."""
    text = request.POST.get("text", "")[:LONGEST_TRIAL].replace("\r\n", "\n").replace("\x00", "")
    checked = check_text(text)
    context = {"text": text, "checked": checked, "pieces": list(marked(text, checked.found)), "states": STATES}
    return render(request, "compliance/lexicon_tried.html", context)


@page("compliance.view_lexiconentry")
@require_http_methods(["GET", "POST"])
def entry(request: StaffRequest, entry_id: int | None = None) -> HttpResponse:
    """One phrase, or a new one; POST makes a version."""
    found = get_object_or_404(LexiconEntry.objects.current(), pk=entry_id) if entry_id else None
    if (found is None or request.method == "POST") and not _may_change(request):
        raise PermissionDenied
    if request.method == "GET":
        new = {"pack": Pack.BRAND.value, "severity": Severity.WARN.value, "phrase": request.GET.get("phrase", "")}
        return _show(request, found, found.content if found else new)
    typed = {name: request.POST.get(name, "").strip() for name in (*CONTENT, "reason")}
    try:
        version = services.save_entry(
            values=typed, reason=typed["reason"], entry=found, by=request.user, now=timezone.now()
        )
    except LexiconNotChanged as refused:
        return _show(request, found, typed, refused.fields, status=422)
    except ScrmError as refused:
        return _show(request, found, typed, {"phrase": [str(refused)]}, status=refused.status)
    words = _("“%(phrase)s” saved; the lexicon is now version %(version)d.")
    messages.success(request, words % {"phrase": typed["phrase"], "version": version.number})
    return redirect("compliance:lexicon")


@page("compliance.change_lexiconentry")
@require_POST
def retire(request: StaffRequest, entry_id: int) -> HttpResponse:
    found = get_object_or_404(LexiconEntry.objects.current(), pk=entry_id)
    reason = request.POST.get("reason", "")
    try:
        version = services.retire_entry(entry=found, reason=reason, by=request.user, now=timezone.now())
    except LexiconNotChanged as refused:
        return _show(request, found, {**found.content, "reason": reason}, refused.fields, status=422)
    words = _("“%(phrase)s” is no longer looked for; the lexicon is now version %(version)d.")
    messages.success(request, words % {"phrase": found.phrase, "version": version.number})
    return redirect("compliance:lexicon")


@page("compliance.change_lexiconentry")
@require_POST
def packs(request: StaffRequest) -> HttpResponse:
    """Which packs are looked for."""
    try:
        version = services.switch_packs(
            packs=request.POST.getlist("pack"),
            reason=request.POST.get("reason", ""),
            by=request.user,
            now=timezone.now(),
        )
    except ScrmError as refused:
        said = [str(text) for texts in refused.fields.values() for text in texts]
        messages.error(request, " ".join([str(refused), *said]))
    else:
        words = _("Packs switched; the lexicon is now version %(version)d.")
        messages.success(request, words % {"version": version.number})
    return redirect("compliance:lexicon")


def _may_change(request: StaffRequest) -> bool:
    return request.user.has_perm("compliance.change_lexiconentry")


def _show(
    request: StaffRequest,
    found: LexiconEntry | None,
    typed: Mapping[str, Any],
    errors: Any = None,
    *,
    status: int = 200,
) -> HttpResponse:
    context = {
        "title": found.phrase if found else _("New phrase"),
        "entry": found,
        "typed": typed,
        "errors": errors or {},
        "packs": Pack.choices,
        "severities": Severity.choices,
        "can_change": _may_change(request),
    }
    return in_frame(request, "compliance/lexicon_entry.html", context, status=status)
