"""From a festival's template to a plan: choose the festival and the year, get slots and a draft with its checks."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.pages import StaffRequest
from campaigns.models import Activity
from campaigns.services.festivals import LEAD_DAYS, plan_festival, planned_from, standing_plans
from content.models import FestivalTemplate
from core.admin.base import sentence
from core.errors import ScrmError
from core.pages import in_frame, page
from core.rules.whole import INTEGER, whole_in

AHEAD = 2  # years offered


@page("campaigns.add_activity")
@require_http_methods(["GET", "POST"])
def plan(request: StaffRequest) -> HttpResponse:
    if request.method == "GET":
        return _show(request)
    number, year = (_whole(request.POST.get(name, "")) for name in ("template", "year"))
    template = get_object_or_404(FestivalTemplate.objects.select_related("festival"), pk=number, is_active=True)
    try:
        planned = plan_festival(
            template=template, year=year, by=request.user, now=timezone.now(), chinese=_is_chinese()
        )
    except ScrmError as refused:
        messages.error(request, _refused(refused, planned_from(template, year)))
        return _show(request, status=refused.status)
    words = _(
        "Planned: a draft of the activity, and slots in the calendar: %(slots)s. Slots that lay in the past: %(past)s."
    )
    messages.success(request, words % {"slots": planned.slots, "past": planned.past})
    return redirect("campaigns:activity", planned.activity.pk)


def _show(request: StaffRequest, *, status: int = 200) -> HttpResponse:
    """Each template with its next days, and what was planned from it already."""
    today = timezone.localdate()
    done = {(plan.template_id, plan.year): plan.activity_id for plan in standing_plans()}
    templates = FestivalTemplate.objects.filter(is_active=True, festival__isnull=False).select_related("festival")
    rows: list[dict[str, Any]] = []
    for template in templates.prefetch_related("items"):
        festival = template.festival
        for year in range(today.year, today.year + AHEAD):
            day = festival.day_in(year) if festival else None
            if day is not None and day >= today:
                rows.append({"template": template, "year": year, "day": day, "activity": done.get((template.pk, year))})
    rows.sort(key=lambda row: row["day"])
    context = {"title": _("Plan a festival"), "rows": rows, "lead": LEAD_DAYS}
    return in_frame(request, "campaigns/festivals.html", context, status=status)


def _refused(refused: ScrmError, activity: Activity | None) -> str:
    """With the way to what was planned already."""
    if activity is None:
        return sentence(refused)
    link = reverse("campaigns:activity", args=(activity.pk,))
    return format_html('{} <a class="s-link" href="{}">{}</a>', sentence(refused), link, activity.name)


def _is_chinese() -> bool:
    return (get_language() or "").startswith("zh")


def _whole(text: str) -> int:
    return whole_in(text, most=INTEGER) or 0
