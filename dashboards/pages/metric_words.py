"""Metrics, ranges and what is not known, as they are said to a reader."""

from collections.abc import Sequence
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from core.templatetags.scrm import day_text, percent
from dashboards.enums import Comparison, Lack, MetricUnit, Sight
from dashboards.errors import FormulaNotValid
from dashboards.models import MetricDefinition
from dashboards.rules.drawing import Drawing, drawing
from dashboards.rules.formula import in_words, read_formula
from dashboards.selectors.board import Figure
from timeline.models import Fact, facts

SMALL = 100


def said(metric: MetricDefinition, value: Decimal | None) -> str:
    """12.4, 46.3 %, +3.2 %, ¥212."""
    if value is None:
        return ""
    if metric.unit == MetricUnit.SHARE:
        text = percent(abs(value), 1)
        sign = "−" if value < 0 else "+" if metric.comparison == Comparison.PRECEDING and value > 0 else ""
        return f"{sign}{text}"
    if metric.unit == MetricUnit.YUAN:
        return f"{'−' if value < 0 else ''}¥{amount(abs(value))}"
    return f"{value:,.1f}".replace("-", "−")


def plainly(metric: MetricDefinition, value: Decimal | None) -> str:
    """A bound: 12 rather than 12.0."""
    if value is None:
        return ""
    text = said(metric, value)
    return text.replace(".0", "", 1) if value == round(value, 2) else text


def amount(value: Decimal) -> str:
    return f"{value:,.2f}" if value < SMALL and value != int(value) else f"{value:,.0f}"


def range_words(metric: MetricDefinition) -> str:
    """What is healthy: ≥ 12, 8–15 %, ¥150–300."""
    low, high = metric.low, metric.high
    if low is not None and high is not None:
        return f"{plainly(metric, low)} – {plainly(metric, high)}"
    if low is not None:
        return f"≥ {plainly(metric, low)}"
    return f"≤ {plainly(metric, high)}" if high is not None else _("no range is set")


def formula_words(formula: str) -> str:
    """In the reader's language; the text itself where it cannot be read."""
    try:
        return in_words(read_formula(formula), label_of)
    except FormulaNotValid:
        return formula


def label_of(code: str) -> str:
    return str(facts.get(code).label) if code in facts else code


def facts_behind(figure: Figure) -> list[tuple[Fact, Decimal, Decimal | None]]:
    """Each fact of the formula with what was counted, and what was in the window before."""
    told = figure.told
    before = told.facts_before if figure.metric.comparison == Comparison.PRECEDING else {}
    return [(facts.get(code), value, before.get(code)) for code, value in told.facts.items() if code in facts]


def unknown_words(figure: Figure) -> str:
    """Why there is no value, or why it is partial; empty where it was observed."""
    told = figure.told
    if told.sight == Sight.OBSERVED:
        return ""
    if told.lack == Lack.NO_SOURCE:
        lacking = [str(fact.lacks) for fact in _named(figure.metric) if fact.lacks]
        return lacking[0] if lacking else str(Lack.NO_SOURCE.label)
    reason = str(Lack(told.lack).label)
    if told.since is None:
        return reason
    words = _("%(reason)s Known from %(day)s on.")
    return words % {"reason": reason, "day": day_text(told.since, timezone.now())}


def _named(metric: MetricDefinition) -> list[Fact]:
    return [fact for fact in facts if fact.code in metric.formula]


def line_of(metric: MetricDefinition, figures: Sequence[Figure | None]) -> Drawing | None:
    values = [None if each is None or each.value is None else float(each.value) for each in figures]
    return drawing(values, *(None if bound is None else float(bound) for bound in (metric.low, metric.high)))
