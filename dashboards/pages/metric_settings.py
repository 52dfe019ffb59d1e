"""Metrics as a brand sets them: listed, made, changed, looked at over 30 days before they are kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.pages import StaffRequest
from core.errors import ScrmError
from core.pages import in_frame, page
from core.rules.whole import whole_in
from dashboards.enums import Comparison, GoodSide, MetricLevel, MetricUnit
from dashboards.errors import CountTooSlow, MetricChanged, MetricNotValid
from dashboards.models import MetricDefinition
from dashboards.pages.metric_words import formula_words, range_words, said
from dashboards.rules.drawing import Drawing, drawing
from dashboards.selectors.board import judge
from dashboards.services.measuring import preview
from dashboards.services.metrics import change_metric, check_metric, create_metric
from timeline.models import facts

CHANGE = "dashboards.change_metricdefinition"
TEXTS = ("name_zh", "name_en", "words_zh", "words_en", "formula", "advice_zh", "advice_en")
CHOICES: Mapping[str, Any] = {
    "level": MetricLevel,
    "comparison": Comparison,
    "unit": MetricUnit,
    "good_side": GoodSide,
}
NUMBERS = ("low", "high", "tolerance")
WHOLE = ("position", "window_days")
LAST_PLACE = 32_000
Typed = dict[str, str]


@dataclass(frozen=True)
class Preview:
    """The last 30 days as the metric would tell them."""

    days: list[tuple[Any, str, Any, str]]
    drawing: Drawing | None
    formula: str
    range: str


@page("dashboards.view_metricdefinition")
@require_safe
def listing(request: StaffRequest) -> HttpResponse:
    rows = MetricDefinition.objects.select_related("owner").order_by("position", "pk")
    context = {
        "title": _("Metrics"),
        "levels": [(level, [_line(row) for row in rows if row.level == level]) for level in MetricLevel],
        "may_change": request.user.has_perm(CHANGE),
        "known": list(facts),
    }
    return in_frame(request, "dashboards/metrics.html", context)


def _line(metric: MetricDefinition) -> tuple[MetricDefinition, str, str]:
    return metric, formula_words(metric.formula), range_words(metric)


@page(CHANGE)
@require_http_methods(["GET", "POST"])
def edit(request: StaffRequest, code: str = "") -> HttpResponse:
    """One metric, or a new one; `act=preview` looks at what was typed and keeps nothing."""
    metric = get_object_or_404(MetricDefinition, code=code) if code else None
    if request.method == "GET":
        return _show(request, metric, _typed(metric))
    typed = {name: request.POST.get(name, "") for name in (*_typed(metric), "reason")}
    try:
        values = _values(typed)
        if request.POST.get("act") == "preview":
            return _show(request, metric, typed, seen=_preview(metric, typed, values))
        kept = _keep(request, metric, typed, values)
    except (MetricNotValid, MetricChanged, CountTooSlow) as refused:
        return _show(request, metric, typed, refused=refused, status=refused.status)
    return redirect("dashboards:metric", kept.code)


def _keep(
    request: StaffRequest, metric: MetricDefinition | None, typed: Typed, values: dict[str, Any]
) -> MetricDefinition:
    now = timezone.now()
    if metric is None:
        made = create_metric(code=typed["code"], values=values, reason=typed["reason"], by=request.user, now=now)
        messages.success(request, _("Saved. The days gone by are being computed."))
        return made
    version = _whole(typed["version"]) or 0
    changes = change_metric(
        metric=metric, values=values, version=version, reason=typed["reason"], by=request.user, now=now
    )
    messages.success(request, _("Saved.") if changes else _("Nothing was different."))
    return metric


def _preview(metric: MetricDefinition | None, typed: Typed, values: dict[str, Any]) -> Preview:
    code = metric.code if metric else typed["code"].strip().lower() or "new"
    draft = MetricDefinition(code=code, **values)
    check_metric(draft)
    told = preview(draft, last=timezone.localdate() - timedelta(days=1))
    bounds = (None if bound is None else float(bound) for bound in (draft.low, draft.high))
    return Preview(
        [
            (
                day,
                said(draft, each.value),
                judge(draft, each.value),
                "" if each.value is not None else str(each.sight.label),
            )
            for day, each in reversed(told)
        ],
        drawing([None if each.value is None else float(each.value) for _day, each in told], *bounds),
        formula_words(draft.formula),
        range_words(draft),
    )


def _values(typed: Typed) -> dict[str, Any]:
    """What was typed, as the model has it. Raises MetricNotValid."""
    faults: dict[str, list[str]] = {}
    values: dict[str, Any] = {name: typed[name].strip() for name in TEXTS}
    for name, choices in CHOICES.items():
        values[name] = typed[name]
        if typed[name] not in choices.values:
            faults[name] = [_("Choose one of these.")]
    for name in WHOLE:
        values[name] = _whole(typed[name])
        if values[name] is None:
            faults[name] = [_("A whole number is expected here.")]
    share = Decimal(100 if typed["unit"] == MetricUnit.SHARE else 1)
    for name in NUMBERS:
        values[name] = _number(typed[name], Decimal(100) if name == "tolerance" else share)
        if values[name] is None and (typed[name].strip() or name == "tolerance"):
            faults[name] = [_("A number is expected here.")]
    values["owner"] = _owner(typed["owner"], faults)
    values["is_active"] = typed["is_active"] == "1"
    if faults:
        raise MetricNotValid(fields=faults)
    return values


def _owner(text: str, faults: dict[str, list[str]]) -> User | None:
    if not text:
        return None
    found = next((user for user in owners() if str(user.pk) == text), None)
    if found is None:
        faults["owner"] = [_("Choose one of these.")]
    return found


def owners() -> list[User]:
    """Who may answer for a metric: staff who see the results."""
    staff = User.objects.filter(is_active=True, is_staff=True).order_by("display_name", "username")
    return [user for user in staff if user.has_perm("dashboards.view_results")]


def _whole(text: str) -> int | None:
    found = whole_in(text.strip(), most=99_999)
    return None if found is None else min(found, LAST_PLACE)


def _number(text: str, part: Decimal) -> Decimal | None:
    try:
        number = Decimal(text.replace(",", "").replace("%", "").strip())
    except InvalidOperation:
        return None
    known = number.is_finite() and abs(number) < 10**11
    return (number / part).quantize(Decimal("0.0001")) if known else None


def _typed(metric: MetricDefinition | None) -> Typed:
    row = metric or MetricDefinition(level=MetricLevel.OPERATIONS)
    share = Decimal(100 if row.unit == MetricUnit.SHARE else 1)
    typed = {name: str(getattr(row, name)) for name in (*TEXTS, *CHOICES, *WHOLE)}
    typed |= {name: _plain(getattr(row, name), share) for name in ("low", "high")}
    typed |= {"tolerance": _plain(row.tolerance, Decimal(100)), "owner": str(row.owner_id or "")}
    return {**typed, "code": row.code, "is_active": "1" if row.is_active else "", "version": str(row.version)}


def _plain(value: Decimal | None, part: Decimal) -> str:
    if value is None:
        return ""
    text = f"{value * part:.4f}".rstrip("0")
    return text.removesuffix(".")


def _show(
    request: StaffRequest,
    metric: MetricDefinition | None,
    typed: Typed,
    *,
    refused: ScrmError | None = None,
    seen: Preview | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "title": str(metric) if metric else _("New metric"),
        "metric": metric,
        "typed": typed,
        "refused": refused,
        "errors": refused.fields if refused else {},
        "seen": seen,
        "choices": {name: choices.choices for name, choices in CHOICES.items()},
        "labels": [
            (name, capfirst(getattr(MetricDefinition._meta.get_field(name), "verbose_name", name))) for name in CHOICES
        ],
        "owners": owners(),
        "known": list(facts),
        "in_words": formula_words(typed["formula"]) if typed["formula"] else "",
    }
    return in_frame(request, "dashboards/metric_form.html", context, status=status)
