"""What is in force, as plain values."""

from core.reading import read_once
from segments.models import RfmConfig, Tier, TierRun
from segments.rules.definitions import FALLBACK, CriterionRule, Definitions, RfmRule, TierRule
from segments.selectors.tiers import tiers_in_order


def current_definitions() -> Definitions:
    """The score rule and every tier in use, in order of match."""
    return Definitions(
        rfm=rfm_rule(RfmConfig.objects.get()),
        tiers=tuple(tier_rule(tier) for tier in tiers_in_order() if tier.is_active and tier.code != FALLBACK),
    )


def rfm_rule(config: RfmConfig) -> RfmRule:
    return RfmRule(
        window_days=config.window_days,
        method=config.method,
        recency_days=tuple(config.recency_days),
        frequency=tuple(config.frequency),
        monetary=tuple(config.monetary),
    )


def tier_rule(tier: Tier) -> TierRule:
    criteria = sorted(tier.criteria.all(), key=lambda each: (each.alternative, each.pk))
    return TierRule(
        code=tier.code,
        criteria=tuple(
            CriterionRule(
                measure=each.measure,
                window_days=each.window_days,
                operator=each.operator,
                value=each.value,
                alternative=each.alternative,
            )
            for each in criteria
        ),
    )


@read_once
def latest_run() -> TierRun | None:
    """The run that all standings stand by."""
    return TierRun.objects.order_by("-id").first()
