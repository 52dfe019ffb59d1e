"""Scores, steps and effects as they are said."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from community.enums.koc import Fact, KocLevel, KocState, Outcome, ProposalKind
from community.models import KocScore, KocScoreDay, LevelProposal
from community.rules.koc_scoring import FACTS, FACTS_OF, PARTS, PartChange, Weighing, strongest
from core.templatetags.scrm import figure

STATE_MARKS: Mapping[KocState, str] = {
    KocState.INVITED: "busy",
    KocState.DECLINED: "none",
    KocState.ACTIVE: "good",
    KocState.PAUSED: "watch",
    KocState.LEFT: "none",
    KocState.DEMOTED: "none",
}
REASONS_SHOWN = 3
WIDTH, HEIGHT = 300, 60


def value_of(fact: Fact, value: int) -> str:
    """Money is stored in fen."""
    return f"{value / 100:,.0f}" if fact == Fact.SPEND else figure(value)


def why(row: KocScore, weighing: Weighing) -> list[str]:
    """The facts that carry a score, the strongest first: "People she talked with 34"."""
    found = strongest(weighing, row.facts, REASONS_SHOWN)
    return [f"{fact.label} {value_of(fact, value)}" for fact, value in found]


def split_of(row: KocScore, weighing: Weighing) -> list[dict[str, Any]]:
    """The parts of a score: points, weight, what each gives to the whole, and its facts."""
    values = dict(zip(FACTS, row.facts, strict=True))
    return [
        {
            "label": part.label,
            "points": points,
            "share": float(weighing.share(part)),
            "gives": (weighing.share(part) * points).quantize(Decimal("0.1")),
            "facts": [_fact(fact, values[fact], weighing) for fact in FACTS_OF[part]],
        }
        for part, points in zip(PARTS, row.parts, strict=True)
    ]


def _fact(fact: Fact, value: int, weighing: Weighing) -> dict[str, str]:
    if fact == Fact.WEEKS:
        note = _("of %(weeks)s") % {"weeks": weighing.weeks}
    else:
        note = _("%(half)s give 50 points") % {"half": f"{weighing.scales[fact].half:,.0f}"}
    return {"label": str(fact.label), "value": value_of(fact, value), "note": note}


def moves(changes: Sequence[PartChange]) -> list[dict[str, Any]]:
    """What raised or lowered a score, in words."""
    return [
        {
            "label": change.part.label,
            "points": f"{change.points:+.1f}".replace("-", "−"),
            "way": "up" if change.points > 0 else "down" if change.points < 0 else "",
            "facts": [
                f"{fact.label} {value_of(fact, before)} → {value_of(fact, now)}" for fact, before, now in change.facts
            ],
            "weight": (float(change.weight_before), float(change.weight_now)) if change.by_weight else None,
        }
        for change in changes
    ]


def course(days: Sequence[KocScoreDay]) -> dict[str, Any] | None:
    """A line from 0 to 100 over the days; nothing for fewer than two."""
    if len(days) < 2:  # noqa: PLR2004  # a line needs two points
        return None
    first, span = days[0].day, (days[-1].day - days[0].day).days or 1
    points = (
        f"{WIDTH * (each.day - first).days / span:.1f},{HEIGHT - HEIGHT * float(each.total) / 100:.1f}" for each in days
    )
    return {"points": " ".join(points), "width": WIDTH, "height": HEIGHT, "first": days[0], "last": days[-1]}


def proposal_words(proposal: LevelProposal) -> dict[str, str]:
    """What is proposed and why, with the figures of its rule."""
    facts = proposal.facts
    titles = {
        ProposalKind.PROMOTE: _("Promote to: %(level)s"),
        ProposalKind.LOWER: _("Move down to: %(level)s"),
        ProposalKind.DEMOTE: _("End as KOC"),
    }
    level = KocLevel(proposal.to_level).label if proposal.to_level else ""
    if proposal.kind == ProposalKind.PROMOTE:
        reason = ngettext(
            "Score %(score)s, needed %(against)s; %(days)s day at this level, needed %(days_needed)s.",
            "Score %(score)s, needed %(against)s; %(days)s days at this level, needed %(days_needed)s.",
            int(facts["days"]),
        )
    else:
        reason = ngettext(
            "The best score of the last day is %(score)s, to keep the level takes %(against)s.",
            "The best score of the last %(days_needed)s days is %(score)s, to keep the level takes %(against)s.",
            int(facts["days_needed"]),
        )
    return {"title": titles[ProposalKind(proposal.kind)] % {"level": level}, "reason": reason % facts}


def amount(outcome: str, value: float | None) -> str:
    """An outcome as its unit asks for: yuan, orders, percent, pieces."""
    if value is None:
        return ""
    if outcome == Outcome.CONVERSION:
        return _("%(number)s %%") % {"number": f"{100 * value:,.1f}"}
    return f"{value:,.0f}" if outcome == Outcome.SPEND else f"{value:,.2f}"


def signed(outcome: str, value: float | None, *, unit: bool = True) -> str:
    """Of a span the lower end goes without its unit."""
    if value is None:
        return ""
    said = f"{abs(100 * value):,.1f}" if outcome == Outcome.CONVERSION else amount(outcome, abs(value))
    if outcome == Outcome.CONVERSION and unit:
        said = _("%(number)s points") % {"number": f"{abs(100 * value):,.1f}"}
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{said}"


def share(value: float) -> str:
    return _("%(number)s %%") % {"number": f"{100 * value:+,.0f}".replace("-", "−")}
