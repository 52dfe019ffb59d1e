"""The rule editor: what would change is shown while it is edited, and saved with a reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.pages import StaffRequest
from core.admin.base import sentence
from core.errors import ScrmError, ValidationFailed
from core.pages import in_frame, page
from core.templatetags.scrm import figure
from segments.enums import Goal, Measure, Operator
from segments.errors import PreviewRunning, PreviewTooSlow
from segments.models import RfmConfig, TierRun
from segments.pages.rules_form import SCORES_WITH_THRESHOLD, UNWINDOWED, RulesForm, blame, form_of, read_form, typed
from segments.rules.definitions import FALLBACK
from segments.selectors.definitions import latest_run, rfm_rule
from segments.selectors.tiers import tier_names
from segments.services.definitions import TierDraft, drafts, proposed
from segments.services.editing import RulesChanged, edition, save_rules
from segments.services.preview import Move, Preview, preview_definitions
from segments.services.requests import request_run

SHOWN_MOVES = 12


@dataclass(frozen=True, kw_only=True)
class Cut:
    """One measure of the scores: thresholds as set, and the limits of the last run in words."""

    name: str
    label: str
    unit: str
    errors: list[Any]
    values: list[str]
    present: list[str]


@page("segments.view_tier")
@require_http_methods(["GET", "POST"])
def editor(request: StaffRequest) -> HttpResponse:
    """GET: the rules in force. POST: save what was edited; whatever is refused comes back beside what was typed."""
    if request.method == "GET":
        return _show(request, form_of(drafts(), rfm_rule(RfmConfig.objects.get())), began_with=edition())
    if not request.user.has_perm("segments.change_tier"):
        raise PermissionDenied
    form = read_form(request.POST, {draft.code: draft for draft in drafts()})
    return _save(request, form)


@page("segments.change_tier")
@require_POST
def preview(request: StaffRequest) -> JsonResponse:
    """What the rules as sent would do: a rendered plan, the counts of each tier, and errors by key. Saves nothing.

    409 while the plan that the same person asked for before is being reckoned; the page asks again.
    """
    form = read_form(request.POST, {draft.code: draft for draft in drafts()})
    try:
        definitions = proposed(tiers=form.tiers, rfm=form.rfm)
    except ValidationFailed as refused:
        blame(form, refused.fields)
    if form.errors:
        return _answer(request, {"form": form}, form)
    try:
        found = preview_definitions(definitions=definitions, by=request.user)
    except PreviewRunning as refused:
        return JsonResponse({"words": str(refused)}, status=refused.status)
    except PreviewTooSlow as refused:
        return _answer(request, {"form": form, "refused": refused}, form)
    return _answer(request, {"form": form, "plan": plan(found)}, form)


def _answer(request: StaffRequest, context: Mapping[str, Any], form: RulesForm) -> JsonResponse:
    found = context.get("plan")
    errors = {key: [str(each) for each in sentences] for key, sentences in form.errors.items()}
    html = render_to_string("segments/rules_plan.html", dict(context), request)
    tiers = found["tiers"] if found else {}
    return JsonResponse({"html": html, "errors": errors, "tiers": tiers, "moved": found["moved"] if found else 0})


def plan(found: Preview) -> dict[str, Any]:
    """A dry run in the words of the page, the largest moves first."""
    names = tier_names()
    moves = sorted((move for move in found.moves if move.from_tier != move.to_tier), key=lambda each: -each.members)
    before, after = found.by_tier(after=False), found.by_tier(after=True)
    return {
        "as_of": found.as_of,
        "members": found.members,
        "moved": found.moved,
        "moves": [_move(move, names) for move in moves[:SHOWN_MOVES]],
        "others": sum(move.members for move in moves[SHOWN_MOVES:]),
        "reread": found.reread,
        "seconds": found.seconds,
        "tiers": {code: _count(before.get(code, 0), after.get(code, 0)) for code in names},
    }


def _move(move: Move, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "from": move.from_tier,
        "to": move.to_tier,
        "from_name": names.get(move.from_tier, _("Not there yet")),
        "to_name": names.get(move.to_tier, move.to_tier),
        "members": move.members,
        "revenue": move.revenue_30d,
    }


def _count(before: int, after: int) -> dict[str, str | int]:
    return {"before": figure(before), "after": figure(after), "change": after - before}


def _save(request: StaffRequest, form: RulesForm) -> HttpResponse:
    began_with = request.POST.get("began_with", "")
    reason = request.POST.get("reason", "")
    if form.errors:
        return _show(request, form, began_with=began_with, reason=reason, status=422)
    try:
        save_rules(tiers=form.tiers, rfm=form.rfm, began_with=began_with, reason=reason, by=request.user)
    except RulesChanged as refused:
        return _show(request, form, began_with=edition(), reason=reason, conflict=refused, status=409)
    except ValidationFailed as refused:
        blame(form, refused.fields)
        return _show(request, form, began_with=began_with, reason=reason, status=422)
    messages.success(request, _("Rules saved."))
    if request.POST.get("retier") == "1":
        _ask_for_run(request)
    return redirect("segments:tiers")


def _ask_for_run(request: StaffRequest) -> None:
    """The rules are saved in any case."""
    try:
        request_run(by=request.user, now=timezone.now())
    except ScrmError as refused:
        messages.warning(request, sentence(refused))


def _show(
    request: StaffRequest,
    form: RulesForm,
    *,
    began_with: str,
    reason: str = "",
    conflict: RulesChanged | None = None,
    status: int = 200,
) -> HttpResponse:
    run = latest_run()
    context: dict[str, Any] = {
        "title": _("Tier rules"),
        "form": form,
        "tiers": [_section(draft, form) for draft in form.tiers],
        "fallback": FALLBACK,
        "cuts": _cuts(form, run),
        "run": run,
        "began_with": began_with,
        "reason": reason,
        "conflict": conflict,
        "measures": Measure.choices,
        "unwindowed": " ".join(sorted(UNWINDOWED)),
        "operators": Operator.choices,
        "goals": Goal.choices,
        "can_change": request.user.has_perm("segments.change_tier"),
    }
    return in_frame(request, "segments/rules.html", context, status=status)


def _section(draft: TierDraft, form: RulesForm) -> dict[str, Any]:
    """A tier with the rows of its criteria, alternative by alternative; rows know their own errors."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for place, row in enumerate(form.rows.get(draft.code, ())):
        errors = form.errors.get(f"{draft.code}.criteria.{place}", [])
        groups.setdefault(row.alternative, []).append(
            {"typed": row, "errors": errors, "bare": row.measure in UNWINDOWED}
        )
    return {
        "draft": draft,
        "groups": list(groups.values()),
        "errors": form.errors.get(draft.code, []),
        "target_errors": form.errors.get(f"{draft.code}.goal_target", []),
        "name_errors": [*form.errors.get(f"{draft.code}.name_zh", []), *form.errors.get(f"{draft.code}.name_en", [])],
        "target": "" if draft.goal_target is None else typed(draft.goal_target),
    }


