"""How scores are made: weights, scales, window, share; levels and settings; texts. With who would move, before saving."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.enums import Reach
from accounts.pages import StaffRequest
from community.enums.koc import AgreementKind, Fact
from community.models import KocAgreement, LevelRule, ScoreWeights
from community.rules.koc_scoring import FACTS_OF, PARTS, SCALED, Scale
from community.selectors.koc_preview import Preview, preview
from community.selectors.koc_scores import koc_settings, latest_run, target, weights_in_force
from community.selectors.kocs import agreement_in_force
from community.services.koc_weights import (
    DAYS,
    RULE_FIELDS,
    SETTINGS_FIELDS,
    Draft,
    change_levels,
    draft_in_force,
    publish_agreement,
    require_usable,
    save_weights,
)
from core.errors import ScrmError
from core.pages import in_frame, page

VERSIONS = 10
LARGEST = Decimal(10) ** 7


class _Reader:
    """Numbers out of a form; what is none is named beside its field."""

    def __init__(self, typed: Mapping[str, str]) -> None:
        self.typed = typed
        self.faults: dict[str, list[str]] = {}

    def number(self, name: str, field: str = "") -> Decimal:
        text = self.typed.get(name, "").replace(",", "").strip()
        try:
            found = Decimal(text)
        except InvalidOperation:
            found = Decimal("NaN")
        if not found.is_finite() or abs(found) >= LARGEST or found != round(found, 2):
            self.faults.setdefault(field or name, []).append(_("A number is expected here."))
            return Decimal(0)
        return found

    def whole(self, name: str, field: str = "") -> int:
        found = self.number(name, field)
        if found != int(found):
            self.faults.setdefault(field or name, []).append(_("A whole number is expected here."))
        return int(found)


@page("community.view_scoreweights")
@require_http_methods(["GET", "POST"])
def weights(request: StaffRequest) -> HttpResponse:
    """GET: the version in force. POST: try it (`act=preview`), or save the next version with a reason."""
    if request.method == "GET":
        return _show(request, _typed(draft_in_force()))
    if not request.user.has_perm("community.add_scoreweights"):
        raise PermissionDenied
    typed = {name: request.POST.get(name, "") for name in (*_typed(draft_in_force()), "reason")}
    reader = _Reader(typed)
    draft = _draft(reader)
    if reader.faults:
        return _show(request, typed, reader.faults, status=422)
    try:
        if request.POST.get("act") == "preview":
            require_usable(draft)
            return _show(request, typed, found=_preview(request, draft))
        saved = save_weights(draft=draft, reason=typed["reason"], by=request.user, now=timezone.now())
    except ScrmError as refused:
        return _show(request, typed, refused.fields, status=refused.status)
    if saved:
        messages.success(
            request, _("Version %(number)s saved: it counts from the next run on.") % {"number": saved.version}
        )
    else:
        messages.success(request, _("Nothing was different."))
    return redirect("community:koc_weights")


def _preview(request: StaffRequest, draft: Draft) -> Preview:
    aim = target(weights_in_force(), latest_run())
    places = int(aim.members * draft.share_high / 100)
    return preview(draft.weighing, places=places, user=request.user)


def _draft(reader: _Reader) -> Draft:
    return Draft(
        weights={part: reader.whole(part) for part in PARTS},
        scales={
            fact: Scale(reader.number(f"{fact}.half", fact), reader.whole(f"{fact}.share", fact)) for fact in SCALED
        },
        window_days=reader.whole("window_days"),
        share_low=reader.number("share_low"),
        share_high=reader.number("share_high", "share_low"),
    )


def _typed(draft: Draft) -> dict[str, str]:
    typed = {part.value: str(weight) for part, weight in draft.weights.items()}
    for fact, scale in draft.scales.items():
        typed |= {f"{fact}.half": f"{scale.half.normalize():f}", f"{fact}.share": str(scale.share)}
    typed["window_days"] = str(draft.window_days)
    return typed | {name: f"{getattr(draft, name).normalize():f}" for name in ("share_low", "share_high")}


def _show(
    request: StaffRequest,
    typed: Mapping[str, str],
    errors: Mapping[str, Any] | None = None,
    *,
    found: Preview | None = None,
    status: int = 200,
) -> HttpResponse:
    errors = errors or {}
    parts = [
        {
            "code": part.value,
            "label": part.label,
            "weight": typed.get(part.value, ""),
            "errors": errors.get(part.value, ()),
            "facts": [_fact(fact, typed, errors) for fact in FACTS_OF[part]],
        }
        for part in PARTS
    ]
    context = {
        "title": _("How KOC scores are made"),
        "tab": "weights",
        "parts": parts,
        "typed": typed,
        "errors": errors,
        "preview": found,
        "in_force": weights_in_force(),
        "run": latest_run(),
        "versions": ScoreWeights.objects.select_related("by").order_by("-version")[:VERSIONS],
        "can_change": request.user.has_perm("community.add_scoreweights"),
        "sees_everybody": request.user.reach == Reach.ALL,
    }
    return in_frame(request, "community/koc_weights.html", context, status=status)


def _fact(fact: Fact, typed: Mapping[str, str], errors: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "code": fact.value,
        "label": fact.label,
        "scaled": fact in SCALED,
        "half": typed.get(f"{fact.value}.half", ""),
        "share": typed.get(f"{fact.value}.share", ""),
        "errors": errors.get(fact.value, ()),
    }


@page("community.view_levelrule")
@require_http_methods(["GET", "POST"])
def levels(request: StaffRequest) -> HttpResponse:
    """Rules of levels, settings, and the texts that KOC agree to."""
    if request.method == "GET":
        return _show_levels(request, _typed_levels())
    if not request.user.has_perm("community.change_levelrule"):
        raise PermissionDenied
    typed = {name: request.POST.get(name, "") for name in (*_typed_levels(), "reason")}
    reader = _Reader(typed)
    rules = {
        rule.level: {
            name: (reader.number if name.endswith("score") else reader.whole)(f"{rule.level}.{name}", rule.level)
            for name in RULE_FIELDS
        }
        for rule in LevelRule.objects.all()
    }
    settings = {name: (reader.whole if name in DAYS else reader.number)(name) for name in SETTINGS_FIELDS}
    if reader.faults:
        return _show_levels(request, typed, reader.faults, status=422)
    try:
        changes = change_levels(
            rules=rules, settings=settings, reason=typed["reason"], by=request.user, now=timezone.now()
        )
    except ScrmError as refused:
        return _show_levels(request, typed, refused.fields, status=refused.status)
    messages.success(request, _("Saved.") if changes else _("Nothing was different."))
    return redirect("community:koc_levels")


def _typed_levels() -> dict[str, str]:
    typed = {
        f"{rule.level}.{name}": f"{Decimal(getattr(rule, name)).normalize():f}"
        for rule in LevelRule.objects.all()
        for name in RULE_FIELDS
    }
    settings = koc_settings()
    return typed | {name: f"{Decimal(getattr(settings, name)).normalize():f}" for name in SETTINGS_FIELDS}


def _show_levels(
    request: StaffRequest, typed: Mapping[str, str], errors: Mapping[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    errors = errors or {}
    names = {field.name: field.verbose_name for field in LevelRule._meta.fields}
    rules = [
        {
            "label": rule.get_level_display(),
            "errors": errors.get(rule.level, ()),
            "fields": [
                {"name": f"{rule.level}.{name}", "label": names[name], "value": typed.get(f"{rule.level}.{name}", "")}
                for name in RULE_FIELDS
            ],
        }
        for rule in LevelRule.objects.order_by("enter_score")
    ]
    context = {
        "title": _("Levels and texts of KOC"),
        "tab": "levels",
        "rules": rules,
        "typed": typed,
        "errors": errors,
        "texts": [
            {
                "agreement": agreement_in_force(kind),
                "label": kind.label,
                "kind": kind.value,
                "typed": typed.get(f"text.{kind.value}", ""),
            }
            for kind in AgreementKind
        ],
        "older": KocAgreement.objects.select_related("by").order_by("-published_at", "-id")[:VERSIONS],
        "can_change": request.user.has_perm("community.change_levelrule"),
        "can_publish": request.user.has_perm("community.add_kocagreement"),
    }
    return in_frame(request, "community/koc_levels.html", context, status=status)


@page("community.add_kocagreement")
@require_http_methods(["POST"])
def publish(request: StaffRequest, kind: str) -> HttpResponse:
    """The next version of a text; what is refused comes back with what was typed."""
    if kind not in AgreementKind.values:
        raise Http404
    text, reason = request.POST.get("text", ""), request.POST.get("reason", "")
    try:
        saved = publish_agreement(
            kind=AgreementKind(kind), text=text, reason=reason, by=request.user, now=timezone.now()
        )
    except ScrmError as refused:
        typed = {**_typed_levels(), f"text.{kind}": text, f"reason.{kind}": reason}
        errors = {f"text.{kind}": [said for each in refused.fields.values() for said in each] or [str(refused)]}
        return _show_levels(request, typed, errors, status=refused.status)
    messages.success(request, _("Version %(number)s is in force.") % {"number": saved.version})
    return redirect("community:koc_levels")
