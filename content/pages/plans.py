"""Laying a festival's template or a series into the calendar, with every slot shown before it is laid."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.pages import StaffRequest
from content.models import ContentType, FestivalTemplate
from content.pages.calendar import number
from content.pages.people import planners
from content.services.series import repeat
from content.services.templates import lay, moment_of
from core.errors import ScrmError
from core.moments import read_moment
from core.pages import in_frame, page

YEARS = 3


@page("content.view_slot")
@require_safe
def show(request: StaffRequest) -> HttpResponse:
    """Every template with the next day of its festival."""
    today = timezone.localdate()
    rows = []
    for template in (
        FestivalTemplate.objects.filter(is_active=True, festival__isnull=False)
        .select_related("festival")
        .prefetch_related("items")
    ):
        days = [_day(template, year) for year in (today.year, today.year + 1)]
        following = next((day for day in days if day is not None and day >= today), None)
        rows.append((template, following, len(template.items.all())))
    rows.sort(key=lambda row: (row[1] is None, row[1]))
    can_change = request.user.has_perm("content.change_cadencerule")
    retired = FestivalTemplate.objects.exclude(is_active=True, festival__isnull=False) if can_change else []
    context = {
        "title": _("Festival templates"),
        "rows": rows,
        "retired": retired,
        "today": today,
        "can_change": can_change,
    }
    return in_frame(request, "content/plans.html", context)


@page("content.add_slot")
@require_http_methods(["GET", "POST"])
def lay_template(request: StaffRequest, template_id: int) -> HttpResponse:
    """GET: what would be laid for `?year=`. POST: lay it."""
    template = get_object_or_404(
        FestivalTemplate.objects.select_related("festival"), pk=template_id, festival__isnull=False, is_active=True
    )
    now = timezone.now()
    today = timezone.localdate(now)
    given = request.POST if request.method == "POST" else request.GET
    day = _day(template, today.year)
    default = today.year if day is not None and day >= today else today.year + 1
    year = number(given.get("year", "")) or default
    owner = planners().filter(pk=number(given.get("owner", "")) or 0).first() or request.user
    errors: Mapping[str, Any] = {}
    status = 200
    if request.method == "POST":
        chinese = (get_language() or "").startswith("zh")
        try:
            laid = lay(
                template=template,
                year=year,
                owner=owner,
                by=request.user,
                now=now,
                chinese=chinese,
            )
        except ScrmError as refused:
            errors, status = refused.fields or {"year": [str(refused)]}, refused.status
        else:
            made = len(laid.slots)
            words = ngettext("%(count)d slot laid for %(name)s.", "%(count)d slots laid for %(name)s.", made)
            words %= {"count": made, "name": template.name}
            if laid.past:
                words += " " + ngettext(
                    "%(count)d was left out, because its day is over.",
                    "%(count)d were left out, because their day is over.",
                    laid.past,
                ) % {"count": laid.past}
            messages.success(request, words)
            return redirect(f"{reverse('content:calendar')}?at={laid.slots[0].planned_at.date().isoformat()}")
    context = {
        "title": template.name,
        "template": template,
        "festival_day": _day(template, year),
        "items": _preview(template, year, now),
        "year": year,
        "years": range(today.year, today.year + YEARS),
        "owner": owner,
        "owners": planners(),
        "errors": errors,
    }
    return in_frame(request, "content/plan.html", context, status=status)


def _day(template: FestivalTemplate, year: int) -> Any:
    return template.festival.day_in(year) if template.festival and 2000 <= year <= 2090 else None  # noqa: PLR2004


def _preview(template: FestivalTemplate, year: int, now: Any) -> list[dict[str, Any]]:
    day = _day(template, year)
    if day is None:
        return []
    chinese = (get_language() or "").startswith("zh")
    rows = []
    for item in template.items.select_related("type"):
        moment = moment_of(item, day)
        title = item.title_zh if chinese else item.title_en
        rows.append({"item": item, "title": title, "at": moment, "past": moment <= now, "before": abs(item.days)})
    return rows


@page("content.add_slot")
@require_http_methods(["GET", "POST"])
def repeat_slot(request: StaffRequest) -> HttpResponse:
    """A slot that repeats."""
    names = ("type", "title", "day", "time", "every_days", "times", "owner")
    if request.method == "GET":
        typed = {"day": timezone.localdate().isoformat(), "time": "20:00", "every_days": "7", "times": "4"}
        return _series(request, typed | {"owner": str(request.user.pk)})
    typed = {name: request.POST.get(name, "").replace("\x00", "").strip() for name in names}
    values, errors = _read_series(typed)
    if errors:
        return _series(request, typed, errors, status=422)
    try:
        slots = repeat(**values, by=request.user, now=timezone.now())
    except ScrmError as refused:
        faults = dict(refused.fields) or {"day": [str(refused)]}
        return _series(request, typed, faults, status=refused.status)
    words = ngettext(
        "“%(title)s” stands in the calendar once.", "“%(title)s” stands in the calendar %(count)d times.", len(slots)
    )
    messages.success(request, words % {"title": slots[0].title, "count": len(slots)})
    return redirect(f"{reverse('content:calendar')}?at={typed['day']}")


def _read_series(typed: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, list[str]]]:
    errors: dict[str, list[str]] = {}
    type_ = ContentType.objects.filter(pk=number(typed["type"]) or 0).first()
    owner = User.objects.filter(pk=number(typed["owner"]) or 0).first()
    moment = read_moment(f"{typed['day']}T{typed['time']}")
    if type_ is None:
        errors["type"] = [_("Choose a type.")]
    if owner is None:
        errors["owner"] = [_("Choose an owner.")]
    if moment is None:
        errors["day"] = [_("Choose a day and a time.")]
        return {}, errors
    values: dict[str, Any] = {
        "type": type_,
        "title": typed["title"],
        "first_at": moment,
        "owner": owner,
    }
    values |= {"every_days": number(typed["every_days"]) or 0, "times": number(typed["times"]) or 0}
    return values, errors


def _series(request: StaffRequest, typed: Mapping[str, str], errors: Any = None, *, status: int = 200) -> HttpResponse:
    context = {
        "title": _("New series"),
        "typed": typed,
        "errors": errors or {},
        "types": ContentType.objects.filter(is_active=True),
        "owners": planners(),
    }
    return in_frame(request, "content/series.html", context, status=status)
