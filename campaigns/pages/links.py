"""Tracked links: the list, the page of one with its code as a picture, a new one; the hosts to which they may lead."""

from datetime import timedelta
from io import BytesIO
from typing import Any, TypeVar

import segno
from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.pages import StaffRequest
from campaigns.errors import LinkNotValid
from campaigns.models import Activity, LinkHost, TrackedLink
from campaigns.rules.addresses import UTM
from campaigns.selectors.links import clicks_of, days_of
from campaigns.services import links as services
from content.models import Slot
from core.admin.base import sentence
from core.errors import ScrmError
from core.pages import in_frame, page
from core.rules.whole import whole_in

Row = TypeVar("Row", bound=Model)
PAGE = 50
DAYS = 30
CHOSEN = ("activity", "slot")
MOST_CHOSEN = 200
BEHIND, AHEAD = timedelta(days=60), timedelta(days=120)
CHOSEN_ACTIVITIES = ("draft", "in_review", "approved", "scheduled", "running")


@page("campaigns.view_trackedlink")
@require_safe
def listing(request: StaffRequest) -> HttpResponse:
    """Fifty at once, the newest first; hosts beside them."""
    before = whole_in(request.GET.get("before", ""))
    rows = TrackedLink.objects.select_related("activity").order_by("-pk")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    links = list(rows[: PAGE + 1])
    context = {
        "title": _("Tracked links"),
        "rows": list(zip(links[:PAGE], clicks_of(links[:PAGE]), strict=True)),
        "older": links[PAGE - 1].pk if len(links) > PAGE else None,
        "hosts": list(LinkHost.objects.all()),
        "can_add": request.user.has_perm("campaigns.add_trackedlink"),
        "can_set": request.user.has_perm("campaigns.change_linkhost"),
    }
    return in_frame(request, "campaigns/links.html", context)


@page("campaigns.view_trackedlink")
@require_safe
def detail(request: StaffRequest, link_id: int) -> HttpResponse:
    link = get_object_or_404(TrackedLink.objects.select_related("activity", "slot", "host", "by"), pk=link_id)
    days = days_of(link, limit=DAYS)
    (clicks,) = clicks_of([link])
    address = request.build_absolute_uri(link.path)
    context = {
        "title": link.name,
        "link": link,
        "clicks": clicks,
        "days": days,
        "chart": _chart(days),
        "address": address,
        "picture": mark_safe(segno.make(address, error="m").svg_inline(border=2, omitsize=True)),  # shapes only
        "utm": [(name, getattr(link, name)) for name in UTM if getattr(link, name)],
        "can_change": request.user.has_perm("campaigns.change_trackedlink"),
    }
    return in_frame(request, "campaigns/link.html", context)


@page("campaigns.view_trackedlink")
@require_safe
def picture(request: StaffRequest, link_id: int) -> HttpResponse:
    """The code as a file that a printer takes."""
    link = get_object_or_404(TrackedLink, pk=link_id)
    answer = HttpResponse(_picture(request.build_absolute_uri(link.path)), content_type="image/svg+xml")
    answer["Content-Disposition"] = f'attachment; filename="{link.code}.svg"'
    return answer


@page("campaigns.add_trackedlink")
@require_http_methods(["GET", "POST"])
def create(request: StaffRequest) -> HttpResponse:
    typed = {name: request.POST.get(name, "") for name in ("name", "target", "channel", *CHOSEN, *UTM)}
    if request.method == "GET":
        return _show(request, {**typed, **{name: request.GET.get(name, "") for name in CHOSEN}})
    try:
        activity = _chosen(Activity.objects.all(), "activity", typed["activity"], _("There is no such activity."))
        slot = _chosen(Slot.objects.all(), "slot", typed["slot"], _("There is no such slot."))
        link = services.create_link(
            name=typed["name"],
            target=typed["target"],
            channel=typed["channel"],
            utm={name: typed[name] for name in UTM},
            activity=activity,
            slot=slot,
            by=request.user,
            now=timezone.now(),
        )
    except ScrmError as refused:
        return _show(request, typed, refused, status=refused.status)
    messages.success(request, _("The link is made."))
    return redirect("campaigns:link", link.pk)


@page("campaigns.change_trackedlink")
@require_POST
def close(request: StaffRequest, link_id: int) -> HttpResponse:
    link = get_object_or_404(TrackedLink, pk=link_id)
    try:
        services.close_link(link=link, by=request.user, now=timezone.now())
    except ScrmError as refused:
        messages.error(request, sentence(refused))
    else:
        messages.success(request, _("The link leads nowhere from now on."))
    return redirect("campaigns:link", link_id)


@page("campaigns.change_linkhost")
@require_POST
def hosts(request: StaffRequest) -> HttpResponse:
    """Put a host on the list, or take it off."""
    host, now = request.POST.get("host", ""), timezone.now()
    try:
        if request.POST.get("act") == "refuse":
            services.refuse_host(host=get_object_or_404(LinkHost, pk=host), by=request.user, now=now)
            messages.success(request, _("Links to %(host)s lead nowhere from now on.") % {"host": host})
        else:
            row = services.allow_host(host=host, note=request.POST.get("note", ""), by=request.user, now=now)
            messages.success(request, _("Links may lead to %(host)s.") % {"host": row.host})
    except ScrmError as refused:
        messages.error(request, sentence(refused))
    return redirect("campaigns:links")


def _chosen(rows: QuerySet[Row], field: str, text: str, words: str) -> Row | None:
    """The row of that number; None for an empty choice. Raises LinkNotValid."""
    if not text.strip():
        return None
    number = whole_in(text)
    row = rows.filter(pk=number).first() if number is not None else None
    if row is None:
        raise LinkNotValid(fields={field: [words]})
    return row


def _slots() -> QuerySet[Slot]:
    """Content of the last and the coming weeks, which a link may stand in."""
    first, last = timezone.now() - BEHIND, timezone.now() + AHEAD
    rows = Slot.objects.filter(planned_at__gte=first, planned_at__lt=last).exclude(state="cancelled")
    return rows.order_by("-planned_at", "-pk")[:MOST_CHOSEN]


def _show(
    request: StaffRequest, typed: dict[str, str], refused: ScrmError | None = None, *, status: int = 200
) -> HttpResponse:
    labels = (_("Source"), _("Medium"), _("Campaign"), _("Content"), _("Term"))
    context: dict[str, Any] = {
        "title": _("New tracked link"),
        "typed": typed,
        "errors": refused.fields if refused else {},
        "utm": [(name, label, typed[name]) for name, label in zip(UTM, labels, strict=True)],
        "hosts": list(LinkHost.objects.filter(is_active=True)),
        "activities": Activity.objects.filter(state__in=CHOSEN_ACTIVITIES).order_by("-pk")[:MOST_CHOSEN],
        "slots": _slots(),
    }
    return in_frame(request, "campaigns/link_form.html", context, status=status)


def _picture(address: str) -> str:
    drawn = BytesIO()
    segno.make(address, error="m").save(
        drawn, kind="svg", scale=5, border=2, xmldecl=False, dark="#1d1b19", light="#fff"
    )
    return drawn.getvalue().decode()


def _chart(days: list[Any]) -> dict[str, Any] | None:
    if not days:
        return None
    return {
        "type": "bar",
        "stacked": True,
        "labels": [f"{each.day.month}-{each.day.day}" for each in days],
        "datasets": [
            {"label": _("People"), "data": [each.humans for each in days], "colour": "accent"},
            {"label": _("Programs"), "data": [each.bots for each in days], "colour": "soft"},
        ],
    }
