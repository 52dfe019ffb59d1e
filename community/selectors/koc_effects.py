"""What the last measurement found, for everybody and beside one KOC."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from community.enums.koc import Outcome, Treated
from community.models import EffectFigure, EffectRun, Koc, KocEffect
from community.rules.koc_effect import Effect, relative


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One figure with its effect as a share of what would have been without it: (share, from, to)."""

    figure: EffectFigure
    share: tuple[float, float, float] | None

    @property
    def times(self) -> tuple[float, float, float] | None:
        """As a multiple: 3.2 times what would have been."""
        return None if self.share is None else (1 + self.share[0], 1 + self.share[1], 1 + self.share[2])

    @property
    def state(self) -> str:
        """Whether the interval lies on one side of nothing."""
        low, high = self.figure.low, self.figure.high
        if low is None or high is None:
            return ""
        return "good" if low > 0 else "act" if high < 0 else "none"


def latest_measurement() -> EffectRun | None:
    return EffectRun.objects.select_related("by").order_by("-id").first()


def findings(run: EffectRun) -> Mapping[Treated, Sequence[Finding]]:
    figures = {(figure.treated, figure.outcome): figure for figure in EffectFigure.objects.filter(run=run)}
    return {
        treated: [_finding(figures[treated, outcome]) for outcome in Outcome if (treated, outcome) in figures]
        for treated in Treated
    }


def beside_matched(koc: Koc) -> Sequence[KocEffect]:
    """Her change and that of the members matched to her, from the last measurement that holds her."""
    rows = KocEffect.objects.filter(koc=koc).select_related("run")
    latest = rows.order_by("-run_id").values_list("run_id", flat=True).first()
    order = {outcome: place for place, outcome in enumerate(Outcome)}
    return sorted(rows.filter(run=latest), key=lambda row: order[Outcome(row.outcome)]) if latest else []


def _finding(figure: EffectFigure) -> Finding:
    effect = Effect(
        people=figure.people,
        matched=figure.matched,
        controls=figure.controls,
        after=figure.after,
        effect=figure.effect,
        low=figure.low,
        high=figure.high,
    )
    return Finding(figure=figure, share=relative(effect))
