"""What KOC changed: the last measurement, each figure with its interval and what it was compared with."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.enums import Reach
from accounts.pages import StaffRequest
from community.enums.koc import Outcome, Treated
from community.models import KocSettings
from community.pages import koc_words as words
from community.rules.koc_effect import CALIPER, MATCHES, NO_CONTROL, NO_MATCH, NOTHING, TOO_FEW
from community.selectors.koc_effects import Finding, findings, latest_measurement
from community.selectors.koc_scores import koc_settings
from core.pages import in_frame, page

REASONS = {
    TOO_FEW: gettext_lazy("Fewer than 8 could be compared: no figure is shown."),
    NO_MATCH: gettext_lazy("Nobody in groups was alike enough before to be compared with."),
    NO_CONTROL: gettext_lazy("There is nobody to compare with: every group has a KOC, or nobody else is in one."),
    NOTHING: gettext_lazy("None of it is on record, before or after, on either side."),
}


@page("community.view_effectrun")
@require_safe
def effect(request: StaffRequest) -> HttpResponse:
    """Figures of everybody: whoever is held to some members sees none."""
    run = latest_measurement() if request.user.reach == Reach.ALL else None
    found = findings(run) if run else {}
    settings = koc_settings()
    context = {
        "title": _("Effect of KOC"),
        "tab": "effect",
        "run": run,
        "sees_everybody": request.user.reach == Reach.ALL,
        "sides": [_side(treated, [_said(each, settings) for each in found.get(treated, ())]) for treated in Treated],
        "days": settings.effect_days,
        "asked": settings.effect_asked_at is not None,
        "matches": MATCHES,
        "caliper": CALIPER,
    }
    return in_frame(request, "community/koc_effect.html", context)


def _side(treated: Treated, rows: list[dict[str, Any]]) -> tuple[Treated, list[dict[str, Any]], str]:
    """With the reason where nothing at all was observed, and for one reason: it is said once."""
    reasons = {str(row["why_not"]) for row in rows}
    return treated, rows, reasons.pop() if len(reasons) == 1 else ""


def _said(finding: Finding, settings: KocSettings) -> dict[str, Any]:
    figure = finding.figure
    outcome = Outcome(figure.outcome)
    return {
        "label": outcome.label,
        "figure": figure,
        "state": finding.state,
        "effect": words.signed(outcome, figure.effect),
        "low": words.signed(outcome, figure.low, unit=False),
        "high": words.signed(outcome, figure.high),
        "before": words.amount(outcome, figure.before),
        "after": words.amount(outcome, figure.after),
        "control_before": words.amount(outcome, figure.control_before),
        "control_after": words.amount(outcome, figure.control_after),
        "share": _share(finding, outcome),
        "hoped": _hoped(Treated(figure.treated), outcome, settings),
        "why_not": REASONS.get(figure.reason, ""),
        "verdict": _verdict(finding),
    }


def _share(finding: Finding, outcome: Outcome) -> list[str] | None:
    """UGC as a multiple of what would have been, everything else as what was added to it."""
    if outcome == Outcome.UGC:
        return [_("%(number)s times") % {"number": f"{each:,.1f}"} for each in finding.times or ()] or None
    return [words.share(each) for each in finding.share or ()] or None


def _hoped(treated: Treated, outcome: Outcome, settings: KocSettings) -> str:
    """What is hoped for stands beside what is measured, never instead of it."""
    if (treated, outcome) == (Treated.GROUPS, Outcome.CONVERSION):
        span = f"+{settings.lift_low.normalize():f}–{settings.lift_high.normalize():f}"
        return _("%(number)s %%") % {"number": span}
    if (treated, outcome) == (Treated.KOC, Outcome.UGC):
        return _("%(number)s times") % {"number": f"{settings.ugc_low.normalize():f}–{settings.ugc_high.normalize():f}"}
    return ""


def _verdict(finding: Finding) -> str:
    return {
        "good": _("more than without"),
        "act": _("less than without"),
        "none": _("no difference can be told"),
    }.get(finding.state, "")
