"""A gap of the cadence: ranked moments with their reasons, each one click from being planned."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.pages import StaffRequest
from content.models import CadenceRule
from content.pages.calendar import day_from, number
from content.pages.people import planners
from content.pages.words import reason_words
from content.rules.cadence import period_of
from content.selectors.cadence import active_hours, standings, suggestions_for
from content.selectors.calendar import midnight
from content.services.slots import create_slot
from core.errors import ScrmError
from core.moments import read_moment
from core.pages import in_frame, page
from core.templatetags.scrm import moment_text
from segments.enums import AudienceState
from segments.models import Audience


@page("content.view_slot")
@require_http_methods(["GET", "POST"])
def show(request: StaffRequest, rule_id: int) -> HttpResponse:
    """GET: suggestions for the period that holds `?at=`. POST: plan one of them."""
    rule = get_object_or_404(CadenceRule.objects.select_related("type"), pk=rule_id, is_active=True)
    if request.method == "POST":
        return _plan(request, rule)
    return _show(request, rule, {})


def _plan(request: StaffRequest, rule: CadenceRule) -> HttpResponse:
    if not request.user.has_perm("content.add_slot"):
        raise PermissionDenied
    typed = {name: request.POST.get(name, "").strip() for name in ("title", "planned_at", "owner", "audience")}
    owner = planners().filter(pk=number(typed["owner"]) or 0).first() or request.user
    moment = read_moment(typed["planned_at"])
    if moment is None:
        return _show(request, rule, typed, error=_("Choose one of the moments."), status=422)
    title = typed["title"] or _default_title(rule)
    try:
        slot = create_slot(
            type=rule.type,
            title=title,
            planned_at=moment,
            owner=owner,
            audience=_audience(typed["audience"]),
            by=request.user,
            now=timezone.now(),
        )
    except ScrmError as refused:
        return _show(request, rule, typed, error=str(refused), status=refused.status)
    words = _("Planned: “%(title)s”, %(moment)s. Give it a material next.")
    messages.success(request, words % {"title": slot.title, "moment": moment_text(slot.planned_at, timezone.now())})
    return redirect("content:slot", slot.pk)


def _show(
    request: StaffRequest, rule: CadenceRule, typed: dict[str, str], *, error: str = "", status: int = 200
) -> HttpResponse:
    now = timezone.now()
    today = timezone.localdate(now)
    at = day_from(request.GET.get("at", ""), today)
    moment = midnight(at) if at > today else now
    span = period_of(rule.rule, moment)
    owner = (
        User.objects.filter(pk=number(typed.get("owner", "") or request.GET.get("owner", "")) or 0).first()
        or request.user
    )
    found = next((each for each in standings(at=moment) if each.rule.pk == rule.pk), None)
    audience = _audience(typed.get("audience", "") or request.GET.get("audience", ""))
    suggestions = suggestions_for(rule, at=moment, owner=owner, audience=audience, now=now)
    awake = active_hours(audience)
    context: dict[str, Any] = {
        "title": _("Fill the gap: %(name)s") % {"name": rule.name},
        "rule": rule,
        "standing": found,
        "first": timezone.localdate(span.first),
        "last": timezone.localdate(span.end) - timedelta(days=1),
        "suggestions": [
            (each, [(reason_words(reason), reason.points) for reason in each.reasons]) for each in suggestions
        ],
        "counted": awake is not None,
        "by_everybody": audience is not None and awake is not None and not awake.whose,
        "audience": audience,
        "audiences": Audience.objects.filter(state=AudienceState.ACTIVE),
        "owner": owner,
        "owners": planners(),
        "typed": typed,
        "default_title": _default_title(rule),
        "error": error,
        "now": now,
        "at": at,
        "can_plan": request.user.has_perm("content.add_slot"),
    }
    return in_frame(request, "content/gap.html", context, status=status)


def _audience(text: str) -> Audience | None:
    return Audience.objects.filter(pk=number(text) or 0, state=AudienceState.ACTIVE).first()


def _default_title(rule: CadenceRule) -> str:
    return _("%(name)s: title to come") % {"name": rule.name}
