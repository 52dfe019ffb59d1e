"""Changing what the scores and tiers mean."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from audit.services import record
from core.errors import Text
from segments.enums import Goal, Measure
from segments.errors import DefinitionsInvalid, ReasonMissing
from segments.models import RfmConfig, Tier, TierCriterion
from segments.rules.definitions import FALLBACK, CriterionRule, Definitions, RfmRule, TierRule, to_json
from segments.rules.validation import Problem, problems_of
from segments.selectors.definitions import current_definitions, rfm_rule, tier_rule
from segments.services.retier import retier

RATES = frozenset({Goal.FIRST_PURCHASE, Goal.REPURCHASE})

SENTENCES: Mapping[str, Text] = {
    "window": gettext_lazy("The window must be between 1 and 3,650 days."),
    "window_unused": gettext_lazy("This measure has no window."),
    "method": gettext_lazy("The method of the scores is unknown."),
    "thresholds": gettext_lazy("Four thresholds are needed, each better than the one before."),
    "tier_twice": gettext_lazy("This tier stands there twice."),
    "no_criteria": gettext_lazy("Without criteria this tier takes nobody."),
    "too_many_windows": gettext_lazy("Too many different measures and windows; use the same window more often."),
    "measure": gettext_lazy("This measure is unknown."),
    "operator": gettext_lazy("This comparison is unknown."),
    "value": gettext_lazy("This value is outside what the measure can be."),
    "negative": gettext_lazy("A threshold is not below 0."),
    "percent": gettext_lazy("A share is between 0 and 100 %."),
    "whole_number": gettext_lazy("A whole number is needed."),
    "never": gettext_lazy("These criteria contradict each other: nobody can fulfil all of them."),
    "position_twice": gettext_lazy("Two tiers have the same place in the order."),
    "goal_target": gettext_lazy("A rate is between 0 and 100 %, a change between −100 and 1,000 %."),
    "fallback": gettext_lazy("The regular tier takes whom no other takes: it has no criteria and stays in use."),
    "name": gettext_lazy("A name is needed in both languages."),
}


@dataclass(frozen=True, kw_only=True)
class TierDraft:
    """One tier as proposed. A code that is not there yet makes a new tier; one that is left out stays as it is."""

    code: str
    position: int
    name_zh: str
    name_en: str
    strategy_zh: str = ""
    strategy_en: str = ""
    goal: str = ""
    goal_target: Decimal | None = None
    is_active: bool = True
    criteria: tuple[CriterionRule, ...] = ()


def drafts() -> list[TierDraft]:
    """The tiers as they are, ready to be changed with `dataclasses.replace`."""
    return [_draft(tier) for tier in Tier.objects.order_by("position", "id").prefetch_related("criteria")]


def proposed(*, tiers: Sequence[TierDraft], rfm: RfmRule | None = None) -> Definitions:
    """The definitions that would be in force. Raises DefinitionsInvalid with a sentence per fault."""
    merged = {tier.code: tier for tier in drafts()} | {tier.code: tier for tier in tiers}
    ordered = sorted(merged.values(), key=lambda tier: tier.position)
    definitions = Definitions(
        rfm=rfm or rfm_rule(RfmConfig.objects.get()),
        tiers=tuple(
            TierRule(code=tier.code, criteria=tier.criteria)
            for tier in ordered
            if tier.is_active and tier.code != FALLBACK
        ),
    )
    given = Counter(tier.code for tier in tiers)
    twice = [Problem(code="tier_twice", tier=code) for code, times in given.items() if times > 1]
    found = [*twice, *_draft_problems(ordered), *problems_of(definitions)]
    if found:
        raise DefinitionsInvalid(fields=_by_field(found))
    return definitions


@transaction.atomic
def update_tier_definitions(
    *,
    tiers: Sequence[TierDraft],
    reason: str,
    by: User | None,
    rfm: RfmRule | None = None,
    retier_now: bool = False,
    now: datetime | None = None,
) -> Definitions:
    """Put tiers and the score rule in force. The next run applies them, and reads all facts if windows changed.

    With `retier_now` that run follows the commit, in the same process. Raises DefinitionsInvalid, ReasonMissing.
    """
    if not reason.strip():
        raise ReasonMissing(fields={"reason": [ReasonMissing.message]})
    config = RfmConfig.objects.select_for_update().get()
    before = current_definitions()
    definitions = proposed(tiers=tiers, rfm=rfm)
    if rfm is not None:
        _save_rfm(config, rfm)
    for draft in tiers:
        _save_tier(draft, reason=reason, by=by, now=now)
    if before.rfm != definitions.rfm:
        changes = _changes(to_json(before)["rfm"], to_json(definitions)["rfm"])
        record(by=by, action="segments.rfm.update", obj=config, reason=reason, changes=changes, at=now)
    if retier_now:
        transaction.on_commit(partial(_retier, by))
    return definitions


def _retier(by: User | None) -> None:
    retier(by=by)


def _draft(tier: Tier) -> TierDraft:
    return TierDraft(
        code=tier.code,
        position=tier.position,
        name_zh=tier.name_zh,
        name_en=tier.name_en,
        strategy_zh=tier.strategy_zh,
        strategy_en=tier.strategy_en,
        goal=tier.goal,
        goal_target=tier.goal_target,
        is_active=tier.is_active,
        criteria=tier_rule(tier).criteria,
    )


def _draft_problems(tiers: Sequence[TierDraft]) -> list[Problem]:
    found = []
    places = [tier.position for tier in tiers if tier.is_active]
    for tier in tiers:
        if tier.is_active and places.count(tier.position) > 1:
            found.append(Problem(code="position_twice", tier=tier.code))
        if tier.code == FALLBACK and (tier.criteria or not tier.is_active):
            found.append(Problem(code="fallback", tier=tier.code))
        if not (tier.name_zh.strip() and tier.name_en.strip()):
            found.append(Problem(code="name", tier=tier.code))
        if (
            tier.goal_target is not None
            and not _target_range(tier.goal)[0] <= tier.goal_target <= _target_range(tier.goal)[1]
        ):
            found.append(Problem(code="goal_target", tier=tier.code))
    return found


def _target_range(goal: str) -> tuple[int, int]:
    return (0, 100) if goal in RATES else (-100, 1_000)


def _by_field(problems: Sequence[Problem]) -> dict[str, list[Text]]:
    fields: dict[str, list[Text]] = {}
    for problem in problems:
        sentence = SENTENCES[problem.code]
        if problem.measure in Measure:
            sentence = _("%(measure)s: %(problem)s") % {"measure": Measure(problem.measure).label, "problem": sentence}
        fields.setdefault(problem.tier or "rfm", []).append(sentence)
    return fields


def _save_rfm(config: RfmConfig, rfm: RfmRule) -> None:
    config.window_days, config.method = rfm.window_days, rfm.method
    config.recency_days, config.frequency = list(rfm.recency_days), list(rfm.frequency)
    config.monetary = list(rfm.monetary)
    config.save()


def _save_tier(draft: TierDraft, *, reason: str, by: User | None, now: datetime | None) -> None:
    """Nothing is written, and nothing recorded, for a tier that stays as it is."""
    tier = Tier.objects.filter(code=draft.code).first()
    old = _plain(_draft(tier)) if tier else {}
    if old == _plain(draft):
        return
    tier = tier or Tier(code=draft.code)
    for name in ("position", "name_zh", "name_en", "strategy_zh", "strategy_en", "goal", "goal_target", "is_active"):
        setattr(tier, name, getattr(draft, name))
    tier.full_clean(validate_unique=False)
    tier.save()
    if old.get("criteria") != _plain(draft)["criteria"]:
        tier.criteria.all().delete()
        TierCriterion.objects.bulk_create(TierCriterion(tier=tier, **vars(each)) for each in draft.criteria)
    action = "segments.tier.update" if old else "segments.tier.create"
    record(by=by, action=action, obj=tier, reason=reason, changes=_changes(old, _plain(draft)), at=now)


def _plain(draft: TierDraft) -> dict[str, Any]:
    """For comparison and record: numbers as text, criteria as sentences of the form "1: spend/30 >= 500"."""
    target = None if draft.goal_target is None else f"{draft.goal_target:.2f}"
    criteria = [
        f"{each.alternative}: {each.measure}/{each.window_days or '∞'} {each.operator} {each.value:.2f}"
        for each in draft.criteria
    ]
    return {**vars(draft), "goal_target": target, "criteria": criteria}


def _changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, list[Any]]:
    return {name: [old.get(name), value] for name, value in new.items() if old.get(name) != value}
