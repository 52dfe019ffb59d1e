"""Kaplan and Meier by hand, at their edges, and against silences of known truth."""

from math import isclose

import numpy as np
import pytest

from dashboards.rules.silence_sql import LONGEST
from dashboards.rules.survival import TOO_FEW, TOO_SHORT, first_above, loss_after


def lists(returned: dict[int, int], unended: dict[int, int]) -> tuple[list[int], list[int]]:
    back, still = [0] * LONGEST, [0] * LONGEST
    for days, times in returned.items():
        back[days - 1] = times
    for days, times in unended.items():
        still[days - 1] = times
    return back, still


def test_plain_share_where_nothing_is_cut_off() -> None:
    """Of 100 silences longer than 3 days, 40 are broken on the days 4 to 6."""
    back, still = lists({2: 50, 4: 10, 5: 10, 6: 20, 9: 60}, {})
    loss = loss_after(back, still, days=3, horizon=3, least=1)
    assert (loss.reached, loss.share) == (100, pytest.approx(0.6))
    assert loss.interval is not None
    assert loss.interval.low < 0.6 < loss.interval.high


def test_what_still_goes_on_counts_while_it_was_watched() -> None:
    """10 silences; 2 of them are last seen after 4 days: day 4 loses 1 of 10, day 5 loses 1 of 7."""
    back, still = lists({4: 1, 5: 1, 30: 6}, {4: 2})
    loss = loss_after(back, still, days=3, horizon=2, least=1)
    assert loss.reached == 10
    assert loss.share == pytest.approx(9 / 10 * 6 / 7)


def test_a_silence_seen_for_exactly_the_threshold_has_reached_it() -> None:
    back, still = lists({}, {3: 4, 40: 6})
    assert loss_after(back, still, days=3, horizon=5, least=10).reached == 10
    assert loss_after(back, still, days=4, horizon=5, least=1).reached == 6


def test_too_few_and_too_short_are_words_and_no_figures() -> None:
    back, still = lists({4: 1}, {5: 20})
    few = loss_after(back, still, days=3, horizon=2, least=22)
    assert (few.share, few.reason, few.reached) == (None, TOO_FEW, 21)
    short = loss_after(back, still, days=3, horizon=9, least=1)
    assert (short.share, short.reason) == (None, TOO_SHORT)
    assert loss_after(*lists({}, {LONGEST: 5}), days=100, horizon=90, least=1).reason == TOO_SHORT
    assert loss_after([0] * LONGEST, [0] * LONGEST, days=3, horizon=30, least=1).reason == TOO_FEW


@pytest.mark.parametrize(("returned", "share"), [({}, 1.0), ({4: 50}, 0.0)])
def test_all_or_none_have_an_interval_that_does_not_pretend(returned: dict[int, int], share: float) -> None:
    loss = loss_after(*lists(returned, {} if returned else {60: 50}), days=3, horizon=1, least=1)
    assert loss.share == share
    assert loss.interval is not None
    assert (loss.interval.low < 1) if share else (loss.interval.high > 0)


def test_first_above_finds_the_shortest() -> None:
    losses = [loss_after(*lists({3: 10, 5: 10}, {90: 10}), days=days, horizon=30, least=1) for days in range(1, 8)]
    found = first_above(losses, 0.5)
    assert found is not None
    assert (found.days, found.share) == (3, 0.5)
    assert first_above(losses, 1.01) is None


def test_interval_covers_the_truth_of_simulated_silences() -> None:
    """Half of 600 members never come back, the others within days; watching ends at a day of chance. 200 times."""
    draw, truth, hits = np.random.default_rng(11), 0.0, 0
    rate, days, horizon = 0.08, 3, 30
    still_here = 0.5 + 0.5 * (1 - rate) ** days
    truth = (0.5 + 0.5 * (1 - rate) ** (days + horizon)) / still_here
    for _time in range(200):
        back_on = np.where(draw.random(600) < 0.5, 10**6, draw.geometric(rate, 600))
        watched = draw.integers(5, 120, 600)
        back, still = [0] * LONGEST, [0] * LONGEST
        for returned, seen in zip(back_on, watched, strict=True):
            if returned <= seen:
                back[returned - 1] += 1
            else:
                still[seen - 1] += 1
        loss = loss_after(back, still, days=days, horizon=horizon, least=1)
        assert loss.interval is not None
        hits += loss.interval.low <= truth <= loss.interval.high
    assert hits >= 182  # 95 % of 200 are 190; three deviations less
    assert isclose(truth, 0.5 / still_here, abs_tol=0.05)
