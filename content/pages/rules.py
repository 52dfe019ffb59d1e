"""What a marketer sets about content: cadence, types with targets, windows, brand dates."""

from collections.abc import Mapping
from datetime import date, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.pages import StaffRequest
from content.enums import UNITS, Metric, Period, Stage, Unit
from content.models import CadenceRule, CalendarSettings, ContentType, Festival
from content.pages.calendar import day_from, number
from content.pages.words import WEEKDAYS
from content.selectors.occasions import occasions_between
from content.services import rules as services
from core.errors import ScrmError, Text
from core.pages import in_frame, page

MOST_WINDOWS = 3
BAD = -1


@page("content.view_cadencerule")
@require_safe
def show(request: StaffRequest) -> HttpResponse:
    return _show(request)


def _show(request: StaffRequest, typed: Any = None, errors: Any = None, *, status: int = 200) -> HttpResponse:
    today = timezone.localdate()
    coming = occasions_between(today, today + timedelta(days=366))
    settings = CalendarSettings.objects.get()
    context: dict[str, Any] = {
        "title": _("Rules of the calendar"),
        "rules": CadenceRule.objects.select_related("type"),
        "types": [(type_, _targets_of(type_)) for type_ in ContentType.objects.prefetch_related("targets")],
        "settings": settings,
        "windows": [*settings.send_windows, *[["", ""]] * MOST_WINDOWS][:MOST_WINDOWS],
        "festivals": Festival.objects.order_by("-is_active", "kind", "id"),
        "coming": {festival.pk: (begins, ends) for begins, ends, festival in reversed(coming)},
        "typed": typed or {},
        "errors": errors or {},
        "weekdays": list(enumerate(WEEKDAYS)),
        "can_change": request.user.has_perm("content.change_cadencerule"),
    }
    return in_frame(request, "content/rules.html", context, status=status)


@page("content.change_cadencerule")
@require_http_methods(["GET", "POST"])
def cadence(request: StaffRequest, rule_id: int | None = None) -> HttpResponse:
    """One rule of the cadence, or a new one."""
    rule = get_object_or_404(CadenceRule, pk=rule_id) if rule_id else None
    names = ("name_zh", "name_en", "type", "count", "period", "warn_days", "week_starts", "time_zone")
    if request.method == "GET":
        return _cadence(request, rule, _kept(rule))
    typed = {name: request.POST.get(name, "").replace("\x00", "").strip() for name in names}
    typed["is_active"] = "1" if rule is None or request.POST.get("is_active") else ""
    type_ = ContentType.objects.filter(pk=number(typed["type"]) or 0).first()
    if type_ is None:
        return _cadence(request, rule, typed, {"type": [_("Choose a type.")]}, status=422)
    try:
        saved = services.save_cadence(
            rule=rule,
            type=type_,
            name_zh=typed["name_zh"],
            name_en=typed["name_en"],
            count=number(typed["count"]) or 0,
            period=typed["period"],
            warn_days=_days(typed["warn_days"]),
            week_starts=number(typed["week_starts"]) or 0,
            time_zone=typed["time_zone"],
            is_active=bool(typed["is_active"]),
            by=request.user,
            now=timezone.now(),
        )
    except ScrmError as refused:
        return _cadence(request, rule, typed, refused.fields, said=str(refused), status=refused.status)
    messages.success(request, _("“%(name)s” saved.") % {"name": saved.name})
    return redirect("content:rules")


def _days(text: str) -> int | None:
    """None for nothing written; what is no number is refused by the service."""
    if not text:
        return None
    days = number(text)
    return BAD if days is None else days


def _cadence(
    request: StaffRequest,
    rule: CadenceRule | None,
    typed: Any,
    errors: Any = None,
    *,
    said: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "title": rule.name if rule else _("New cadence rule"),
        "rule": rule,
        "typed": typed,
        "errors": errors or {},
        "said": said,
        "types": ContentType.objects.filter(is_active=True),
        "periods": Period.choices,
        "weekdays": [(str(place), label) for place, label in enumerate(WEEKDAYS)],
    }
    return in_frame(request, "content/cadence.html", context, status=status)


def _kept(rule: CadenceRule | None) -> dict[str, str]:
    if rule is None:
        return {"is_active": "1", "period": "week", "week_starts": "0", "time_zone": "Asia/Shanghai"}
    names = ("name_zh", "name_en", "count", "period", "warn_days", "week_starts", "time_zone")
    return {name: str(getattr(rule, name)) for name in names} | {
        "type": str(rule.type_id),
        "is_active": "1" if rule.is_active else "",
    }


