"""Rules as a marketer would say them: 近30天消费 ≥ ¥500 且 近7天互动 ≥ 3 次."""

from collections.abc import Mapping
from decimal import Decimal

from django.utils.translation import gettext_lazy

from core.errors import Text
from core.templatetags.scrm import percent_sign
from segments.enums import Operator
from segments.rules.definitions import SCORES, CriterionRule, TierRule

WITHIN: Mapping[str, Text] = {
    "spend": gettext_lazy("spent %(limit)s in %(days)s days"),
    "orders": gettext_lazy("%(limit)s orders in %(days)s days"),
    "coupon_orders": gettext_lazy("%(limit)s orders with a coupon in %(days)s days"),
    "interactions": gettext_lazy("%(limit)s interactions in %(days)s days"),
    "browses": gettext_lazy("%(limit)s browse events in %(days)s days"),
    "coupon_claims": gettext_lazy("%(limit)s coupon claims in %(days)s days"),
    "coupon_share": gettext_lazy("%(limit)s of orders with a coupon in %(days)s days"),
}
EVER: Mapping[str, Text] = {
    "spend": gettext_lazy("spent %(limit)s since the beginning"),
    "orders": gettext_lazy("%(limit)s orders since the beginning"),
    "coupon_orders": gettext_lazy("%(limit)s orders with a coupon since the beginning"),
    "interactions": gettext_lazy("%(limit)s interactions since the beginning"),
    "browses": gettext_lazy("%(limit)s browse events since the beginning"),
    "coupon_claims": gettext_lazy("%(limit)s coupon claims since the beginning"),
    "coupon_share": gettext_lazy("%(limit)s of all orders with a coupon"),
    "registered_days": gettext_lazy("registered %(limit)s days ago"),
}
NONE_WITHIN: Mapping[str, Text] = {
    "orders": gettext_lazy("no order in %(days)s days"),
    "coupon_orders": gettext_lazy("no order with a coupon in %(days)s days"),
    "interactions": gettext_lazy("no interaction in %(days)s days"),
    "browses": gettext_lazy("no browse event in %(days)s days"),
    "coupon_claims": gettext_lazy("no coupon claim in %(days)s days"),
}
NONE_EVER: Mapping[str, Text] = {
    "orders": gettext_lazy("no order yet"),
    "coupon_orders": gettext_lazy("no order with a coupon yet"),
    "interactions": gettext_lazy("no interaction yet"),
    "browses": gettext_lazy("no browse event yet"),
    "coupon_claims": gettext_lazy("no coupon claim yet"),
}


def phrase(criterion: CriterionRule) -> str:
    """One criterion. "None at all" is said so, however it is written: = 0, < 1, <= 0."""
    if criterion.measure in SCORES:
        return f"{criterion.measure.upper()} {limit(criterion)}"
    within, ever = (NONE_WITHIN, NONE_EVER) if _wants_none(criterion) else (WITHIN, EVER)
    sentences = ever if criterion.window_days is None else within
    return str(sentences[criterion.measure]) % {"limit": limit(criterion), "days": criterion.window_days}


def limit(criterion: CriterionRule) -> str:
    """≥ ¥500, < 3, ≥ 80 %."""
    number = plain(criterion.value)
    if criterion.measure == "spend":
        number = f"¥{number}"
    if criterion.measure == "coupon_share":
        number = percent_sign(number)
    return f"{Operator(criterion.operator).label} {number}"


def plain(value: Decimal) -> str:
    """With thousands separators, decimals only where there are any."""
    return f"{value:,.0f}" if value == value.to_integral_value() else f"{value:,.2f}"


def alternatives(rule: TierRule) -> list[list[str]]:
    """Per alternative its criteria in words."""
    return [[phrase(each) for each in group] for group in rule.alternatives]


def _wants_none(criterion: CriterionRule) -> bool:
    none = {"=": Decimal(0), "<=": Decimal(0), "<": Decimal(1)}
    return criterion.measure in NONE_EVER and criterion.value == none.get(criterion.operator)
