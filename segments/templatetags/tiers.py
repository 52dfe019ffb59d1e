"""How the pages of tiers write shares, changes and addresses."""

from decimal import Decimal

from django import template

from core.templatetags.scrm import percent_sign

register = template.Library()


@register.filter
def signed(value: Decimal | None, is_rate: bool = False) -> str:  # noqa: FBT001, FBT002  # a filter has no keywords
    """Percent: a rate as 38.2 %, a change with its sign, +12.4 % or −50 %."""
    if value is None:
        return ""
    digits = 0 if value == value.to_integral_value() else 1
    text = percent_sign(f"{abs(value):,.{digits}f}")
    if value < 0:
        return f"−{text}"
    return text if is_rate or not value else f"+{text}"