@page("content.change_cadencerule")
@require_http_methods(["GET", "POST"])
def type_of_content(request: StaffRequest, type_id: int) -> HttpResponse:
    """What a type is called and good for, and its targets; shares are written in percent."""
    type_ = get_object_or_404(ContentType, pk=type_id)
    if request.method == "GET":
        typed = {name: str(getattr(type_, name)) for name in services.TYPE_FIELDS}
        kept = {target.metric: _shown(target.metric, target.least) for target in type_.targets.all()}
        return _type(request, type_, typed | {f"target_{metric}": text for metric, text in kept.items()})
    names = (*services.TYPE_FIELDS, *(f"target_{metric}" for metric in Metric))
    typed = {name: request.POST.get(name, "").replace("\x00", "").strip() for name in names}
    targets, errors = _read_targets(typed)
    if errors:
        return _type(request, type_, typed, errors, status=422)
    values: dict[str, Any] = {name: typed[name] for name in services.TYPE_FIELDS}
    values |= {name: number(typed[name]) or 0 for name in ("minutes", "measure_days")}
    try:
        services.save_type_and_targets(type=type_, values=values, targets=targets, by=request.user, now=timezone.now())
    except ScrmError as refused:
        return _type(request, type_, typed, refused.fields, status=refused.status)
    messages.success(request, _("“%(name)s” saved.") % {"name": values["name_zh"]})
    return redirect("content:rules")


def _type(
    request: StaffRequest, type_: ContentType, typed: Any, errors: Any = None, *, status: int = 200
) -> HttpResponse:
    context = {
        "title": type_.name,
        "type": type_,
        "typed": typed,
        "errors": errors or {},
        "stages": Stage.choices,
        "metrics": [
            (
                f"target_{metric}",
                metric.label,
                UNITS[metric],
                typed.get(f"target_{metric}", ""),
                (errors or {}).get(metric),
            )
            for metric in Metric
        ],
    }
    return in_frame(request, "content/type.html", context, status=status)


def _read_targets(typed: Mapping[str, str]) -> tuple[dict[str, Decimal], dict[str, list[str]]]:
    targets, errors = {}, {}
    for metric in Metric:
        text = typed[f"target_{metric}"].replace(",", "").rstrip("%％ ")
        if not text:
            continue
        try:
            value = Decimal(text)
        except InvalidOperation:
            errors[str(metric)] = [_("This is not a number.")]
            continue
        targets[str(metric)] = value / 100 if UNITS[metric] == Unit.SHARE else value
    return targets, errors


def _in_unit(metric: str, least: Decimal) -> Decimal:
    return (least * 100 if UNITS[metric] == Unit.SHARE else least).normalize()


def _shown(metric: str, least: Decimal) -> str:
    """As a field takes it back."""
    return f"{_in_unit(metric, least):f}"


def _targets_of(type_: ContentType) -> list[tuple[Text, str, str]]:
    return [
        (Metric(target.metric).label, f"{_in_unit(target.metric, target.least):,f}", UNITS[target.metric])
        for target in type_.targets.all()
    ]


@page("content.change_cadencerule")
@require_POST
def behaviour(request: StaffRequest) -> HttpResponse:
    """Send windows, and when a slot counts as missed."""
    typed = {"missed_hours": request.POST.get("missed_hours", "").strip()}
    windows = []
    try:
        for place in range(MOST_WINDOWS):
            begins, ends = request.POST.get(f"begins{place}", ""), request.POST.get(f"ends{place}", "")
            if begins or ends:
                windows.append((time.fromisoformat(begins), time.fromisoformat(ends)))
    except ValueError:
        return _show(request, typed, {"send_windows": [_("Write times as 20:00.")]}, status=422)
    missed = number(typed["missed_hours"])
    try:
        services.save_settings(
            send_windows=windows,
            missed_hours=BAD if missed is None else missed,
            by=request.user,
            now=timezone.now(),
        )
    except ScrmError as refused:
        return _show(request, typed, refused.fields, status=refused.status)
    messages.success(request, _("Saved."))
    return redirect("content:rules")


@page("content.change_cadencerule")
@require_POST
def brand_date(request: StaffRequest) -> HttpResponse:
    typed = {
        name: request.POST.get(name, "").replace("\x00", "").strip() for name in ("name_zh", "name_en", "day", "length")
    }
    day = day_from(typed["day"], date.min)
    if day == date.min:
        return _show(request, typed, {"day": [_("Choose a day.")]}, status=422)
    try:
        services.add_brand_date(
            name_zh=typed["name_zh"],
            name_en=typed["name_en"],
            day=day,
            yearly=request.POST.get("yearly") == "1",
            length=number(typed["length"] or "1") or 0,
            by=request.user,
            now=timezone.now(),
        )
    except ScrmError as refused:
        return _show(request, typed, refused.fields, status=refused.status)
    messages.success(request, _("“%(name)s” stands in the calendar.") % {"name": typed["name_zh"]})
    return redirect("content:rules")


@page("content.change_cadencerule")
@require_POST
def switch_date(request: StaffRequest, festival_id: int) -> HttpResponse:
    festival = get_object_or_404(Festival, pk=festival_id)
    services.switch_festival(
        festival=festival, is_active=request.POST.get("is_active") == "1", by=request.user, now=timezone.now()
    )
    return redirect("content:rules")
