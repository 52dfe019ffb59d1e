"""Contact gate: a dry run over an audience, with the reasons. It counts and keeps nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.pages import StaffRequest
from compliance.enums.consent import REACHING, Purpose, Reason
from compliance.pages.words import channel_label, purpose_label, reason_label
from compliance.rules.gate import next_loud
from compliance.selectors.gate import Judgement, judge
from compliance.selectors.notices import notice_in_force
from compliance.selectors.settings import channel_rules, contact_settings, current_policy
from core.errors import ScrmError
from core.moments import NO_MOMENT, read_moment
from core.pages import in_frame, page
from members.models import Member, SavedView, filter_members, member_filters

#: What the reader can do about it: amber where it passes by itself or can be asked for, red where it stands.
STATES = {
    Reason.ALLOWED: "good",
    Reason.QUIET_HOURS: "watch",
    Reason.FREQUENCY_CAP: "watch",
    Reason.CHANNEL_LIMIT: "watch",
    Reason.RECONSENT_DUE: "watch",
    Reason.NO_CONSENT: "none",
}
EVERYBODY = "all"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One reason: members whose first reason it is, and all to whom it applies."""

    reason: str
    label: str
    state: str
    first: int
    every: int
    share: float


@page("compliance.view_gaterun")
@require_safe
def dry_run(request: StaffRequest) -> HttpResponse:
    """The question as a form; with `channel` in the address also the answer."""
    asked = _asked(request.GET)
    context: dict[str, Any] = {
        "title": _("Contact gate"),
        "asked": asked,
        "purposes": [(code, purpose_label(code)) for code in Purpose.values],
        "channels": [(code, channel_label(code)) for code in REACHING],
        "audiences": _audiences(request),
        "settings": contact_settings(),
        "rules": channel_rules(),
        "notice": notice_in_force(),
        "notices_url": reverse("compliance:notices"),
        "can_change": request.user.has_perm("compliance.view_contactsettings"),
    }
    if "channel" in request.GET:
        context |= _answer(request, asked)
    return in_frame(request, "compliance/gate.html", context)


def _asked(params: QueryDict) -> dict[str, Any]:
    moment = read_moment(params.get("at", ""))
    return {
        "purpose": params.get("purpose", Purpose.MARKETING),
        "channel": params.get("channel", REACHING[0]),
        "audience": params.get("audience", EVERYBODY),
        "at": moment or timezone.now(),
        "typed_at": params.get("at", ""),
        "bad_at": bool(params.get("at", "")) and moment is None,
    }


def _answer(request: StaffRequest, asked: dict[str, Any]) -> dict[str, Any]:
    if asked["bad_at"]:
        return {"error": NO_MOMENT}
    try:
        members, parameters = _audience(request, asked["audience"])
        found = judge(members, purpose=asked["purpose"], channel=asked["channel"], at=asked["at"])
    except ScrmError as refused:
        return {"error": str(refused)}
    loud = next_loud(current_policy(), asked["at"])
    return {
        "found": found,
        "lines": _lines(found),
        "quiet_until": loud if loud != asked["at"] and found.terms.is_message else None,
        "members_url": f"{reverse('admin:members_member_changelist')}?{urlencode(parameters, doseq=True)}",
    }


def _lines(found: Judgement) -> Sequence[Line]:
    """Allowed first, then the reasons in the gate's order; those that nobody has are left out."""
    order = [Reason.ALLOWED, *(reason for reason in Reason if reason != Reason.ALLOWED)]
    whole = found.members or 1
    lines = [
        Line(
            reason=reason,
            label=reason_label(reason),
            state=STATES.get(reason, "act"),
            first=found.first.get(reason, 0),
            every=found.every.get(reason, 0),
            share=100 * found.first.get(reason, 0) / whole,
        )
        for reason in order
    ]
    return [line for line in lines if line.first or line.every or line.reason == Reason.ALLOWED]


def _audiences(request: StaffRequest) -> list[tuple[str, list[tuple[str, str]]]]:
    """Everybody; the tiers, where somebody registered them; one's own and shared views."""
    groups = [("", [(EVERYBODY, _("All members"))])]
    if "tier" in member_filters and (options := member_filters.get("tier").options):
        groups.append((_("Tier"), [(f"tier-{code}", str(label)) for code, label in options()]))
    views = [(f"view-{view.pk}", view.name) for view in _views(request)]
    return [*groups, (_("Saved view"), views)] if views else groups


def _audience(request: StaffRequest, chosen: str) -> tuple[QuerySet[Member], dict[str, Any]]:
    """The members, and the same as parameters of their list. An unknown choice is everybody. Raises FilterNotValid."""
    kind, _dash, value = chosen.partition("-")
    parameters: dict[str, Any] = {}
    if kind == "tier" and "tier" in member_filters:
        parameters = {"tier": [value]}
    if kind == "view" and value.isdecimal():
        view = _views(request).filter(pk=int(value)).first()
        parameters = dict(view.filters) if view else {}
    return filter_members(Member.objects.active(), parameters, now=timezone.now()), parameters


def _views(request: StaffRequest) -> "QuerySet[SavedView]":
    return SavedView.objects.filter(Q(owner=request.user.pk) | Q(shared=True)).order_by("name")
