"""Activities: the list, the page of one, several side by side."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.pages import StaffRequest
from accounts.selectors import latest_acts
from campaigns.enums import CostKind, Measure
from campaigns.models import Activity, TrackedLink
from campaigns.pages.figures import funnel_lines, said, word_of
from campaigns.pages.refusals import refusals_of
from campaigns.selectors.approval import needs_second_person
from campaigns.selectors.checks import checks_for, slots_of
from campaigns.selectors.estimate import Estimate, dry_run
from campaigns.selectors.funnel import Results, costs_of, days_of, orders_by_rule, results_of
from campaigns.selectors.links import clicks_of
from campaigns.services.approval import KIND
from campaigns.services.giving import is_waiting
from compliance.models import Review
from compliance.pages.words import channel_label, reason_label
from core.errors import ScrmError
from core.pages import in_frame, page
from core.rules.whole import INTEGER, whole_in
from loyalty.selectors.coupons import stock
from segments.errors import AudienceTooSlow

PAGE = 50
MOST_COMPARED = 4
PLANNED_FOR = ("draft", "in_review", "approved", "scheduled", "running")
HISTORY = 60
MOMENT = timedelta(microseconds=1)
SHOWN = {
    "current": Q(state__in=("draft", "in_review", "approved", "scheduled", "running")),
    "ended": Q(state="ended"),
    "archived": Q(state__in=("archived", "cancelled")),
}
CHECKS = {
    "text": gettext_lazy("Text approved by legal review"),
    "budget": gettext_lazy("Budget approved"),
    "offers": gettext_lazy("Coupons and draws ready"),
    "content": gettext_lazy("Content before the start approved"),
    "schedule": gettext_lazy("Start scheduled"),
}
TABS = ("results", "audience", "offers", "content", "log")
STATES = {
    "draft": "none",
    "in_review": "busy",
    "approved": "good",
    "scheduled": "busy",
    "running": "good",
    "ended": "none",
    "archived": "none",
    "cancelled": "none",
}


@page("campaigns.view_activity")
@require_safe
def listing(request: StaffRequest) -> HttpResponse:
    """Fifty at once, the newest first, with their rates beside the bands."""
    show = request.GET.get("show", "current")
    show = show if show in SHOWN else "current"
    rows = _older(Activity.objects.filter(SHOWN[show]).select_related("owner", "audience"), request)
    results = results_of(rows[:PAGE])
    context = {
        "title": _("Activities"),
        "rows": [_row(activity, results[activity.pk]) for activity in rows[:PAGE]],
        "show": show,
        "shown": (("current", _("Planned and running")), ("ended", _("Ended")), ("archived", _("Put away"))),
        "older": rows[PAGE - 1].pk if len(rows) > PAGE else None,
        "can_add": request.user.has_perm("campaigns.add_activity"),
        "can_set": request.user.has_perm("campaigns.change_activitysettings"),
    }
    return in_frame(request, "campaigns/activities.html", context)


@page("campaigns.view_activity")
@require_safe
def detail(request: StaffRequest, activity_id: int) -> HttpResponse:
    """State, days and budget left; the funnel; what it gives, who is blocked, which orders are its."""
    chosen = Activity.objects.select_related("owner", "audience", "budget_approved_by", "source")
    activity = get_object_or_404(chosen, pk=activity_id)
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else TABS[0]
    results = results_of([activity])[activity.pk]
    review = Review.objects.filter(kind=KIND, object_id=activity.pk).defer("parts").first()
    may_change = request.user.has_perm("campaigns.change_activity")
    context: dict[str, Any] = {
        "title": activity.name,
        "activity": activity,
        "mark": STATES[activity.state],
        "results": results,
        "lines": funnel_lines(results),
        "timing": timing(activity, timezone.now()),
        "left": None if activity.budget is None else activity.budget - results.facts.cost,
        "blocked": _blocked(activity.blocked),
        "rules": orders_by_rule(activity),
        "offers": _offers(activity),
        "review": review,
        "refusals": refusals_of(activity, review, now=timezone.now()) if may_change else [],
        "second_person": needs_second_person(activity),
        "channel": channel_label(activity.channel),
        "checks": [(CHECKS[each.code], each) for each in checks_for(activity, now=timezone.now())],
        "tab": tab,
        "tabs": _tabs(),
        "may": {
            "change": may_change,
            "add": request.user.has_perm("campaigns.add_activity"),
            "approve_budget": request.user.has_perm("campaigns.approve_budget")
            and request.user.pk not in {activity.by_id, activity.owner_id},
            "add_cost": request.user.has_perm("campaigns.add_cost"),
        },
        **_of_tab(activity, tab),
    }
    return in_frame(request, "campaigns/activity.html", context)


@page("campaigns.view_activity")
@require_safe
def estimate(request: StaffRequest, activity_id: int) -> HttpResponse:
    """The dry run beside the button; asked for by the page, since it may take its time."""
    activity = get_object_or_404(Activity.objects.select_related("audience"), pk=activity_id)
    context: dict[str, Any] = {"activity": activity, "may_launch": request.user.has_perm("campaigns.change_activity")}
    try:
        found = dry_run(activity, now=timezone.now())
    except AudienceTooSlow:
        return render(request, "campaigns/estimate.html", {**context, "large": activity.audience})
    except ScrmError as refused:
        return render(request, "campaigns/estimate.html", {**context, "error": refused})
    return render(request, "campaigns/estimate.html", {**context, "found": found, "blocked": _refused(found)})


@page("campaigns.view_activity")
@require_safe
def compare(request: StaffRequest) -> HttpResponse:
    """Two to four activities side by side, as the address names them."""
    given = (whole_in(text, most=INTEGER) for text in request.GET.getlist("id"))
    numbers = [number for number in given if number is not None]
    chosen = Activity.objects.filter(pk__in=numbers[:MOST_COMPARED]).select_related("audience", "owner")
    activities = sorted(chosen, key=lambda activity: numbers.index(activity.pk))
    results = results_of(activities)
    context = {
        "title": _("Activities side by side"),
        "activities": activities,
        "rows": _compared(activities, results),
        "too_many": len(set(numbers)) > MOST_COMPARED,
    }
    return in_frame(request, "campaigns/compare.html", context)


def timing(activity: Activity, now: datetime) -> str:
    """How long until it starts, in whole days begun, or ends, in days of the calendar: at midnight is the day before."""
    if activity.state == "running" and activity.ends_at:
        left = (timezone.localdate(activity.ends_at - MOMENT) - timezone.localdate(now)).days
        if left <= 0:
            return _("ends today")
        return _("ends tomorrow") if left == 1 else _("%(days)d days left") % {"days": left}
    if activity.state in {"approved", "scheduled"} and activity.starts_at:
        days = -(-(activity.starts_at - now).total_seconds() // 86_400)
        if days <= 0:
            return _("its time has passed")
        return _("starts within a day") if days <= 1 else _("starts in %(days)d days") % {"days": days}
    return ""


def _older(rows: QuerySet[Activity], request: HttpRequest) -> list[Activity]:
    before = whole_in(request.GET.get("before", ""))
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows.order_by("-pk")[: PAGE + 1])


def _row(activity: Activity, results: Results) -> dict[str, Any]:
    rates = {str(name): (said(rate), rate.state, word_of(rate)) for name, rate in results.rates.items()}
    return {"activity": activity, "mark": STATES[activity.state], "results": results, "rates": rates}


def _blocked(counts: dict[str, int]) -> list[tuple[str, int]]:
    """Reasons that refuse, the most frequent first."""
    refused = sorted(((people, reason) for reason, people in counts.items() if reason != "allowed"), reverse=True)
    return [(reason_label(reason), people) for people, reason in refused]


def _refused(found: Estimate) -> list[tuple[str, int]]:
    return _blocked({**found.first})


def _offers(activity: Activity) -> list[dict[str, Any]]:
    offers = list(activity.offers.select_related("coupon", "draw").order_by("pk"))
    left = stock([offer.coupon_id for offer in offers if offer.coupon_id])
    return [
        {
            "offer": offer,
            "stock": left.get(offer.coupon_id) if offer.coupon_id else None,
            "what": offer.coupon or offer.draw,
            "giving": is_waiting(offer),
            "may_give": activity.state == "running" and offer.coupon is not None and offer.coupon.state == "live",
        }
        for offer in offers
    ]


def _tabs() -> list[tuple[str, str]]:
    words = (_("Results"), _("Audience"), _("Offers"), _("Content"), _("Log"))
    return list(zip(TABS, words, strict=True))


def _of_tab(activity: Activity, tab: str) -> dict[str, Any]:
    if tab == "results":
        days = days_of(activity, zone=settings.TIME_ZONE)
        links = list(TrackedLink.objects.filter(activity=activity).order_by("-pk")[:PAGE])
        return {
            "days": days,
            "chart": _chart(days),
            "costs": costs_of(activity),
            "kinds": CostKind.choices,
            "today": timezone.localdate(),
            "links": [(link, clicks) for link, clicks in zip(links, clicks_of(links), strict=True)],
        }
    if tab == "content":
        return {"slots": list(slots_of(activity)[:PAGE]), "open_states": PLANNED_FOR}
    if tab == "log":
        return {"history": latest_acts(activity, most=HISTORY)}
    return {"codes": list(activity.codes.order_by("code"))} if tab == "offers" else {}


def _chart(days: Sequence[Any]) -> dict[str, Any] | None:
    if not days:
        return None
    series = ((_("Took part"), "took_part", "accent"), (_("Orders"), "orders", "state:good"))
    return {
        "type": "bar",
        "labels": [f"{each.day.month}-{each.day.day}" for each in days],
        "datasets": [
            {"label": label, "data": [getattr(each, name) for each in days], "colour": colour}
            for label, name, colour in series
        ],
    }


def _compared(activities: Sequence[Activity], results: dict[int, Results]) -> list[tuple[str, list[Any]]]:
    """A label and a cell for each activity: (text, state, word); without a text it is not observed."""
    facts = [results[activity.pk] for activity in activities]
    counts = [
        (_("Members in the audience"), [_seen(each, each.facts.audience) for each in facts]),
        (_("Took part"), [_seen(each, each.facts.took_part) for each in facts]),
    ]
    rated = [
        (
            str(measure.label),
            [(said(each.rates[measure]), each.rates[measure].state, word_of(each.rates[measure])) for each in facts],
        )
        for measure in Measure
    ]
    money = [
        (_("Orders"), [_seen(each, each.facts.orders) for each in facts]),
        (_("Revenue, ¥"), [_seen(each, each.facts.revenue) for each in facts]),
        (_("Cost, ¥"), [("" if each.cost is None else f"{each.cost:,.0f}", "", "") for each in facts]),
    ]
    return [*counts, *rated[:2], *money, rated[2]]


def _seen(results: Results, value: int | Decimal) -> tuple[str, str, str]:
    return (f"{value:,.0f}" if results.is_observed else "", "", "")
