"""Scores of peers: places, ties, what is not known, weights."""

import pytest

from dashboards.rules.kpi import score_all


def test_scores_by_place_and_not_by_size() -> None:
    scored = score_all([{"gmv": 10_000_000.0}, {"gmv": 2.0}, {"gmv": 1.0}], {"gmv": 7})
    assert [each.score for each in scored] == [100.0, 50.0, 0.0]
    assert [each.rank for each in scored] == [1, 2, 3]


def test_equals_share_a_rank_and_the_next_is_left_out() -> None:
    scored = score_all([{"a": 5.0}, {"a": 9.0}, {"a": 5.0}, {"a": 1.0}], {"a": 1})
    assert [each.rank for each in scored] == [2, 1, 2, 4]
    assert scored[0].score == scored[2].score == 50.0


def test_weights_decide_between_keeping_and_selling() -> None:
    keeps, sells = {"retention": 0.6, "gmv": 10.0}, {"retention": 0.4, "gmv": 99.0}
    one, other = score_all([keeps, sells], {"retention": 30, "gmv": 15})
    assert (one.score, other.score) == (66.7, 33.3)
    one, other = score_all([keeps, sells], {"retention": 0, "gmv": 15})
    assert (one.score, other.score) == (0.0, 100.0)


def test_unknown_figure_leaves_its_weight_out() -> None:
    one, other, nobody = score_all(
        [{"a": None, "b": 2.0}, {"a": 1.0, "b": 1.0}, {"a": None, "b": None}], {"a": 3, "b": 1}
    )
    assert (one.score, one.counted) == (100.0, 0.25)
    assert other.score == 37.5  # alone with the first figure: in the middle; last with the second
    assert (nobody.score, nobody.rank, nobody.counted) == (None, None, 0.0)


def test_figure_of_no_weight_counts_nothing_by_itself() -> None:
    (only,) = score_all([{"a": 5.0, "b": None}], {"a": 0, "b": 1})
    assert (only.score, only.rank) == (None, None)


def test_weights_that_sum_to_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="sum to 0"):
        score_all([{"a": 1.0}], {"a": 0, "b": 0})


def test_nobody_has_no_scores() -> None:
    assert score_all([], {"a": 1}) == []
