"""The member page: facts first. Every app adds its panels; the page only lays them out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members.admin.extension import MemberPanel, member_panels
from members.models import Member

PLACES = ("head", "main", "side")
DAYS_SAID, MONTHS_SAID = 60, 730  # a span of so many days is said in days, or in months


@dataclass(frozen=True)
class Panel:
    code: str
    template: str
    context: Mapping[str, Any]


LATER = "members/panel_later.html"


def panels_of(request: HttpRequest, member: Member) -> dict[str, list[Panel]]:
    """Panels by place, loaded but for those that come later; what the role may not see is not there at all."""
    places: dict[str, list[Panel]] = {place: [] for place in PLACES}
    for panel in member_panels:
        if panel.permission and not request.user.has_perm(panel.permission):
            continue
        address = reverse("admin:members_member_part", args=(member.pk, panel.code))
        context = {"address": address} if panel.later else panel.load(request, member)
        if context is not None:
            places[panel.place].append(Panel(panel.code, LATER if panel.later else panel.template, context))
    return places


def later_panel(request: HttpRequest, member_id: int, panel: MemberPanel) -> HttpResponse:
    """One panel by itself; nothing where it hides."""
    member = get_object_or_404(Member.objects.visible_to(request.user), pk=member_id)
    context = panel.load(request, member)
    return HttpResponse() if context is None else TemplateResponse(request, panel.template, {"panel": context})


def later_panels() -> dict[str, MemberPanel]:
    return {panel.code: panel for panel in member_panels if panel.later}


def meta_of(member: Member) -> list[str]:
    """Gender, city and how long she has been a member: what the head says beside the name."""
    city = member.city
    place = city.name if city else ""
    if city and city.tier:
        place = _("%(city)s (%(tier)s)") % {"city": city.name, "tier": city.get_tier_display()}
    parts = [member.get_gender_display() if member.gender else "", place, tenure(member)]
    return [part for part in parts if part]


def tenure(member: Member) -> str:
    if member.registered_at is None:
        return _("registration not known")
    days = max((timezone.now() - member.registered_at).days, 0)
    if days < DAYS_SAID:
        return ngettext("member for %(count)d day", "member for %(count)d days", days) % {"count": days}
    if days < MONTHS_SAID:
        return ngettext("member for %(count)d month", "member for %(count)d months", days // 30) % {"count": days // 30}
    return ngettext("member for %(count)d year", "member for %(count)d years", days // 365) % {"count": days // 365}


def page_context(request: HttpRequest, member: Member) -> dict[str, Any]:
    return {
        "member": member,
        "meta": meta_of(member),
        "panels": panels_of(request, member),
        "edit_url": reverse("admin:members_member_edit", args=(member.pk,)),
        "can_change": request.user.has_perm("members.change_member"),
    }
