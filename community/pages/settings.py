"""The bands of the types of groups, and what counts as asleep."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.pages import StaffRequest
from community.errors.groups import TypeNotValid
from community.models import GroupType
from community.selectors.activity import group_settings
from community.services.settings import LIMITS, change_settings
from core.pages import in_frame, page
from core.rules.whole import INTEGER, whole_in


@page("community.change_groupsettings")
@require_http_methods(["GET", "POST"])
def settings(request: StaffRequest) -> HttpResponse:
    typed = _typed()
    if request.method == "GET":
        return _show(request, typed)
    typed = {name: request.POST.get(name, "") for name in (*typed, "reason")}
    try:
        changes = _change(request, typed)
    except TypeNotValid as refused:
        return _show(request, typed, refused.fields, status=refused.status)
    messages.success(request, _("Saved.") if changes else _("Nothing was different."))
    return redirect("community:settings")


def _change(request: StaffRequest, typed: dict[str, str]) -> Any:
    faults: dict[str, list[str]] = {}
    bands: dict[int, tuple[int, int]] = {}
    for kind in GroupType.objects.all():
        ends = [_whole(typed[f"{kind.pk}.{end}"]) for end in ("low", "high")]
        if ends[0] is None or ends[1] is None:
            faults[f"band.{kind.pk}"] = [_("A number is expected here.")]
        else:
            bands[kind.pk] = (ends[0], ends[1])
    days = {name: _whole(typed[name]) for name in LIMITS}
    faults |= {name: [_("A number is expected here.")] for name, value in days.items() if value is None}
    if faults:
        raise TypeNotValid(fields=faults)
    given = {name: value or 0 for name, value in days.items()}
    return change_settings(bands=bands, **given, reason=typed["reason"], by=request.user, now=timezone.now())


def _typed() -> dict[str, str]:
    limits = group_settings()
    typed = {name: str(getattr(limits, name)) for name in LIMITS}
    for kind in GroupType.objects.all():
        typed |= {f"{kind.pk}.low": str(kind.messages_low), f"{kind.pk}.high": str(kind.messages_high)}
    return typed


def _whole(text: str) -> int | None:
    return whole_in(text.replace(",", "").strip(), most=INTEGER)


def _show(request: StaffRequest, typed: dict[str, str], errors: Any = None, *, status: int = 200) -> HttpResponse:
    errors = errors or {}
    rows = [
        {
            "kind": kind,
            "key": str(kind.pk),
            "low": typed.get(f"{kind.pk}.low", ""),
            "high": typed.get(f"{kind.pk}.high", ""),
            "errors": errors.get(f"band.{kind.pk}", ()),
        }
        for kind in GroupType.objects.all()
    ]
    context = {"title": _("Bands of groups"), "rows": rows, "typed": typed, "errors": errors}
    return in_frame(request, "community/settings.html", context, status=status)
