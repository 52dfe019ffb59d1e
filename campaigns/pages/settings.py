"""The bands of the three levels, and the settings of activities."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.pages import StaffRequest
from campaigns.enums import Level, Measure
from campaigns.errors import LimitNotYours, SettingsNotValid
from campaigns.models import Band
from campaigns.selectors.settings import activity_settings
from campaigns.services.settings import SETS_LIMIT, Span, change_settings
from core.pages import in_frame, page


@page("campaigns.change_activitysettings")
@require_http_methods(["GET", "POST"])
def settings(request: StaffRequest) -> HttpResponse:
    if request.method == "GET":
        return _show(request, _typed())
    typed = {name: request.POST.get(name, "") for name in (*_typed(), "reason")}
    typed["budget_limit"] = request.POST.get("budget_limit", _plain(activity_settings().budget_limit))
    try:
        changes = _change(request, typed)
    except (SettingsNotValid, LimitNotYours) as refused:
        return _show(request, typed, refused.fields, status=refused.status)
    messages.success(request, _("Saved.") if changes else _("Nothing was different."))
    return redirect("campaigns:settings")


def _change(request: StaffRequest, typed: dict[str, str]) -> Any:
    """Raises SettingsNotValid for what is no number too."""
    faults: dict[str, list[str]] = {}
    spans = {(band.level, band.measure): _span(band, typed, faults) for band in Band.objects.all()}
    limit, window = _number(typed["budget_limit"]), _number(typed["window_days"])
    for name, value in (("budget_limit", limit), ("window_days", window)):
        if value is None or (name == "window_days" and value != int(value)):
            faults[name] = [_("A number is expected here.")]
    if faults or limit is None or window is None:
        raise SettingsNotValid(fields=faults)
    return change_settings(
        budget_limit=limit,
        window_days=int(window),
        spans=spans,
        reason=typed["reason"],
        by=request.user,
        now=timezone.now(),
    )


def _span(band: Band, typed: dict[str, str], faults: dict[str, list[str]]) -> Span:
    key = f"{band.level}.{band.measure}"
    texts = typed[f"{key}.low"], typed[f"{key}.high"]
    low, high = (_number(text) for text in texts)
    if low is None or (texts[1].strip() and high is None):
        faults[key] = [_("A number is expected here.")]
        return band.low, band.high
    part = Decimal(1 if band.measure == Measure.ROI else 100)
    return (low / part).quantize(Decimal("0.0001")), None if high is None else (high / part).quantize(Decimal("0.0001"))


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text.replace(",", "").strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < 10**12 and number == round(number, 4) else None


def _typed() -> dict[str, str]:
    rows = activity_settings()
    typed = {"budget_limit": _plain(rows.budget_limit), "window_days": str(rows.window_days)}
    for band in Band.objects.all():
        part = 1 if band.measure == Measure.ROI else 100
        for name, value in (("low", band.low), ("high", band.high)):
            typed[f"{band.level}.{band.measure}.{name}"] = "" if value is None else _plain(value * part)
    return typed


def _plain(number: Decimal) -> str:
    text = f"{number:.4f}".rstrip("0")
    return text.removesuffix(".")


def _show(request: StaffRequest, typed: dict[str, str], errors: Any = None, *, status: int = 200) -> HttpResponse:
    errors = errors or {}
    table = [
        (
            level.label,
            [
                {
                    "key": f"{level}.{measure}",
                    "measure": measure.label,
                    "low": typed.get(f"{level}.{measure}.low", ""),
                    "high": typed.get(f"{level}.{measure}.high", ""),
                    "errors": errors.get(f"{level}.{measure}", ()),
                    "unit": "" if measure == Measure.ROI else "%",
                }
                for measure in Measure
            ],
        )
        for level in Level
    ]
    context = {
        "title": _("Bands and limits of activities"),
        "table": table,
        "typed": typed,
        "errors": errors,
        "may_set_limit": request.user.has_perm(SETS_LIMIT),
    }
    return in_frame(request, "campaigns/settings.html", context, status=status)
