"""How insights are measured, and what weighs in the score of a team."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.pages import StaffRequest
from core.errors import FieldErrors
from core.pages import in_frame, page
from dashboards.enums import KpiFigure
from dashboards.errors import InsightSettingsNotValid
from dashboards.models import InsightSettings
from dashboards.selectors import settings as rows
from dashboards.services.settings import FIELDS, change_insight_settings


@page("dashboards.change_insightsettings")
@require_http_methods(["GET", "POST"])
def insight_settings(request: StaffRequest) -> HttpResponse:
    if request.method == "GET":
        return _show(request, _typed())
    typed = {name: request.POST.get(name, "") for name in (*_typed(), "reason")}
    try:
        changes = _change(request, typed)
    except InsightSettingsNotValid as refused:
        return _show(request, typed, refused.fields, status=refused.status)
    said = _("Saved. The figures are counted anew in the night.") if changes else _("Nothing was different.")
    messages.success(request, said)
    return redirect("dashboards:insight_settings")


def _change(request: StaffRequest, typed: dict[str, str]) -> Any:
    """Raises InsightSettingsNotValid for what is no number too."""
    faults: dict[str, list[str]] = {}
    values: dict[str, int] = {}
    for name in FIELDS:
        number = _number(typed[name])
        if number is None or number != int(number):
            faults[name] = [_("A whole number is expected here.")]
        else:
            values[name] = int(number)
    weights: dict[str, Decimal] = {}
    for figure in KpiFigure:
        number = _number(typed[f"weight.{figure}"])
        if number is None:
            faults[f"weight.{figure}"] = [_("A number is expected here.")]
        else:
            weights[figure] = number
    if faults:
        raise InsightSettingsNotValid(fields=faults)
    return change_insight_settings(
        values=values, weights=weights, reason=typed["reason"], by=request.user, now=timezone.now()
    )


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text.replace(",", "").strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < 10**9 else None


def _typed() -> dict[str, str]:
    settings, weights = rows.insight_settings(), rows.kpi_weights()
    typed = {name: str(getattr(settings, name)) for name in FIELDS}
    return typed | {f"weight.{figure}": f"{weights.get(figure, 0):g}" for figure in KpiFigure}


def _show(
    request: StaffRequest, typed: dict[str, str], errors: FieldErrors | None = None, *, status: int = 200
) -> HttpResponse:
    errors = errors or {}
    fields = {each.name: each for each in InsightSettings._meta.fields}

    def field(name: str, label: Any) -> dict[str, Any]:
        return {"name": name, "label": label, "value": typed.get(name, ""), "errors": errors.get(name, ())}

    context = {
        "title": _("Settings of insights"),
        "fields": [field(name, fields[name].verbose_name) for name in FIELDS],
        "weights": [field(f"weight.{each}", each.label) for each in KpiFigure],
        "weights_errors": errors.get("weights", ()),
        "reason": typed.get("reason", ""),
        "reason_errors": errors.get("reason", ()),
    }
    return in_frame(request, "dashboards/insight_settings.html", context, status=status)
