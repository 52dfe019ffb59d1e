"""What share of silences is never broken: Kaplan and Meier over all of them, those that still go on too."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

from campaigns.rules.intervals import Z95, Interval, wilson

TOO_FEW, TOO_SHORT = "too_few", "too_short"


@dataclass(frozen=True, kw_only=True)
class Loss:
    """Of the silences that lasted `days` whole days, the share not broken within the horizon after them.

    `reached` is how many lasted so long; without a share, `reason` says why.
    """

    days: int
    reached: int
    share: float | None = None
    interval: Interval | None = None
    reason: str = ""


def loss_after(returned: Sequence[int], unended: Sequence[int], *, days: int, horizon: int, least: int) -> Loss:
    """`returned[n - 1]` silences were broken on day n, `unended[n - 1]` were last seen unbroken after n days.

    The product-limit estimate S(days + horizon) / S(days) of Kaplan and Meier (1958, JASA 53:457): a silence that is
    still going on counts for as long as it has been watched. Cutting off at one day is no reason to come back, so
    the estimate is not pulled to either side; where nothing is cut off it is the plain share. The 95 % interval is
    Greenwood's (1926) on the scale of log(−log S), which never leaves 0 to 1. Members with several silences count with
    each of them: where few members make many silences, it is narrower than it should be.
    """
    reached = sum(returned[days:]) + sum(unended[max(days - 1, 0) :])
    if reached < least:
        return Loss(days=days, reached=reached, reason=TOO_FEW)
    steps = list(_at_risk(returned, unended, first=days + 1, last=days + horizon))
    if len(steps) < horizon or any(not risk for risk, _back in steps):
        return Loss(days=days, reached=reached, reason=TOO_SHORT)
    share, spread = 1.0, 0.0
    for risk, back in steps:
        share *= 1 - back / risk
        spread += back / (risk * (risk - back)) if back < risk else 0.0
    return Loss(days=days, reached=reached, share=share, interval=_interval(share, spread, steps[-1][0]))


def first_above(losses: Sequence[Loss], share: float) -> Loss | None:
    """The shortest silence after which at least so large a share is lost."""
    return next((loss for loss in losses if loss.share is not None and loss.share >= share), None)


def _at_risk(returned: Sequence[int], unended: Sequence[int], *, first: int, last: int) -> Iterator[tuple[int, int]]:
    """For each day: silences that were watched on it and not broken before, and those broken on it."""
    risk = sum(returned[first - 1 :]) + sum(unended[first - 1 :])
    for place in range(first - 1, min(last, len(returned))):
        yield risk, returned[place]
        risk -= returned[place] + unended[place]


def _interval(share: float, spread: float, risk: int) -> Interval | None:
    if not 0 < share < 1 or not spread:
        return wilson(round(share * risk), risk)
    half = Z95 * sqrt(spread) / abs(log(share))
    return Interval(share ** exp(half), share ** exp(-half))
