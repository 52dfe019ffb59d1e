"""Whether becoming a KOC changed anything: matching, then difference in differences, with an interval.

Each KOC is compared with members of groups who were no KOC, alike in the days before: nearest neighbours on
standardised covariates within a stratum (same start day, same tier), `MATCHES` of them, with replacement, none farther
than `CALIPER`. The effect is the mean of (her change − theirs), corrected for what is left of the difference by a
regression among the matched. Conditional difference in differences: Heckman, Ichimura and Todd 1997, Review of Economic
Studies 64:605; matching with its correction: Abadie and Imbens 2006, Econometrica 74:235, and 2011, Journal of Business
and Economic Statistics 29:1. In that form the estimate is a sum of residuals, so its variance is that of sums over
clusters (Liang and Zeger 1986, Biometrika 73:13): a matched member who serves for several KOC counts as one, and so do
the members of one group. The bootstrap is not used: it is wrong for matching (Abadie and Imbens 2008, Econometrica 76:1537).

What it assumes: without it, the two would have moved alike, given what is matched. Whoever is chosen for something that
the covariates do not show, and that is about to change, is outside of what any such comparison can tell.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]
MATCHES = 3
CALIPER = 1.0
LEAST = 8
Z = 1.959963984540054
BLOCK = 512
TIE = 1e-9
SEED = 7
TOO_FEW, NO_MATCH, NO_CONTROL, NOTHING = "too_few", "no_match", "no_control", "nothing"


@dataclass(frozen=True, kw_only=True)
class Side:
    """People of one side: a row of covariates each, the stratum and the cluster they belong to, outcomes before and after."""

    covariates: Array
    stratum: Array
    cluster: Array
    before: Array
    after: Array

    def __len__(self) -> int:
        return len(self.stratum)

    @property
    def change(self) -> Array:
        change: Array = self.after.astype(float) - self.before.astype(float)
        return change


@dataclass(frozen=True)
class Matches:
    """Pairs of rows (treated, control); a treated row stands as often as she has matches."""

    treated: Array
    control: Array

    @property
    def found(self) -> Array:
        """Treated rows that have a match, each once."""
        return np.unique(self.treated)


@dataclass(frozen=True, kw_only=True)
class Effect:
    """`effect` with its 95 % interval; without one `reason` says why. Means are those of the matched."""

    people: int
    matched: int
    controls: int
    before: float | None = None
    after: float | None = None
    control_before: float | None = None
    control_after: float | None = None
    effect: float | None = None
    low: float | None = None
    high: float | None = None
    reason: str = ""


def match(treated: Side, control: Side, *, matches: int = MATCHES, caliper: float = CALIPER) -> Matches:
    """Nearest neighbours within each stratum; distances in standard deviations over both sides.

    The same rows give the same matches: chance is drawn from a fixed seed.
    """
    if not len(treated) or not len(control):
        return Matches(np.empty(0, dtype=int), np.empty(0, dtype=int))
    scaled, others = _standardised(treated.covariates, control.covariates)
    rows: list[Array] = []
    partners: list[Array] = []
    order = np.argsort(control.stratum, kind="stable")
    draw = np.random.default_rng(SEED)
    ordered = control.stratum[order]
    for stratum in np.unique(treated.stratum):
        mine = np.flatnonzero(treated.stratum == stratum)
        pool = order[np.searchsorted(ordered, stratum, "left") : np.searchsorted(ordered, stratum, "right")]
        for block in _blocks(mine) if len(pool) else ():
            found, near = _nearest(scaled[block], others[pool], matches, caliper, draw)
            rows.append(block[found])
            partners.append(pool[near])
    if not rows:
        return Matches(np.empty(0, dtype=int), np.empty(0, dtype=int))
    return Matches(np.concatenate(rows), np.concatenate(partners))


def effect_of(treated: Side, control: Side, pairs: Matches) -> Effect:
    """The mean effect on the treated that have a match."""
    found = pairs.found
    counts: dict[str, Any] = {
        "people": len(treated),
        "matched": len(found),
        "controls": len(np.unique(control.cluster[pairs.control])),
    }
    if len(treated) and not len(found):
        return Effect(**counts, reason=NO_MATCH if len(control) else NO_CONTROL)
    if len(np.unique(treated.cluster[found])) < LEAST or len(np.unique(control.cluster[pairs.control])) < LEAST:
        return Effect(**counts, reason=TOO_FEW)
    if not any(each.any() for each in (treated.before, treated.after, control.before, control.after)):
        return Effect(**counts, reason=NOTHING)
    weights = _weights(pairs, len(control))
    used = np.flatnonzero(weights)
    expected = _regression(control.covariates[used], control.change[used], weights[used])
    mine = treated.change[found] - expected(treated.covariates[found])
    theirs = weights[used] * (control.change[used] - expected(control.covariates[used]))
    effect = (mine.sum() - theirs.sum()) / len(found)
    half = _half_width(mine - effect, treated.cluster[found], theirs, control.cluster[used])
    return Effect(
        **counts,
        before=float(treated.before[found].mean()),
        after=float(treated.after[found].mean()),
        control_before=float(weights @ control.before / len(found)),
        control_after=float(weights @ control.after / len(found)),
        effect=float(effect),
        low=float(effect - half),
        high=float(effect + half),
    )


def beside(control: Side, pairs: Matches) -> Iterator[tuple[int, int, float, float]]:
    """For each treated row with a match: the row, how many matches, and their means before and after."""
    for row in pairs.found:
        own = pairs.control[pairs.treated == row]
        yield int(row), len(own), float(control.before[own].mean()), float(control.after[own].mean())


def relative(effect: Effect) -> tuple[float, float, float] | None:
    """The effect and its interval as a share of what would have been without it; None where that is nothing."""
    if effect.effect is None or effect.low is None or effect.high is None or effect.after is None:
        return None
    without = effect.after - effect.effect
    if without <= 0:
        return None
    return effect.effect / without, effect.low / without, effect.high / without


def student(degrees: int) -> float:
    """The 97.5 % quantile of Student's distribution, by the expansion of Cornish and Fisher; exact to 0.01 from 4 on."""
    v = float(max(degrees, 1))
    first = (Z**3 + Z) / 4
    second = (5 * Z**5 + 16 * Z**3 + 3 * Z) / 96
    third = (3 * Z**7 + 19 * Z**5 + 17 * Z**3 - 15 * Z) / 384
    return Z + first / v + second / v**2 + third / v**3


