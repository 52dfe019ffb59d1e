"""Which level the figures of a KOC speak for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from community.enums.koc import KocLevel, ProposalKind


@dataclass(frozen=True, kw_only=True)
class Rung:
    """The rule of one level; rungs stand in the order of the levels."""

    level: KocLevel
    enter_score: Decimal
    enter_days: int
    keep_score: Decimal
    keep_days: int


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A KOC now: her score, the best one of the days that her level looks back on, days at her level."""

    koc_id: int
    level: str
    score: Decimal
    best: Decimal
    days: int


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a rule proposes, with its figures: the score, what it is measured against, days, days needed."""

    kind: ProposalKind
    from_level: str
    to_level: str
    facts: Mapping[str, str]


def proposal_for(standing: Standing, rungs: Sequence[Rung]) -> Found | None:
    """Down before up: whoever stayed below what her level keeps for all of its days, and has been at it that long."""
    place = next((at for at, rung in enumerate(rungs) if rung.level == standing.level), None)
    if place is None:
        return None
    own = rungs[place]
    if standing.best < own.keep_score and standing.days >= own.keep_days:
        facts = _facts(standing, standing.best, own.keep_score, own.keep_days)
        if place == 0:
            return Found(kind=ProposalKind.DEMOTE, from_level=own.level, to_level="", facts=facts)
        return Found(kind=ProposalKind.LOWER, from_level=own.level, to_level=rungs[place - 1].level, facts=facts)
    above = rungs[place + 1] if place + 1 < len(rungs) else None
    if above is not None and standing.score >= above.enter_score and standing.days >= above.enter_days:
        facts = _facts(standing, standing.score, above.enter_score, above.enter_days)
        return Found(kind=ProposalKind.PROMOTE, from_level=own.level, to_level=above.level, facts=facts)
    return None


def _facts(standing: Standing, score: Decimal, against: Decimal, days: int) -> Mapping[str, str]:
    return {"score": str(score), "against": str(against), "days": str(standing.days), "days_needed": str(days)}
