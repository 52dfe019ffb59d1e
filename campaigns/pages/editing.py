"""The form of an activity. What was typed is shown again, whatever was wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.enums import Role
from accounts.models import User
from accounts.pages import StaffRequest
from campaigns.enums import Form, Level
from campaigns.errors import ActivityChanged, ActivityNotValid, NotInTheirFavour
from campaigns.models import Activity, ActivityOffer
from campaigns.pages.figures import band_text
from campaigns.rules.plan import Plan
from campaigns.selectors.settings import activity_settings, bands
from campaigns.services.activities import change_activity, create_activity, plan_of
from compliance.enums.consent import Channel
from core.admin.base import sentence
from core.errors import ScrmError
from core.moments import NO_MOMENT, read_moment
from core.pages import in_frame, page
from core.rules.whole import INTEGER, whole_in
from loyalty.models import Coupon, Draw
from segments.models import Audience

TEXTS = ("name", "level", "form", "title", "rules_text", "channel")
MOMENTS = ("starts_at", "ends_at")
TYPED = (*TEXTS, *MOMENTS, "owner", "audience", "budget", "window_days", "codes", "seen")
MOST_OFFERED = 100
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
        typed = {**_typed(plan), "seen": activity.changed_at.isoformat()}
        return _show(request, activity, typed, {"coupons": plan.coupons, "draws": plan.draws})
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
            activity = _change(activity, _to_the_second(plan, activity), typed, by=request.user, now=now)
    except (ActivityNotValid, ActivityChanged, NotInTheirFavour) as refused:
        return _show(request, activity, typed, chosen, refused, status=refused.status)
    except ScrmError as refused:
        messages.error(request, sentence(refused))
        return _show(request, activity, typed, chosen, refused, status=refused.status)
    messages.success(request, _("Saved."))
    return redirect("campaigns:activity", activity.pk)


def _change(activity: Activity, plan: Plan, typed: dict[str, str], *, by: User, now: datetime) -> Activity:
    """Raises ActivityChanged where somebody else was quicker; whoever saves again after that has been told."""
    try:
        return change_activity(activity=activity, plan=plan, by=by, now=now, seen_at=_seen(typed["seen"]))
    except ActivityChanged:
        activity.refresh_from_db()
        typed["seen"] = activity.changed_at.isoformat()
        raise


def _read(typed: Mapping[str, str], chosen: Mapping[str, tuple[int, ...]]) -> Plan:
    """Raises ActivityNotValid for what is no number and no moment; the rest is the service's to judge."""
    faults: dict[str, list[str]] = {}
    moments = {name: _moment(name, typed[name], faults) for name in MOMENTS}
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


def _to_the_second(plan: Plan, activity: Activity) -> Plan:
    """The field shows minutes: one that says the stored minute means the stored moment, not the minute's beginning."""
    stored = {name: getattr(activity, name) for name in MOMENTS}
    meant = {
        name: moment
        for name, moment in stored.items()
        if moment is not None and getattr(plan, name) == moment.replace(second=0, microsecond=0)
    }
    return replace(plan, **meant)


def _seen(text: str) -> datetime | None:
    """When the activity had last been changed as the form was shown; what cannot be read was never shown by us."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _moment(name: str, text: str, faults: dict[str, list[str]]) -> datetime | None:
    if not text.strip():
        return None
    moment = read_moment(text)
    if moment is None:
        faults[name] = [str(NO_MOMENT)]
    return moment


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
        **{name: _local(getattr(plan, name)) for name in MOMENTS},
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
        "coupons": _offered(Coupon, "coupon", ("draft", "live", "paused"), activity, chosen.get("coupons", ())),
        "draws": _offered(Draw, "draw", ("draft", "published"), activity, chosen.get("draws", ())),
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


def _offered(model: Any, field: str, states: tuple[str, ...], activity: Activity | None, chosen: Sequence[int]) -> Any:
    """The newest offers that no activity has, after those that are this one's or chosen: these are never left out."""
    kept = {*chosen, *(activity.offers.values_list(field, flat=True) if activity else ())} - {None}
    taken = ActivityOffer.objects.filter(**{f"{field}__isnull": False}).values(field)
    free = model.objects.filter(state__in=states).exclude(pk__in=taken).exclude(pk__in=kept).order_by("-pk")
    return [*model.objects.filter(pk__in=kept).order_by("-pk"), *free[:MOST_OFFERED]]
