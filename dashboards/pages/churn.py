"""How likely a silence is to go on for good, so that the threshold of the warning is chosen, not believed."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from accounts.enums import Reach
from accounts.models import User
from accounts.pages import StaffRequest
from core.errors import FieldErrors
from core.pages import as_csv, in_frame, page
from core.rules.whole import whole_in
from dashboards.enums import FlagEnd
from dashboards.errors import ChurnRuleNotValid
from dashboards.models import InsightSettings
from dashboards.pages.frame import scope_of
from dashboards.rules.survival import TOO_FEW, Loss, first_above
from dashboards.selectors.settings import churn_rules, insight_settings
from dashboards.selectors.silences import EVERYBODY, Silences, counted_scopes, ends_of, flags_of, silences_for
from dashboards.services.settings import set_churn_days
from segments.enums import AudienceState
from segments.models import Audience
from segments.selectors.tiers import plain_tiers

CHANGES = "dashboards.change_insightsettings"
HALF = 50
HINTS = (1, 2, 3, 4, 5, 6, 7, 10, 14, 21, 30, 45, 60)


@dataclass(frozen=True)
class Scope:
    """What silences are counted over; `days` its own threshold, None where everybody's holds."""

    code: str
    name: str
    days: int | None


@page("dashboards.view_results")
@require_safe
def churn(request: StaffRequest) -> HttpResponse:
    """The curve of everybody or of `?scope=…`, also as CSV (`?format=csv`); `?share=` marks a threshold for it."""
    return _show(request)


@page(CHANGES)
@require_POST
def churn_rule(request: StaffRequest) -> HttpResponse:
    """Set the threshold of a scope, or take it away (`remove`)."""
    scope, typed = request.POST.get("scope", ""), request.POST.get("days", "").strip()
    removes = "remove" in request.POST
    try:
        days = None if removes else _whole(typed)
        set_churn_days(
            scope=scope, days=days, reason=request.POST.get("reason", ""), by=request.user, now=timezone.now()
        )
    except ChurnRuleNotValid as refused:
        typed_in = {"days": typed, "reason": request.POST.get("reason", "")}
        return _show(request, scope=scope, typed=typed_in, errors=refused.fields, status=refused.status)
    messages.success(request, _("Saved. Members are flagged by it within some minutes, and every night."))
    return redirect(f"{reverse('dashboards:churn')}?{urlencode({'scope': scope})}")


def _whole(text: str) -> int:
    found = whole_in(text, most=999)  # no threshold is longer
    if found is None:
        raise ChurnRuleNotValid(fields={"days": [_("A whole number of days is expected here.")]})
    return found


def _show(
    request: StaffRequest,
    *,
    scope: str = "",
    typed: dict[str, str] | None = None,
    errors: FieldErrors | None = None,
    status: int = 200,
) -> HttpResponse:
    settings, scopes = insight_settings(), _scopes(request.user)
    asked = scope or request.GET.get("scope", EVERYBODY)
    chosen = next((each for each in scopes if each.code == asked), scopes[0])
    found = silences_for(request.user, chosen.code)
    losses = found.losses(settings) if found else []
    if request.GET.get("format") == "csv":
        return _csv(chosen, losses)
    days = chosen.days or scopes[0].days or 0
    context = {
        "title": _("Insights"),
        "tab": "churn",
        "settings": settings,
        "scopes": scopes if len(scopes) > 1 else [],
        "scope": chosen,
        "threshold": days,
        "silences": found,
        "has_file": found is not None,
        "share": _share(request),
        "limited": request.user.reach != Reach.ALL,
        "may_change": request.user.has_perm(CHANGES),
        "typed": typed or {"days": str(days or ""), "reason": ""},
        "errors": errors or {},
        **_figures(found, losses, days, settings, _share(request)),
        **_flags(request, scopes),
    }
    return in_frame(request, "dashboards/churn.html", context, status=status)


def _share(request: StaffRequest) -> int:
    return whole_in(request.GET.get("share", ""), most=99) or HALF


