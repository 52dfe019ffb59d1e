"""The language of metrics: what it reads, what it refuses and with which words."""

import contextlib
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from dashboards.errors import FormulaNotValid
from dashboards.rules.formula import NothingToDivide, check_names, evaluate, in_words, names_in, read_formula

VALUES = {"revenue": Decimal(900), "orders": Decimal(4), "nobody": Decimal(0)}
LABELS = {"revenue": "net revenue", "orders": "orders", "nobody": "nobody"}


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("revenue / orders", Decimal(225)),
        ("revenue/orders*2", Decimal(450)),
        ("revenue - orders - 1", Decimal(895)),
        ("2 + 3 * orders", Decimal(14)),
        ("(2 + 3) * orders", Decimal(20)),
        ("-orders + .5", Decimal("-3.5")),
        ("（revenue － orders）÷ 2", Decimal(448)),
        ("１２ × orders", Decimal(48)),
    ],
)
def test_formula_reads_as_it_is_written(text: str, value: Decimal) -> None:
    assert evaluate(read_formula(text), VALUES) == value


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Write a formula, such as revenue / orders."),
        ("   ", "Write a formula, such as revenue / orders."),
        ("revenue /", "The formula ends where a fact or a number is expected."),
        ("revenue orders", "“orders” does not belong there."),
        ("(revenue", "A bracket is not closed."),
        ("revenue)", "“)” does not belong there."),
        ("* 2", "“*” stands where a fact or a number is expected."),
        ("revenue ** 2", "“*” stands where a fact or a number is expected."),
        ("revenue % 2", "“%” means nothing in a formula."),
        ("__import__('os')", "“(” does not belong there."),
        ("revenue; orders", "“;” means nothing in a formula."),
        ("(" * 40 + "1", "The brackets are nested too deeply."),
        ("-" * 40 + "1", "The brackets are nested too deeply."),
        ("1" * 13, "Numbers have at most 12 digits."),
        ("a" * 301, "A formula has at most 300 characters."),
        ("1.2.3", "“.3” does not belong there."),
        ("revenue\x00", "“\x00” means nothing in a formula."),
    ],
)
def test_formula_that_is_none_is_refused_with_a_sentence(text: str, said: str) -> None:
    with pytest.raises(FormulaNotValid) as refused:
        read_formula(text)
    assert str(refused.value) == said


def test_formula_names_only_what_is_counted() -> None:
    for text, said in (
        ("revenu / orders", "There is no fact called “revenu”. Do you mean “revenue”?"),
        ("revenue / xyz", "There is no fact called “xyz”."),
        ("1 + 2", "A formula names at least one fact."),
    ):
        with pytest.raises(FormulaNotValid) as refused:
            check_names(read_formula(text), VALUES)
        assert str(refused.value) == said
    assert names_in(read_formula("-(revenue + 1) / orders")) == {"revenue", "orders"}


def test_formula_does_not_divide_by_nothing() -> None:
    for text in ("revenue / nobody", "1 / (orders - 4)", "revenue / (nobody * 3) + 1"):
        with pytest.raises(NothingToDivide):
            evaluate(read_formula(text), VALUES)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("revenue/orders", "net revenue ÷ orders"),
        ("(revenue - 5) / orders", "(net revenue − 5) ÷ orders"),
        ("revenue - (orders - 5)", "net revenue − (orders − 5)"),
        ("revenue / (orders / 2)", "net revenue ÷ (orders ÷ 2)"),
        ("-(revenue + orders) * 2.50", "−(net revenue + orders) × 2.50"),
    ],
)
def test_formula_in_words_keeps_its_meaning(text: str, said: str) -> None:
    assert in_words(read_formula(text), LABELS.__getitem__) == said


@given(st.text(max_size=60))
def test_formula_of_any_text_is_read_or_refused(text: str) -> None:
    try:
        tree = read_formula(text)
    except FormulaNotValid as refused:
        assert str(refused)
    else:
        values = dict.fromkeys(names_in(tree), Decimal(3))
        with contextlib.suppress(NothingToDivide):
            evaluate(tree, values)
        assert in_words(tree, str)
