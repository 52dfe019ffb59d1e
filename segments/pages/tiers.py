"""The tiers: who is in them, how they move, what they bring, whether they reach their goal."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.pages import StaffRequest
from compliance.selectors.pipia import is_assessed
from core.admin.base import sentence
from core.errors import ScrmError
from core.pages import in_frame, page
from core.templatetags.scrm import figure
from segments.enums import TIERING, Goal
from segments.errors import AsOfTooEarly, DefinitionsInvalid
from segments.models import GoalProgress, RunRequest, Tier, TierRun
from segments.pages.flow_window import window_of
from segments.pages.phrases import alternatives
from segments.rules.definitions import to_json
from segments.selectors.definitions import current_definitions, tier_rule
from segments.selectors.overview import TierFigures, tier_overview
from segments.selectors.progress import latest_request, progress_of
from segments.services.requests import request_run

RATES = frozenset({Goal.FIRST_PURCHASE, Goal.REPURCHASE})
FAILURES = {error.code: error.message for error in (AsOfTooEarly, DefinitionsInvalid)}
FAILED = gettext_lazy("The worker met a fault; its log tells more. The tiers are as they were.")


@dataclass(frozen=True, kw_only=True)
class GoalLine:
    """Progress to one goal: `state` good (reached), watch (on the way), none (not observed, `reason` says why)."""

    title: str
    state: str
    value: Decimal | None
    target: Decimal | None
    sample: int
    reason: str
    is_rate: bool
    filled: float
    compared: tuple[Decimal, Decimal] | None


@dataclass(frozen=True, kw_only=True)
class Column:
    """One tier on the page."""

    place: int
    figures: TierFigures
    rule: list[list[str]]
    strategy: str
    goal: GoalLine | None
    link: str


@page("segments.view_tier")
@require_safe
def overview(request: StaffRequest) -> HttpResponse:
    """Six columns in order of match, and the flow between two days, which loads by itself."""
    run, figures = tier_overview(criteria=True)
    context: dict[str, Any] = {
        "title": _("Tiers"),
        "run": run,
        "columns": [_column(place, each) for place, each in enumerate(_in_use(figures), 1)],
        "stale": run is not None and _differs(run),
        "can_change": request.user.has_perm("segments.change_tier"),
        "window": window_of(request.GET, run),
        "now": timezone.now(),
        "is_assessed": is_assessed(TIERING, now=timezone.now()),
        **_following(run),
    }
    return in_frame(request, "segments/tiers.html", context)


@page("segments.change_tier")
@require_POST
def run(request: StaffRequest) -> HttpResponse:
    """Ask for a run; the page follows it. A second click finds the first one's."""
    try:
        request_run(by=request.user, now=timezone.now())
    except ScrmError as refused:
        messages.error(request, sentence(refused))
    return redirect("segments:tiers")


@page("segments.view_tier")
@require_safe
def progress(request: StaffRequest, request_id: int) -> HttpResponse:
    """The part of the page that is asked for again and again; when the run is over, the whole page is."""
    asked = get_object_or_404(RunRequest.objects.select_related("run"), pk=request_id)
    if asked.finished_at is None:
        return render(request, "segments/run_progress.html", {"progress": progress_of(asked, now=timezone.now())})
    if asked.run:
        words = ngettext(
            "Tiers computed: %(members)s member, %(moved)s changed tier, %(seconds)s s.",
            "Tiers computed: %(members)s members, %(moved)s changed tier, %(seconds)s s.",
            asked.run.members,
        )
        facts = {"members": asked.run.members, "moved": asked.run.moved}
        shown = {name: figure(value) for name, value in facts.items()}
        messages.success(request, words % {**shown, "seconds": f"{asked.run.seconds:.1f}"})
    return HttpResponse(headers={"HX-Refresh": "true"})


def _following(run: TierRun | None) -> dict[str, Any]:
    """Where the last request stands: under way, or failed with no run since."""
    asked = latest_request()
    if asked is None:
        return {}
    if asked.finished_at is None:
        return {"progress": progress_of(asked, now=timezone.now())}
    failed = asked.error and (run is None or run.started_at < asked.asked_at)
    return {"failure": FAILURES.get(asked.error, FAILED)} if failed else {}


def _in_use(figures: list[TierFigures]) -> list[TierFigures]:
    """Tiers that are switched off are of interest only while somebody is still in them."""
    return [each for each in figures if each.tier.is_active or each.members]


def _differs(run: TierRun) -> bool:
    """Whether the rules were changed after the run."""
    now = to_json(current_definitions())
    return any(now[part] != run.definitions.get(part) for part in ("rfm", "tiers"))


def _column(place: int, figures: TierFigures) -> Column:
    tier = figures.tier
    return Column(
        place=place,
        figures=figures,
        rule=alternatives(tier_rule(tier)),
        strategy=_said(tier.strategy_zh, tier.strategy_en),
        goal=_goal(tier, figures.goal),
        link=members_link({"tier": tier.code}),
    )


def members_link(parameters: Mapping[str, str]) -> str:
    """The member list, narrowed."""
    return f"{reverse('admin:members_member_changelist')}?{urlencode(parameters)}"


def _said(chinese: str, english: str) -> str:
    return chinese if (get_language() or "").startswith("zh") else english


def _goal(tier: Tier, progress: GoalProgress | None) -> GoalLine | None:
    if not tier.goal:
        return None
    goal = Goal(tier.goal)
    value = progress.value if progress else None
    target = progress.target if progress else tier.goal_target
    compared = (progress.now, progress.before) if progress and progress.now is not None else None
    return GoalLine(
        title=str(goal.label),
        state=_state(value, target),
        value=value,
        target=target,
        sample=progress.sample if progress else 0,
        reason=progress.get_reason_display() if progress else _("It is measured once a day, after a run."),
        is_rate=goal in RATES,
        filled=_filled(value, target),
        compared=compared,  # type: ignore[arg-type]  # both or none
    )


def _state(value: Decimal | None, target: Decimal | None) -> str:
    if value is None or target is None:
        return "none"
    reached = value <= target if target < 0 else value >= target
    return "good" if reached else "watch"


def _filled(value: Decimal | None, target: Decimal | None) -> float:
    """How much of the way is done, 0 to 100."""
    if not value or not target:
        return 0
    return max(0.0, min(100.0, float(100 * value / target)))
