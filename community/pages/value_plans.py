"""What a group gets every week: its promises, kept and missing, what became of the group, and slots made in one step."""

from collections.abc import Mapping
from datetime import time
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.pages import StaffRequest
from community.errors.value_plans import NothingToMake, PlanEnded, ValuePlanNotValid
from community.models import Group, ValuePlan
from community.selectors.value_plans import WEEKS_BACK, awakening, missing_slots, plan_table
from community.services.value_plans import MOST_WEEKS, Promised, add_promise, end_promise, make_slots
from content.models import ContentType
from core.admin import sentence
from core.errors import ScrmError
from core.moments import read_day
from core.pages import in_frame, page
from core.rules.whole import INTEGER, whole_in

FIELDS = ("weekday", "time", "type", "title", "begins_on")
WEEKS = 2
STATES = {
    "published": ("good", pgettext_lazy("value plan", "published")),
    "planned": ("busy", pgettext_lazy("value plan", "planned")),
    "missing": ("watch", pgettext_lazy("value plan", "no slot yet")),
    "missed": ("act", pgettext_lazy("value plan", "missed")),
}


@page("community.view_valueplan")
@require_safe
def value_plan(request: StaffRequest, group_id: int) -> HttpResponse:
    """`?weeks=` says how far the dry run looks."""
    return show(request, _group(request, group_id), _beginning())


def show(
    request: StaffRequest, group: Group, typed: Mapping[str, str], refused: ScrmError | None = None
) -> HttpResponse:
    now = timezone.now()
    weeks = _weeks(request)
    user = request.user
    context: dict[str, Any] = {
        "title": _("Value plan of “%(group)s”") % {"group": group.name},
        "group": group,
        "group_url": reverse("community:group", args=(group.pk,)),
        **table_of(group),
        "typed": typed,
        "errors": refused.fields if refused else {},
        "refused": refused,
        "types": ContentType.objects.filter(is_active=True),
        "weekdays": list(WEEKDAYS.items()),
        "weeks": weeks,
        "weeks_choices": range(1, MOST_WEEKS + 1),
        "gaps": missing_slots(group, weeks=weeks, now=now),
        "can_change": user.has_perm("community.change_valueplan") and group.is_active,
        "can_make": user.has_perm("community.change_valueplan")
        and user.has_perm("content.add_slot")
        and group.is_active,
        "sees_slots": user.has_perm("content.view_slot"),
    }
    return in_frame(request, "community/value_plan.html", context, status=refused.status if refused else 200)


def table_of(group: Group) -> dict[str, Any]:
    """The weeks of the plan and what became of the group: for the page of the plan and that of the group."""
    now = timezone.now()
    table = plan_table(group, now=now)
    return {
        "table": table,
        "sums": [(monday, table.counted(monday)) for monday in table.mondays],
        "states": STATES,
        "days": WEEKDAYS,
        "awake": awakening(group, now=now),
        "this_week": table.mondays[WEEKS_BACK],
    }


@page("community.change_valueplan")
@require_POST
def add(request: StaffRequest, group_id: int) -> HttpResponse:
    group = _group(request, group_id)
    typed = {name: request.POST.get(name, "").replace("\x00", "").strip() for name in FIELDS}
    try:
        plan = add_promise(group=group, promised=_promised(typed), by=request.user, now=timezone.now())
    except ValuePlanNotValid as refused:
        return show(request, group, typed, refused)
    messages.success(request, _("“%(title)s” is promised. Make its slots below.") % {"title": plan.title})
    return redirect("community:value_plan", group.pk)


@page("community.change_valueplan")
@require_POST
def end(request: StaffRequest, plan_id: int) -> HttpResponse:
    plan = get_object_or_404(ValuePlan.objects.filter(group__in=Group.objects.visible_to(request.user)), pk=plan_id)
    try:
        end_promise(plan=plan, by=request.user, now=timezone.now(), reason=request.POST.get("reason", ""))
    except PlanEnded as refused:
        messages.warning(request, sentence(refused))
    else:
        messages.success(
            request, _("“%(title)s” is promised no more. Its slots stay in the calendar.") % {"title": plan.title}
        )
    return redirect("community:value_plan", plan.group_id)


@page("community.change_valueplan")
@require_POST
def make(request: StaffRequest, group_id: int) -> HttpResponse:
    group = _group(request, group_id)
    if not request.user.has_perm("content.add_slot"):
        raise PermissionDenied
    try:
        made = make_slots(group=group, weeks=_weeks(request), by=request.user, now=timezone.now())
    except (NothingToMake, ScrmError) as refused:
        return show(request, group, _beginning(), refused)
    words = ngettext("%(count)d draft stands in the calendar.", "%(count)d drafts stand in the calendar.", len(made))
    messages.success(request, words % {"count": len(made)})
    return redirect("community:value_plan", group.pk)


def _group(request: StaffRequest, group_id: int) -> Group:
    return get_object_or_404(Group.objects.visible_to(request.user).select_related("type", "owner"), pk=group_id)


def _weeks(request: StaffRequest) -> int:
    text = request.POST.get("weeks") or request.GET.get("weeks") or ""
    return int(text) if text in {str(number) for number in range(1, MOST_WEEKS + 1)} else WEEKS


def _beginning() -> dict[str, str]:
    return {**dict.fromkeys(FIELDS, ""), "time": "20:00", "begins_on": timezone.localdate().isoformat()}


def _promised(typed: Mapping[str, str]) -> Promised:
    number = whole_in(typed["type"], most=INTEGER)
    return Promised(
        weekday=whole_in(typed["weekday"], most=6),
        time=_time(typed["time"]),
        type=ContentType.objects.filter(pk=number).first() if number is not None else None,
        title=typed["title"],
        begins_on=read_day(typed["begins_on"]),
    )


def _time(text: str) -> time | None:
    try:
        return time.fromisoformat(text).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        return None
