"""Rules as a marketer would say them: 近30天消费 ≥ ¥500 且 近7天互动 ≥ 3 次."""

from decimal import Decimal

from django.utils.translation import gettext_lazy, ngettext_lazy, npgettext

from core.templatetags.scrm import percent_sign
from segments.enums import Operator
from segments.rules.definitions import SCORES, CriterionRule, TierRule

WITHIN = {
    "spend": gettext_lazy("spent %(limit)s in %(window)s"),
    "orders": ngettext_lazy("%(limit)s order in %(window)s", "%(limit)s orders in %(window)s", "number"),
    "coupon_orders": ngettext_lazy(
        "%(limit)s order with a coupon in %(window)s", "%(limit)s orders with a coupon in %(window)s", "number"
    ),
    "interactions": ngettext_lazy(
        "%(limit)s interaction in %(window)s", "%(limit)s interactions in %(window)s", "number"
    ),
    "browses": ngettext_lazy("%(limit)s browse event in %(window)s", "%(limit)s browse events in %(window)s", "number"),
    "coupon_claims": ngettext_lazy(
        "%(limit)s coupon claim in %(window)s", "%(limit)s coupon claims in %(window)s", "number"
    ),
    "coupon_share": gettext_lazy("%(limit)s of orders with a coupon in %(window)s"),
}
EVER = {
    "spend": gettext_lazy("spent %(limit)s since the beginning"),
    "orders": ngettext_lazy("%(limit)s order since the beginning", "%(limit)s orders since the beginning", "number"),
    "coupon_orders": ngettext_lazy(
        "%(limit)s order with a coupon since the beginning",
        "%(limit)s orders with a coupon since the beginning",
        "number",
    ),
    "interactions": ngettext_lazy(
        "%(limit)s interaction since the beginning", "%(limit)s interactions since the beginning", "number"
    ),
    "browses": ngettext_lazy(
        "%(limit)s browse event since the beginning", "%(limit)s browse events since the beginning", "number"
    ),
    "coupon_claims": ngettext_lazy(
        "%(limit)s coupon claim since the beginning", "%(limit)s coupon claims since the beginning", "number"
    ),
    "coupon_share": gettext_lazy("%(limit)s of all orders with a coupon"),
    "registered_days": ngettext_lazy("registered %(limit)s day ago", "registered %(limit)s days ago", "number"),
}
NONE_WITHIN = {
    "orders": ngettext_lazy("no order in %(days)s day", "no order in %(days)s days", "days"),
    "coupon_orders": ngettext_lazy(
        "no order with a coupon in %(days)s day", "no order with a coupon in %(days)s days", "days"
    ),
    "interactions": ngettext_lazy("no interaction in %(days)s day", "no interaction in %(days)s days", "days"),
    "browses": ngettext_lazy("no browse event in %(days)s day", "no browse event in %(days)s days", "days"),
    "coupon_claims": ngettext_lazy("no coupon claim in %(days)s day", "no coupon claim in %(days)s days", "days"),
}
NONE_EVER = {
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
    days = criterion.window_days
    window = npgettext("window", "%(days)s day", "%(days)s days", days or 0) % {"days": days}
    facts = {"limit": limit(criterion), "number": 1 if criterion.value == 1 else 2, "days": days, "window": window}
    return sentences[criterion.measure] % facts


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
