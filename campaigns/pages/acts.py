"""What is done to an activity, each by a POST of its own, and its costs."""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.pages import StaffRequest
from campaigns.models import Activity, Cost
from campaigns.services import facts, running
from campaigns.services.activities import clone_activity
from campaigns.services.approval import approve_budget
from campaigns.services.launching import launch_soon
from core.admin.base import sentence
from core.errors import ScrmError
from core.moments import read_day
from core.templatetags.scrm import figure

PLAIN: dict[str, Callable[..., Activity]] = {
    "submit": running.submit,
    "take_back": running.take_back,
    "schedule": running.schedule,
    "launch": launch_soon,
    "archive": running.archive,
}
WITH_REASON: dict[str, Callable[..., Activity]] = {"cancel": running.cancel, "stop": running.stop}


def act(request: StaffRequest, activity_id: int, verb: str) -> HttpResponse:
    """One step; what refuses it is said on the page of the activity."""
    activity = get_object_or_404(Activity, pk=activity_id)
    try:
        if verb in WITH_REASON:
            reason = request.POST.get("reason", "")
            activity = WITH_REASON[verb](activity=activity, reason=reason, by=request.user, now=timezone.now())
        else:
            activity = PLAIN[verb](activity=activity, by=request.user, now=timezone.now())
    except ScrmError as refused:
        messages.error(request, sentence(refused))
    else:
        messages.success(request, _said(activity))
    return redirect("campaigns:activity", activity_id)


def _said(activity: Activity) -> str:
    if activity.state == "running":
        size = activity.audience_size or 0
        words = ngettext(
            "Started: the audience of %(members)s member is frozen.",
            "Started: the audience of %(members)s members is frozen.",
            size,
        )
        return words % {"members": figure(size)}
    if activity.launch_asked_at is not None:
        return _("The audience is large: a worker freezes it and starts the activity. The owner is told.")
    return _("The activity is now: %(state)s.") % {"state": activity.get_state_display()}


@require_POST
def approve(request: StaffRequest, activity_id: int) -> HttpResponse:
    activity = get_object_or_404(Activity, pk=activity_id)
    try:
        approve_budget(activity=activity, by=request.user, now=timezone.now())
    except ScrmError as refused:
        messages.error(request, sentence(refused))
    else:
        messages.success(request, _("The budget is approved."))
    return redirect("campaigns:activity", activity_id)


@require_POST
def clone(request: StaffRequest, activity_id: int) -> HttpResponse:
    activity = get_object_or_404(Activity, pk=activity_id)
    copy = clone_activity(activity=activity, by=request.user, now=timezone.now())
    messages.success(request, _("Copied. Dates, codes and offers are yours to choose."))
    return redirect("campaigns:edit", copy.pk)


@require_POST
def add_cost(request: StaffRequest, activity_id: int) -> HttpResponse:
    """What was typed stands in the message when it is refused: the form is three fields long."""
    activity = get_object_or_404(Activity, pk=activity_id)
    amount, day = _amount(request.POST.get("amount", "")), read_day(request.POST.get("day", ""))
    if amount is None or day is None:
        wrong = request.POST.get("amount" if amount is None else "day", "")[:40]
        messages.error(request, _("“%(text)s” is not understood; nothing was recorded.") % {"text": wrong})
        return redirect(_costs(activity_id))
    try:
        facts.add_cost(
            activity=activity,
            kind=request.POST.get("kind", ""),
            amount=amount,
            day=day,
            note=request.POST.get("note", ""),
            by=request.user,
            now=timezone.now(),
        )
    except ScrmError as refused:
        messages.error(request, sentence(refused))
    else:
        messages.success(request, _("¥%(amount)s recorded.") % {"amount": f"{amount:,.2f}"})
    return redirect(_costs(activity_id))


@require_POST
def take_back_cost(request: StaffRequest, cost_id: int) -> HttpResponse:
    cost = get_object_or_404(Cost, pk=cost_id)
    try:
        facts.take_back_cost(cost=cost, reason=request.POST.get("reason", ""), by=request.user, now=timezone.now())
    except ScrmError as refused:
        messages.error(request, sentence(refused))
    else:
        messages.success(request, _("The cost counts no more."))
    return redirect(_costs(cost.activity_id))


def _costs(activity_id: int) -> str:
    return f"{reverse('campaigns:activity', args=(activity_id,))}?tab=results#costs"


def _amount(text: str) -> Decimal | None:
    """Two decimals at most, as money has them."""
    try:
        amount = Decimal(text.replace(",", "").strip())
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and amount == round(amount, 2) and abs(amount) < 10**12 else None
