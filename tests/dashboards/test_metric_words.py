"""How bounds and the ends of axes are written: a reader gets back the number that was set."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from dashboards.enums import Comparison, MetricUnit
from dashboards.models import MetricDefinition
from dashboards.pages.metric_words import edge_words, plainly, range_words

BOUNDS = st.decimals(min_value=-(10**11), max_value=10**11, places=4)


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def metric(unit: str, low: str | None = None, high: str | None = None, **values: str) -> MetricDefinition:
    bounds = {name: None if bound is None else Decimal(bound) for name, bound in (("low", low), ("high", high))}
    return MetricDefinition(unit=unit, **bounds, **values)


@pytest.mark.parametrize(
    ("unit", "low", "high", "words"),
    [
        (MetricUnit.YUAN, "12.0500", None, "≥ ¥12.05"),
        (MetricUnit.YUAN, "12.5000", None, "≥ ¥12.50"),
        (MetricUnit.YUAN, "-3.0100", "1000.0000", "−¥3.01 – ¥1,000"),
        (MetricUnit.YUAN, "150.5000", "300.0000", "¥150.50 – ¥300"),
        (MetricUnit.YUAN, None, "0.0000", "≤ ¥0"),
        (MetricUnit.NUMBER, "12.0000", "1200.0500", "12 – 1,200.05"),
        (MetricUnit.NUMBER, "-0.2500", None, "≥ −0.25"),
        (MetricUnit.SHARE, "0.0800", "0.1250", "8 % – 12.5 %"),
        (MetricUnit.SHARE, None, "0.1005", "≤ 10.05 %"),
        (MetricUnit.NUMBER, None, None, "no range is set"),
    ],
)
def test_range_is_said_as_it_was_set(unit: str, low: str | None, high: str | None, words: str) -> None:
    assert range_words(metric(unit, low, high)) == words


def test_change_since_before_keeps_its_sign() -> None:
    assert plainly(metric(MetricUnit.SHARE, comparison=Comparison.PRECEDING), Decimal("0.2000")) == "+20 %"


@given(value=BOUNDS, unit=st.sampled_from(MetricUnit.values))
def test_reader_of_any_bound_gets_its_number_back(value: Decimal, unit: str) -> None:
    words = plainly(metric(unit), value)
    number = Decimal(words.replace("−", "-").translate(str.maketrans("", "", "¥,% ")))
    assert number / (100 if unit == MetricUnit.SHARE else 1) == value


@pytest.mark.parametrize(
    ("unit", "edge", "words"),
    [
        (MetricUnit.YUAN, 12.0493, "¥12.05"),
        (MetricUnit.YUAN, 1234.56, "¥1,235"),
        (MetricUnit.NUMBER, 12.96, "13"),
        (MetricUnit.NUMBER, 12.345, "12.3"),
        (MetricUnit.SHARE, 0.45678, "45.7 %"),
        (MetricUnit.SHARE, 0.0, "0 %"),
    ],
)
def test_ends_of_an_axis_are_as_fine_as_its_values(unit: str, edge: float, words: str) -> None:
    assert edge_words(metric(unit), edge) == words
