"""How moments, amounts and shares are written, everywhere the same."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

register = template.Library()


@register.filter
def moment(value: datetime | None, now: datetime | None = None) -> SafeString | str:
    """11月22日 20:00, with the year when it is not this one; relative within the last 24 hours."""
    if value is None:
        return ""
    text = moment_text(value, now or timezone.now())
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), _exact(value), text)


@register.filter
def full_moment(value: datetime) -> SafeString:
    """2026-11-22 20:00:00, always with the day: for what an operator reads out to a customer."""
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), _exact(value))


def moment_text(value: datetime, now: datetime) -> str:
    past = now - value
    if timedelta(0) <= past < timedelta(hours=24):
        return ago(past)
    local = timezone.localtime(value)
    same_year = local.year == timezone.localtime(now).year
    return date_format(local, _("M j, H:i") if same_year else _("M j, Y, H:i"))


def ago(past: timedelta) -> str:
    hours, minutes = divmod(int(past.total_seconds() // 60), 60)
    if not hours and minutes < 1:
        return _("just now")
    if not hours:
        return ngettext("%(count)d minute ago", "%(count)d minutes ago", minutes) % {"count": minutes}
    return ngettext("%(count)d hour ago", "%(count)d hours ago", hours) % {"count": hours}


@register.filter
def day(value: date | datetime | None, now: datetime | None = None) -> SafeString | str:
    """11月22日, with the year when it is not this one."""
    if value is None:
        return ""
    title = _exact(value) if isinstance(value, datetime) else value.isoformat()
    text = day_text(value, now or timezone.now())
    return format_html('<time datetime="{}" title="{}">{}</time>', _date(value).isoformat(), title, text)


def day_text(value: date | datetime, now: datetime) -> str:
    same_year = _date(value).year == timezone.localtime(now).year
    return date_format(_date(value), _("M j") if same_year else _("M j, Y"))


def _date(value: date | datetime) -> date:
    return timezone.localtime(value).date() if isinstance(value, datetime) else value


@register.filter
def money(value: Decimal | float | None, digits: int = 0) -> str:
    """6,420 — the currency stands once, in the heading; `digits` decimals."""
    return "" if value is None else f"{Decimal(value):,.{digits}f}"


@register.filter
def figure(value: float | None) -> str:
    """Like 3,214."""
    return "" if value is None else f"{value:,.0f}"


@register.filter
def difference(value: float | None) -> str:
    """+41, −12, ±0."""
    if value is None:
        return ""
    return f"{'+' if value > 0 else '−' if value < 0 else '±'}{abs(value):,.0f}"


@register.filter
def percent(value: float | Decimal | None, digits: int = 1) -> str:
    """A share from 0 to 1 as 12.3 %."""
    return "" if value is None else percent_sign(f"{value * 100:,.{digits}f}")


@register.filter
def percent_sign(number: str) -> str:
    """A written number with the sign as the language sets it: 12.3 %, 12.3% in Chinese."""
    return _("%(number)s %%") % {"number": number}


@register.filter
def item(mapping: Any, key: Any) -> Any:
    """The entry of a mapping under a key that is a variable."""
    return mapping.get(key) if mapping else None


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: Any) -> str:
    """The page's own address with some parameters changed; None takes one away. The page number always goes."""
    params = context["request"].GET.copy()
    params.pop("page", None)
    for name, value in changes.items():
        params.pop(name, None)
        if value is not None:
            params[name] = str(value)
    return f"?{params.urlencode()}"


def _exact(value: datetime) -> str:
    return timezone.localtime(value.astimezone(UTC)).strftime("%Y-%m-%d %H:%M:%S")
