"""What is looked for in groups, and the settings of moderation."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.pages import StaffRequest
from community.enums.moderation import RULED, Speakers, ViolationKind
from community.errors.moderation import ModerationRuleNotValid, ModerationSettingsNotValid
from community.models import ModerationSettings, ViolationRule
from community.models.violations import AUTOMATIC_CHOICES
from community.rules.parameters import SPEC, Parameter
from community.selectors.moderation import moderation_settings
from community.services.moderation_rules import LIMITS, change_moderation_settings, save_rule
from core.pages import in_frame, page
from core.rules.whole import whole_in

TEXTS = ("name_zh", "name_en", "speakers", "automatic", "automatic_most", "reason")
FLAGS = ("sensitive", "is_active")
SHARES = ("share_low", "share_high")


@page("community.view_violationrule")
@require_safe
def rules(request: StaffRequest) -> HttpResponse:
    """All of them, those in use first."""
    context = {
        "title": _("Rules of moderation"),
        "rules": [(rule, _in_words(rule)) for rule in ViolationRule.objects.order_by("-is_active", "position", "pk")],
        "kinds": [(kind.value, kind.label) for kind in RULED],
        "settings": moderation_settings(),
        "can_change": request.user.has_perm("community.change_violationrule"),
        "can_set": request.user.has_perm("community.change_moderationsettings"),
    }
    return in_frame(request, "community/moderation_rules.html", context)


def _in_words(rule: ViolationRule) -> list[tuple[Any, str]]:
    """Each parameter with its value, long lists cut."""
    return [(parameter.label, _value(parameter, rule.parameters.get(parameter.name))) for parameter in SPEC[rule.kind]]


def _value(parameter: Parameter, value: Any) -> str:
    if parameter.form == "flag":
        return _("yes") if value else _("no")
    if parameter.form == "choices":
        return "、".join(str(label) for code, label in parameter.choices if code in (value or ())) or "—"
    if parameter.form == "lines":
        few, count = "、".join((value or [])[:6]), len(value or [])
        return _("%(few)s and more, %(count)d in all") % {"few": few, "count": count} if count > 6 else few or "—"  # noqa: PLR2004
    return str(value)


@page("community.change_violationrule")
@require_http_methods(["GET", "POST"])
def add_rule(request: StaffRequest, kind: str) -> HttpResponse:
    if kind not in RULED:
        raise Http404
    return _edit(request, None, kind)


@page("community.change_violationrule")
@require_http_methods(["GET", "POST"])
def rule(request: StaffRequest, rule_id: int) -> HttpResponse:
    row = get_object_or_404(ViolationRule, pk=rule_id)
    return _edit(request, row, row.kind)


def _edit(request: StaffRequest, row: ViolationRule | None, kind: str) -> HttpResponse:
    if request.method == "GET":
        return _form(request, row, kind, _kept(row or ViolationRule(kind=kind)))
    typed = _typed(request, kind)
    most = whole_in(str(typed["automatic_most"]), most=9_999)  # no limit is higher
    try:
        saved = save_rule(
            rule=row,
            kind=kind,
            values={**typed, "automatic_most": most},
            reason=str(typed["reason"]),
            by=request.user,
            now=timezone.now(),
        )
    except ModerationRuleNotValid as refused:
        return _form(request, row, kind, typed, refused.fields, status=refused.status)
    messages.success(request, _("“%(name)s” saved. It looks at messages from now on.") % {"name": saved.name})
    return redirect("community:moderation_rules")


def _typed(request: StaffRequest, kind: str) -> dict[str, Any]:
    typed: dict[str, Any] = {name: request.POST.get(name, "").strip() for name in TEXTS}
    typed |= {name: request.POST.get(name) == "1" for name in FLAGS}
    told = {
        parameter.name: request.POST.getlist(parameter.name)
        if parameter.form == "choices"
        else request.POST.get(parameter.name, "")
        for parameter in SPEC[kind]
    }
    return {**typed, "parameters": told}


def _kept(row: ViolationRule) -> dict[str, Any]:
    return {
        **{name: getattr(row, name) for name in (*TEXTS[:5], *FLAGS)},
        "reason": "",
        "parameters": row.parameters,
    }


def _form(
    request: StaffRequest,
    row: ViolationRule | None,
    kind: str,
    typed: Mapping[str, Any],
    errors: Any = None,
    *,
    status: int = 200,
) -> HttpResponse:
    context = {
        "title": row.name if row else _("New rule: %(kind)s") % {"kind": ViolationKind(kind).label},
        "rule": row,
        "kind": ViolationKind(kind).label,
        "typed": typed,
        "fields": [(parameter, _shown(parameter, typed["parameters"])) for parameter in SPEC[kind]],
        "speakers": Speakers.choices,
        "automatic": AUTOMATIC_CHOICES,
        "errors": errors or {},
    }
    return in_frame(request, "community/moderation_rule.html", context, status=status)


def _shown(parameter: Parameter, told: Mapping[str, Any]) -> Any:
    """As it stands in the field: lines joined, choices as a list."""
    value = told.get(parameter.name)
    if parameter.form == "lines":
        return value if isinstance(value, str) else "\n".join(value or ())
    if parameter.form == "number":
        return parameter.least if value in {None, ""} else value
    return value


@page("community.change_moderationsettings")
@require_http_methods(["GET", "POST"])
def settings(request: StaffRequest) -> HttpResponse:
    if request.method == "GET":
        row = moderation_settings()
        typed = {name: str(getattr(row, name)) for name in LIMITS}
        typed |= {name: f"{getattr(row, name) * 100:.1f}".removesuffix(".0") for name in SHARES}
        return _settings_form(request, typed)
    typed = {name: request.POST.get(name, "").strip() for name in (*LIMITS, *SHARES, "reason")}
    values: dict[str, Any] = {name: _whole(typed[name]) for name in LIMITS}
    values |= {name: _share(typed[name]) for name in SHARES}
    try:
        change_moderation_settings(values=values, reason=typed["reason"], by=request.user, now=timezone.now())
    except ModerationSettingsNotValid as refused:
        return _settings_form(request, typed, refused.fields, status=refused.status)
    messages.success(request, _("Saved."))
    return redirect("community:moderation_rules")


def _settings_form(
    request: StaffRequest, typed: Mapping[str, str], errors: Any = None, *, status: int = 200
) -> HttpResponse:
    labels = {field.name: field.verbose_name for field in ModerationSettings._meta.concrete_fields}
    context = {
        "title": _("Settings of moderation"),
        "fields": [(name, labels[name], typed.get(name, "")) for name in LIMITS],
        "typed": typed,
        "errors": errors or {},
    }
    return in_frame(request, "community/moderation_settings.html", context, status=status)


def _whole(text: str) -> int | None:
    return whole_in(text, most=999_999)  # no limit is higher


def _share(text: str) -> Decimal | None:
    try:
        number = Decimal(text.removesuffix("%").strip())
    except InvalidOperation:
        return None
    return round(number / 100, 3) if number.is_finite() and abs(number) <= 100 else None  # noqa: PLR2004  # per cent
