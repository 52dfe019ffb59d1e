"""The suppression list: it can be added to, searched for one value, lifted with a reason; nobody can read numbers from it."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.pages import StaffRequest
from audit.services import record
from compliance.enums.consent import Channel, SuppressionKind, SuppressionReason
from compliance.models import Suppression
from compliance.selectors.suppression import active_suppressions, suppressions_of_value
from compliance.services.suppression import lift, suppress_list
from core.errors import ScrmError
from core.pages import in_frame, page
from core.services.rate_limits import Rate, take
from core.templatetags.scrm import figure

PER_PAGE = 50
LONGEST = 5_000_000
SHOWN_LINES = 10
#: Whoever asks for one number after the other gets slow answers.
FIND = Rate(burst=20, per_second=0.1)


@page("compliance.view_suppression")
@require_safe
def listing(request: StaffRequest) -> HttpResponse:
    return _show(request, {})


@page("compliance.view_suppression")
@require_POST
def find(request: StaffRequest) -> HttpResponse:
    """Whether one value is on the list; by POST, so that no number stands in an address, and on the record."""
    wait = take(f"suppression:{request.user.pk}", FIND)
    if wait:
        messages.warning(request, _("Too many questions. Try again in %(seconds)d s.") % {"seconds": wait})
        return redirect("compliance:suppression")
    kind = request.POST.get("kind", SuppressionKind.PHONE)
    kind = kind if kind in SuppressionKind.values else SuppressionKind.PHONE
    found = suppressions_of_value(kind, request.POST.get("value", ""))
    with transaction.atomic():
        record(
            by=request.user,
            action="compliance.find_suppression",
            changes={"kind": [None, str(kind)], "found": [None, len(found)]},
            at=timezone.now(),
        )
    return _show(request, {"found": found, "asked": True, "kind": kind})


@page("compliance.add_suppression")
@require_POST
def add(request: StaffRequest) -> HttpResponse:
    """Values typed or pasted, one a line, or a text file of them; of a table the first column."""
    lines = request.POST.get("values", "").splitlines()
    upload = request.FILES.get("file")
    if upload is not None:
        if (upload.size or 0) > LONGEST:
            messages.error(request, _("The file is too large: at most 5 MB at once."))
            return redirect("compliance:suppression")
        lines += upload.read().decode("utf-8-sig", "replace").splitlines()
    values = [line.replace("\t", ",").partition(",")[0].strip().strip('"') for line in lines]
    chosen = {name: request.POST.get(name, "") for name in ("kind", "channel", "reason")}
    choices = {"kind": SuppressionKind, "channel": Channel, "reason": SuppressionReason}
    if not any(values) or any(chosen[name] not in choices[name].values for name in chosen):
        messages.error(request, _("Say what is suppressed, why, and give at least one number or address."))
        return redirect("compliance:suppression")
    source = upload.name if upload is not None and upload.name else "admin"
    taken = suppress_list(
        **chosen,
        values=values,
        source=source,
        note=request.POST.get("note", "").strip(),
        by=request.user,
        now=timezone.now(),
    )
    words = _("%(added)s added, %(already)s stood there already; lines that are no such value: %(invalid)s.")
    counts = {"added": taken.added, "already": taken.already, "invalid": len(taken.invalid)}
    sentence = words % {name: figure(count) for name, count in counts.items()}
    if taken.invalid:
        numbers = ", ".join(str(number) for number in taken.invalid[:SHOWN_LINES])
        sentence += " " + _("Lines not taken: %(lines)s.") % {"lines": numbers}
    messages.success(request, sentence)
    return redirect("compliance:suppression")


@page("compliance.change_suppression")
@require_POST
def lift_entry(request: StaffRequest, entry_id: int) -> HttpResponse:
    entry = get_object_or_404(Suppression, pk=entry_id)
    try:
        done = lift(entry=entry, reason=request.POST.get("reason", ""), by=request.user, now=timezone.now())
    except ScrmError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Taken off the list.") if done else _("It was off the list already."))
    return redirect("compliance:suppression")


def _show(request: StaffRequest, more: dict[str, Any]) -> HttpResponse:
    entries = active_suppressions().select_related("created_by").order_by("-id")
    reason = request.GET.get("why", "")
    if reason in SuppressionReason.values:
        entries = entries.filter(reason=reason)
    number = request.GET.get("page", "1")
    context: dict[str, Any] = {
        "title": _("Suppression list"),
        "page": Paginator(entries, PER_PAGE).get_page(number),
        "total": active_suppressions().count(),
        "kinds": SuppressionKind.choices,
        "channels": Channel.choices,
        "reasons": SuppressionReason.choices,
        "why": reason,
        "can_add": request.user.has_perm("compliance.add_suppression"),
        "can_lift": request.user.has_perm("compliance.change_suppression"),
        **more,
    }
    return in_frame(request, "compliance/suppression.html", context)
