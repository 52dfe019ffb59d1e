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

SMALL, CENTS = 100, 2


def said(metric: MetricDefinition, value: Decimal | None, digits: int | None = None) -> str:
    """12.4, 46.3 %, +3.2 %, ¥212; with `digits` decimals where given."""
    if value is None:
        return ""
    if metric.unit == MetricUnit.SHARE:
        text = percent(abs(value), 1 if digits is None else digits)
        sign = "−" if value < 0 else "+" if metric.comparison == Comparison.PRECEDING and value > 0 else ""
        return f"{sign}{text}"
    if metric.unit == MetricUnit.YUAN:
        return f"{'−' if value < 0 else ''}¥{amount(abs(value), digits)}"
    return f"{value:,.{1 if digits is None else digits}f}".replace("-", "−")


def plainly(metric: MetricDefinition, value: Decimal | None) -> str:
    """A bound with every digit that it has and none besides: 12, 12.05, ¥12.50, 12.5 %."""
    if value is None:
        return ""
    digits = _decimals(value * 100 if metric.unit == MetricUnit.SHARE else value)
    return said(metric, value, max(digits, CENTS) if digits and metric.unit == MetricUnit.YUAN else digits)


def edge_words(metric: MetricDefinition, edge: float) -> str:
    """An end of an axis, no finer than the values along it are said."""
    if metric.unit == MetricUnit.YUAN:
        return plainly(metric, round(Decimal(edge), 0 if abs(edge) >= SMALL else CENTS))
    return plainly(metric, round(Decimal(edge), 3 if metric.unit == MetricUnit.SHARE else 1))


def _decimals(value: Decimal) -> int:
    return len(f"{value:f}".partition(".")[2].rstrip("0"))


def amount(value: Decimal, digits: int | None = None) -> str:
    """Yuan: the fen of small amounts only, unless `digits` says how many decimals."""
    if digits is None:
        digits = CENTS if value < SMALL and value != int(value) else 0
    return f"{value:,.{digits}f}"


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
