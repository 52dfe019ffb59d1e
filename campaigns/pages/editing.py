"""The form of an activity. What was typed is shown again, whatever was wrong with it."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.enums import Role
from accounts.models import User
from accounts.pages import StaffRequest
from campaigns.enums import Form, Level
from campaigns.errors import ActivityNotValid, NotInTheirFavour
from campaigns.models import Activity, ActivityOffer
from campaigns.pages.figures import band_text
from campaigns.rules.plan import Plan
from campaigns.selectors.settings import activity_settings, bands
from campaigns.services.activities import change_activity, create_activity, plan_of
from compliance.enums.consent import Channel
from core.admin.base import sentence
from core.errors import ScrmError
from core.pages import in_frame, page
from core.rules.whole import INTEGER, whole_in
from loyalty.models import Coupon, Draw
from segments.models import Audience

TEXTS = ("name", "level", "form", "title", "rules_text", "channel")
TYPED = (*TEXTS, "owner", "audience", "budget", "window_days", "starts_at", "ends_at", "codes")
OWNERS = (Role.MARKETER, Role.ADMINISTRATOR)


@page("campaigns.add_activity")
@require_http_methods(["GET", "POST"])
def create(request: StaffRequest) -> HttpResponse:
    if request.method == "GET":
        settings = activity_settings()
        typed = {"owner": str(request.user.pk), "window_days": str(settings.window_days), "channel": "wecom"}
        return _show(request, None, typed, {})
    return _save(request, None)


@page("campaigns.change_activity")
@require_http_methods(["GET", "POST"])
def edit(request: StaffRequest, activity_id: int) -> HttpResponse:
    activity = get_object_or_404(Activity, pk=activity_id)
    if request.method == "GET":
        if activity.state not in {"draft", "running"}:
            messages.info(request, _("Take it back to a draft before you change it."))
            return redirect("campaigns:activity", activity.pk)
        plan = plan_of(activity)
        return _show(request, activity, _typed(plan), {"coupons": plan.coupons, "draws": plan.draws})
    return _save(request, activity)


def _save(request: StaffRequest, activity: Activity | None) -> HttpResponse:
    typed = {name: request.POST.get(name, "") for name in TYPED}
    chosen = {name: _numbers(request.POST, name) for name in ("coupons", "draws")}
    try:
        plan = _read(typed, chosen)
        now = timezone.now()
        if activity is None:
            activity = create_activity(plan=plan, by=request.user, now=now)
        else:
            activity = change_activity(activity=activity, plan=plan, by=request.user, now=now)
    except (ActivityNotValid, NotInTheirFavour) as refused:
        return _show(request, activity, typed, chosen, refused, status=refused.status)
    except ScrmError as refused:
        messages.error(request, sentence(refused))
        return _show(request, activity, typed, chosen, refused, status=refused.status)
    messages.success(request, _("Saved."))
    return redirect("campaigns:activity", activity.pk)


def _read(typed: Mapping[str, str], chosen: Mapping[str, tuple[int, ...]]) -> Plan:
    """Raises ActivityNotValid for what is no number and no moment; the rest is the service's to judge."""
    faults: dict[str, list[str]] = {}
    moments = {name: _moment(name, typed[name], faults) for name in ("starts_at", "ends_at")}
    budget = _budget(typed["budget"], faults)
    window = _whole(typed["window_days"])
    if window is None:
        faults["window_days"] = [_("A whole number of days is expected.")]
    if faults:
        raise ActivityNotValid(fields=faults)
    values: dict[str, Any] = {**{name: typed[name] for name in TEXTS}, **chosen, **moments}
    return Plan(
        **values,
        owner_id=_whole(typed["owner"]) or 0,
        audience_id=_whole(typed["audience"]) if typed["audience"] else None,
        budget=budget,
        window_days=window or 0,
        codes=tuple(typed["codes"].replace("，", ",").replace("\n", ",").split(",")),
    )


def _moment(name: str, text: str, faults: dict[str, list[str]]) -> datetime | None:
    if not text.strip():
        return None
    try:
        moment = parse_datetime(text.strip())
    except ValueError:
        moment = None
    if moment is None:
        faults[name] = [_("“%(text)s” is no date and time.") % {"text": text[:40]}]
        return None
    return timezone.make_aware(moment) if timezone.is_naive(moment) else moment


def _budget(text: str, faults: dict[str, list[str]]) -> Decimal | None:
    plain = text.replace(",", "").strip()
    if not plain:
        return None
    try:
        amount = Decimal(plain)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or abs(amount) >= 10**12 or amount != round(amount, 2):
        faults["budget"] = [_("“%(text)s” is no amount.") % {"text": text[:40]}]
        return None
    return amount


def _whole(text: str) -> int | None:
    return whole_in(text, most=INTEGER)


def _numbers(data: QueryDict, name: str) -> tuple[int, ...]:
    return tuple(number for text in data.getlist(name)[:200] if (number := _whole(text)) is not None)


def _typed(plan: Plan) -> dict[str, str]:
    return {
        **{name: getattr(plan, name) for name in TEXTS},
        "owner": str(plan.owner_id),
        "audience": str(plan.audience_id or ""),
        "budget": "" if plan.budget is None else f"{plan.budget:.2f}".removesuffix(".00"),
        "window_days": str(plan.window_days),
        "codes": ", ".join(plan.codes),
        **{name: _local(getattr(plan, name)) for name in ("starts_at", "ends_at")},
    }


def _local(moment: datetime | None) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M") if moment else ""


def _show(
    request: StaffRequest,
    activity: Activity | None,
    typed: Mapping[str, str],
    chosen: Mapping[str, tuple[int, ...]],
    refused: ScrmError | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "title": _("Change the activity") if activity else _("New activity"),
        "activity": activity,
        "running": activity is not None and activity.state == "running",
        "typed": typed,
        "errors": refused.fields if refused else {},
        "refused": refused,
        "levels": _levels(),
        "forms": Form.choices,
        "channels": [(code, label) for code, label in Channel.choices if code != Channel.ANY],
        "audiences": Audience.objects.filter(Q(state="active") | Q(pk=_whole(typed.get("audience", "")) or 0)),
        "owners": User.objects.filter(role__in=OWNERS, is_active=True).order_by("display_name", "username"),
        "coupons": _free(Coupon, "coupon", ("draft", "live", "paused"), activity),
        "draws": _free(Draw, "draw", ("draft", "published"), activity),
        "chosen": chosen,
        "limit": activity_settings().budget_limit,
    }
    return in_frame(request, "campaigns/activity_form.html", context, status=status)


def _levels() -> list[tuple[str, Any, list[tuple[str, str]]]]:
    """Code, label, and what the level promises."""
    spans = bands()
    return [
        (
            level.value,
            level.label,
            [(measure, band_text(measure, span)) for measure, span in spans.get(level, {}).items()],
        )
        for level in Level
    ]


def _free(model: Any, field: str, states: tuple[str, ...], activity: Activity | None) -> Any:
    """Offers that no other activity has; the newest first."""
    others = ActivityOffer.objects.filter(**{f"{field}__isnull": False})
    if activity:
        others = others.exclude(activity=activity)
        mine = Q(pk__in=activity.offers.values(field))
    else:
        mine = Q(pk__in=())
    free = Q(state__in=states) & ~Q(pk__in=others.values(field))
    return model.objects.filter(free | mine).order_by("-pk")[:100]