def _cuts(form: RulesForm, run: TierRun | None) -> list[Cut]:
    """Recency, frequency, money; the limits that the last run found, as the least that earns the scores 2 to 5."""
    limits: Mapping[str, list[int]] = run.cutoffs if run else {}
    days = [
        ngettext("≤ %(days)s day", "≤ %(days)s days", limit - 1) % {"days": f"{limit - 1:,}"}
        for limit in limits.get("r", [])
    ]
    orders = [f"≥ {limit + 1:,}" for limit in limits.get("f", [])]
    money = [f"≥ ¥{Decimal(limit + 1) / 100:,.2f}" for limit in limits.get("m", [])]
    return [
        _cut(form, "recency_days", "R", _("days, at most"), days),
        _cut(form, "frequency", "F", _("orders, at least"), orders),
        _cut(form, "monetary", "M", _("¥, at least"), money),
    ]


def _cut(form: RulesForm, name: str, label: str, unit: str, present: list[str]) -> Cut:
    texts = [typed(Decimal(value)) for value in getattr(form.rfm, name)]
    values = [*texts, *[""] * (SCORES_WITH_THRESHOLD - len(texts))]
    return Cut(
        name=name, label=label, unit=unit, errors=form.errors.get(f"rfm.{name}", []), values=values, present=present
    )
