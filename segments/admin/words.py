"""Criteria in words: what is measured over which window, how it is compared, and the figures behind it."""

from decimal import ROUND_CEILING, Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.templatetags.scrm import percent_sign
from segments.enums import Measure, Operator
from segments.rules.definitions import AGE, SCORES, SHARE, CriterionRule

MONEY = "spend"
CENT = Decimal("0.01")


def measured(criterion: CriterionRule) -> str:
    """Net spend in 30 days · days since registration."""
    label = str(Measure(criterion.measure).label)
    if criterion.measure == AGE or criterion.measure in SCORES:
        return label
    if criterion.window_days is None:
        return _("%(measure)s, since the beginning") % {"measure": label}
    words = ngettext("%(measure)s, last day", "%(measure)s, last %(days)d days", criterion.window_days)
    return words % {"measure": label, "days": criterion.window_days}


def amount(criterion: CriterionRule, value: Decimal | None) -> str:
    """The value with its unit; unknown is a word."""
    if value is None:
        return _("not known")
    if criterion.measure == MONEY:
        return f"¥{value:,.0f}" if value == value.to_integral_value() else f"¥{value:,.2f}"
    if criterion.measure == SHARE:
        return percent_sign(f"{value.quantize(CENT).normalize():f}")
    if criterion.measure == AGE:
        return f"{value.to_integral_value(ROUND_CEILING):,.0f}"
    return f"{value:,.0f}" if value == value.to_integral_value() else f"{value.quantize(CENT).normalize():f}"


def limit(criterion: CriterionRule) -> str:
    """Like ≥ ¥500."""
    return f"{Operator(criterion.operator).label} {amount(criterion, criterion.value)}"


def in_words(criterion: CriterionRule) -> str:
    """Net spend, last 30 days ≥ ¥500."""
    return f"{measured(criterion)} {limit(criterion)}"


def gap(criterion: CriterionRule, missing: Decimal | None) -> str:
    """What would make it hold: ¥188 more, 3 fewer."""
    if missing is None or missing == 0:
        return ""
    size = amount(criterion, abs(missing))
    return _("%(size)s more") % {"size": size} if missing > 0 else _("%(size)s less") % {"size": size}