def _standardised(one: Array, other: Array) -> tuple[Array, Array]:
    """Around their common mean, so that squares of large numbers do not swallow small distances; a constant is no distance."""
    both = np.concatenate([one, other])
    middle, spread = both.mean(axis=0), both.std(axis=0)
    spread[spread <= TIE * (1 + np.abs(middle))] = np.inf
    return (one - middle) / spread, (other - middle) / spread


def _nearest(mine: Array, pool: Array, matches: int, caliper: float, draw: np.random.Generator) -> tuple[Array, Array]:
    """Positions (in `mine`, in `pool`) of the nearest few within the caliper.

    Of several equally near, chance decides: many are alike to the last digit, and the same three of them would serve all.
    """
    squares = (mine**2).sum(axis=1)[:, None] + (pool**2).sum(axis=1)[None, :] - 2 * mine @ pool.T
    squares += TIE * draw.random(squares.shape)
    few = min(matches, len(pool))
    near = np.argpartition(squares, few - 1, axis=1)[:, :few]
    close = np.take_along_axis(squares, near, axis=1) <= caliper**2
    rows, columns = np.nonzero(close)
    return rows, near[rows, columns]


def _weights(pairs: Matches, controls: int) -> Array:
    """How much each control counts: every treated row spreads a weight of one over her matches."""
    own = np.bincount(pairs.treated)
    return np.bincount(pairs.control, weights=1.0 / own[pairs.treated], minlength=controls)


def _regression(covariates: Array, change: Array, weights: Array) -> Any:
    """Least squares with the weights of the matches; columns that say nothing get nothing."""
    root = np.sqrt(weights)[:, None]
    middle = np.average(covariates, axis=0, weights=weights)
    design = np.column_stack([np.ones(len(covariates)), covariates - middle])
    solution, *_rest = np.linalg.lstsq(design * root, change * root[:, 0], rcond=1e-8)
    return lambda rows: np.column_stack([np.ones(len(rows)), rows - middle]) @ solution


def _half_width(mine: Array, my_clusters: Array, theirs: Array, their_clusters: Array) -> float:
    variance, clusters = 0.0, []
    for residuals, labels in ((mine, my_clusters), (theirs, their_clusters)):
        _names, place = np.unique(labels, return_inverse=True)
        sums = np.bincount(place, weights=residuals)
        clusters.append(len(sums))
        variance += float((sums**2).sum()) * len(sums) / (len(sums) - 1)
    return student(min(clusters) - 1) * float(np.sqrt(variance)) / len(mine)


def _blocks(rows: Array) -> Iterator[Array]:
    for start in range(0, len(rows), BLOCK):
        yield rows[start : start + BLOCK]
