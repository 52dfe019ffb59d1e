"""States and rules of offers in the words of a marketer."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.templatetags.scrm import figure, moment_text
from loyalty.enums import CodeSource, CouponState, DrawState, Stacking
from loyalty.models import Coupon

MARKS = {
    CouponState.DRAFT: "none",
    CouponState.LIVE: "good",
    CouponState.PAUSED: "watch",
    CouponState.ENDED: "none",
    DrawState.PUBLISHED: "busy",
    DrawState.STOPPED: "act",
    DrawState.DRAWN: "good",
    DrawState.EMPTY: "none",
    DrawState.VOIDED: "none",
}
#: What a review's state looks like beside an offer.


def money(value: Decimal) -> str:
    return f"¥{value:,.0f}" if value == value.to_integral_value() else f"¥{value:,.2f}"


def benefit(coupon: Coupon) -> str:
    """What it gives, in a few words."""
    if coupon.amount is not None:
        if coupon.min_spend:
            words = _("%(amount)s off orders from %(least)s")
            return words % {"amount": money(coupon.amount), "least": money(coupon.min_spend)}
        return _("%(amount)s off") % {"amount": money(coupon.amount)}
    if coupon.percent is not None:
        words = _("%(percent)d %% off") % {"percent": coupon.percent}
        bound = _("at most %(most)s") % {"most": money(coupon.most)} if coupon.most else ""
        return " · ".join(filter(None, (words, bound)))
    return _("Gift: %(gift)s") % {"gift": coupon.gift}


def rules(coupon: Coupon, now: datetime) -> Iterator[tuple[str, str]]:
    """Label and value of each rule."""
    yield _("Gives"), benefit(coupon)
    if coupon.min_spend:
        yield _("Minimum spend"), money(coupon.min_spend)
    pieces = ngettext("%(count)d piece for each member", "%(count)d pieces for each member", coupon.per_member)
    yield _("Per member"), pieces % {"count": coupon.per_member}
    yield _("Can be claimed"), f"{moment_text(coupon.starts_at, now)} – {moment_text(coupon.ends_at, now)}"
    days = ngettext("%(count)d day from the claim", "%(count)d days from the claim", coupon.valid_days or 0)
    until = _("until %(day)s") % {"day": moment_text(coupon.ends_at, now)}
    yield _("Good for"), days % {"count": coupon.valid_days} if coupon.valid_days else until
    yield _("Codes"), str(CodeSource(coupon.code_source).label)
    group = f" ({coupon.stack_group})" if coupon.stacking == Stacking.GROUPS else ""
    yield _("With other coupons"), f"{Stacking(coupon.stacking).label}{group}"


def stock_words(coupon: Coupon) -> str:
    if coupon.stock is None:
        return _("no limit")
    return _("%(left)s of %(total)s left") % {
        "left": figure(coupon.stock - coupon.granted),
        "total": figure(coupon.stock),
    }
