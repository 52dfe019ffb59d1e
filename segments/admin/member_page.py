"""What tiers, scores and tags add to the member page."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from members.admin.extension import MemberPanel, member_panels
from members.models import Member
from segments.admin.words import amount, gap, limit, measured
from segments.models import MemberStanding, MemberTag
from segments.rules.judge import Finding, Verdict
from segments.selectors.explanation import Explanation, explain, tier_history
from segments.selectors.tiers import tier_names

HISTORY = 8


def load_standing(request: HttpRequest, member: Member) -> Mapping[str, Any]:
    """Tier, why, what would change it, scores and the figures behind them; a word where no run has seen her yet."""
    del request
    explanation = explain(member.pk)
    if explanation is None:
        return {"standing": None}
    names = tier_names()
    standing = explanation.standing
    return {
        "standing": standing,
        "as_of": explanation.as_of,
        "window_days": explanation.run.definitions["rfm"]["window_days"],
        "tier_name": names.get(standing.tier, standing.tier),
        "reason": _reason(explanation.reason),
        "nearer": [_option(each, names) for each in explanation.nearer if each.within_reach],
        "average": standing.monetary / standing.frequency if standing.frequency else None,
        "recency": recency_of(standing, explanation),
    }


def recency_of(standing: MemberStanding, explanation: Explanation) -> int | None:
    """Whole days from the last order to the run."""
    return (explanation.as_of - standing.last_order_at).days if standing.last_order_at else None


def _reason(verdict: Verdict | None) -> list[dict[str, Any]]:
    """The alternative that holds, line by line."""
    if verdict is None:
        return []
    chosen = next((group for group in verdict.alternatives if all(each.holds for each in group)), verdict.nearest)
    return [line(each) for each in chosen]


def _option(verdict: Verdict, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "code": verdict.code,
        "name": names.get(verdict.code, verdict.code),
        "lines": [line(each) for each in verdict.within_reach],
    }


def line(found: Finding) -> dict[str, Any]:
    """One criterion held against her, in words."""
    return {
        "measured": measured(found.criterion),
        "limit": limit(found.criterion),
        "actual": amount(found.criterion, found.actual),
        "holds": found.holds,
        "gap": gap(found.criterion, found.missing),
    }


def load_tags(request: HttpRequest, member: Member) -> Mapping[str, Any]:
    del request
    tags = (
        MemberTag.objects.filter(member=member)
        .select_related("tag__group")
        .order_by("tag__group__position", "tag__name")
    )
    return {"tags": list(tags), "now": timezone.now()}


def load_history(request: HttpRequest, member: Member) -> Mapping[str, Any] | None:
    """How she came here; hidden where there is only one entry, which the head says already."""
    del request
    changes = tier_history(member.pk, limit=HISTORY)
    names = tier_names()
    if len(changes) < 2:  # noqa: PLR2004  # the first entry is where everybody begins
        return None
    return {"changes": [{"change": each, "name": names.get(each.to_tier, each.to_tier)} for each in changes]}


member_panels.register_all(
    [
        MemberPanel(
            code="standing", template="segments/panel_standing.html", load=load_standing, place="head", order=10
        ),
        MemberPanel(code="tags", template="segments/panel_tags.html", load=load_tags, place="side", order=10),
        MemberPanel(
            code="tier_history",
            template="segments/panel_history.html",
            load=load_history,
            place="side",
            later=True,
            order=40,
        ),
    ]
)