def _scopes(user: User) -> list[Scope]:
    """Everybody first; for whoever sees everybody, tiers and audiences that were counted or have a threshold."""
    rules = churn_rules()
    days = {code: rule.days for code, rule in rules.items()}
    if user.reach != Reach.ALL:
        return [Scope(EVERYBODY, _("Members of your stores"), days.get(EVERYBODY))]
    counted = counted_scopes() | set(rules)
    tiers = [(f"tier:{tier.code}", str(tier)) for tier in plain_tiers()]
    audiences = [
        (f"audience:{each.pk}", each.name)
        for each in Audience.objects.filter(state=AudienceState.ACTIVE).order_by("name")
    ]
    named = [(EVERYBODY, pgettext("audience", "everybody")), *tiers, *audiences]
    return [Scope(code, name, days.get(code)) for code, name in named if code == EVERYBODY or code in counted]


def _figures(
    found: Silences | None, losses: Sequence[Loss], days: int, settings: InsightSettings, share: int
) -> dict[str, Any]:
    if found is None:
        return {"at": None, "rows": [], "chart": None}
    at = found.loss(days, settings) if days else None
    return {
        "at": at,
        "too_few": TOO_FEW,
        "suggested": first_above(losses, share / 100),
        "rows": [loss for loss in losses if loss.days in HINTS or loss.days == days],
        "all_rows": losses,
        "chart": _chart(losses, days) if any(loss.share is not None for loss in losses) else None,
    }


def _chart(losses: Sequence[Loss], days: int) -> dict[str, Any]:
    """Shares in percent; the threshold as one large point on the line."""
    known = [loss for loss in losses if loss.share is not None]
    whole = [_percent(loss.share) for loss in known]
    return {
        "type": "line",
        "digits": 1,
        "labels": [str(loss.days) for loss in known],
        "datasets": [
            {
                "label": _("not back, %"),
                "data": whole,
                "pointRadius": [6 if loss.days == days else 0 for loss in known],
            },
            {
                "label": _("lower end, 95 %"),
                "colour": "soft",
                "borderWidth": 1,
                "data": [_percent(loss.interval.low if loss.interval else None) for loss in known],
            },
            {
                "label": _("upper end, 95 %"),
                "colour": "soft",
                "borderWidth": 1,
                "data": [_percent(loss.interval.high if loss.interval else None) for loss in known],
            },
        ],
    }


def _percent(share: float | None) -> float | None:
    return None if share is None else float(round(Decimal(100 * share), 2))


def _flags(request: StaffRequest, scopes: Sequence[Scope]) -> dict[str, Any]:
    """Who is flagged now, by whose threshold; and how the flags of the last month ended."""
    members = scope_of(request.user)
    by_scope = dict(flags_of(members).order_by().values_list("scope").annotate(people=Count("pk")))
    names = {scope.code: scope.name for scope in scopes}
    ends = ends_of(members, today=timezone.localdate())
    settled = ends.get(FlagEnd.RETURNED, 0) + ends.get(FlagEnd.LOST, 0)
    return {
        "flagged": sum(by_scope.values()),
        "flagged_by": [
            (names.get(code, code.partition(":")[2]), people)
            for code, people in sorted(by_scope.items(), key=lambda pair: -pair[1])
        ]
        if request.user.reach == Reach.ALL
        else [],
        "people_link": f"{reverse('admin:members_member_changelist')}?churn=1",
        "settled": settled,
        "returned": ends.get(FlagEnd.RETURNED, 0),
    }


def _csv(scope: Scope, losses: Sequence[Loss]) -> HttpResponse:
    header = [
        _("Silent days"),
        _("Silences that lasted so long"),
        _("Not back"),
        _("lower end, 95 %"),
        _("upper end, 95 %"),
    ]
    rows = (
        [
            loss.days,
            loss.reached,
            *("" if value is None else round(value, 4) for value in (loss.share, *(loss.interval or (None, None)))),
        ]
        for loss in losses
    )
    return as_csv(f"churn-{scope.code.replace(':', '-')}-{timezone.localdate()}", header, rows)
