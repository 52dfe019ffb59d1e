"""What a marketer decides about scores and tiers, as plain values."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

FALLBACK = "regular"
AGE = "registered_days"
SHARE = "coupon_share"
SCORES = ("r", "f", "m")


@dataclass(frozen=True, kw_only=True)
class RfmRule:
    """Scores over `window_days`: by quintile, or by fixed thresholds of the scores 2, 3, 4, 5 (money in ¥)."""

    window_days: int = 365
    method: str = "quintile"
    recency_days: tuple[int, ...] = ()
    frequency: tuple[int, ...] = ()
    monetary: tuple[Decimal, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CriterionRule:
    """`measure` over `window_days` (None: since the beginning) compared with `value` (money in ¥, shares in %)."""

    measure: str
    window_days: int | None = None
    operator: str
    value: Decimal
    alternative: int = 1


@dataclass(frozen=True, kw_only=True)
class TierRule:
    """One tier and its criteria; within an alternative all must hold, one alternative is enough."""

    code: str
    criteria: tuple[CriterionRule, ...] = ()

    @property
    def alternatives(self) -> list[tuple[CriterionRule, ...]]:
        numbers = sorted({criterion.alternative for criterion in self.criteria})
        return [tuple(each for each in self.criteria if each.alternative == number) for number in numbers]


@dataclass(frozen=True, kw_only=True)
class Definitions:
    """Everything a run needs: the score rule and the tiers in order of match, without the fallback."""

    rfm: RfmRule
    tiers: tuple[TierRule, ...]


def to_json(definitions: Definitions) -> dict[str, Any]:
    """Plain data for storage; numbers with decimals as text, so that nothing is rounded."""
    return {name: _plain(value) for name, value in asdict(definitions).items()}


def from_json(data: Mapping[str, Any]) -> Definitions:
    """The inverse of `to_json`."""
    rfm = data["rfm"]
    return Definitions(
        rfm=RfmRule(
            window_days=rfm["window_days"],
            method=rfm["method"],
            recency_days=tuple(rfm["recency_days"]),
            frequency=tuple(rfm["frequency"]),
            monetary=tuple(Decimal(value) for value in rfm["monetary"]),
        ),
        tiers=tuple(TierRule(code=tier["code"], criteria=_criteria(tier["criteria"])) for tier in data["tiers"]),
    )


def _criteria(rows: Iterable[Mapping[str, Any]]) -> tuple[CriterionRule, ...]:
    return tuple(CriterionRule(**{**row, "value": Decimal(row["value"])}) for row in rows)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, Decimal) else value
