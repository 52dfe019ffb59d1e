"""The funnel as the page draws it: where a rate, its interval and the band of its level lie on one line."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.enums import Measure
from campaigns.rules.funnel import BandSpan, Rate
from campaigns.selectors.funnel import Results
from core.errors import Text
from core.templatetags.scrm import figure, money, percent

ROOM = 1.25


@dataclass(frozen=True, kw_only=True)
class Scale:
    """Places on a line from 0 to 100."""

    value: float
    low: float
    high: float
    band_from: float
    band_to: float


@dataclass(frozen=True, kw_only=True)
class Line:
    """One bar: `count` what it counts, `rate` how it compares; `note` says over what, or why it is not known."""

    code: str
    label: Text
    count: str
    note: str
    rate: str = ""
    band: str = ""
    interval: str = ""
    state: str = "none"
    word: Text = ""
    scale: Scale | None = None


def funnel_lines(results: Results) -> list[Line]:
    """Reached, took part, ordered, revenue, ROI."""
    facts, rates = results.facts, results.rates
    took = rates[Measure.PARTICIPATION]
    return [
        Line(
            code="reached",
            label=_("Reached"),
            count=_("not observed"),
            note=_("Messages do not leave the product yet. Rates are over the frozen audience instead."),
        ),
        _line("took_part", _("Took part"), figure(facts.took_part), took, _over_audience(results)),
        _line("ordered", _("Ordered"), figure(facts.buyers), rates[Measure.CONVERSION], _over_participants(results)),
        Line(code="revenue", label=_("Revenue"), count=f"¥{money(facts.revenue)}", note=_revenue_note(results)),
        _roi(results, rates[Measure.ROI]),
    ]


def _over_audience(results: Results) -> str:
    text = _("of %(members)s in the frozen audience") % {"members": figure(results.facts.audience)}
    if not results.facts.outside:
        return text
    return text + _(", and %(members)s outside of it") % {"members": figure(results.facts.outside)}


def _over_participants(results: Results) -> str:
    text = _("of %(members)s who took part") % {"members": figure(results.facts.took_part)}
    others = results.all_buyers - results.facts.buyers
    if others <= 0:
        return text
    return text + _(", and %(members)s by coupon or code alone") % {"members": figure(others)}


def _revenue_note(results: Results) -> str:
    value = results.order_value
    if value is None:
        return _("No order is credited yet.")
    orders = results.facts.orders
    words = ngettext(
        "%(orders)s order, ¥%(value)s, net of refunds", "%(orders)s orders, ¥%(value)s each, net of refunds", orders
    )
    return words % {"orders": figure(orders), "value": money(value)}


def _roi(results: Results, rate: Rate) -> Line:
    if rate.value is None:
        note = _("No cost is recorded yet.")
        return Line(code="roi", label=_("ROI"), count=_("not observed"), note=note, band=_band(rate))
    note = _("¥%(revenue)s for ¥%(cost)s spent") % {
        "revenue": money(results.facts.revenue),
        "cost": money(results.facts.cost),
    }
    return _line("roi", _("ROI"), _ratio(rate.value), rate, note)


def _line(code: str, label: Text, count: str, rate: Rate, note: str) -> Line:
    known = rate.value is not None and rate.interval is not None
    return Line(
        code=code,
        label=label,
        count=count,
        note=note,
        rate=said(rate) if known and code != "roi" else "",
        band=_band(rate),
        interval=_interval(rate),
        state=rate.state,
        word=word_of(rate),
        scale=_scale(rate),
    )


def word_of(rate: Rate) -> Text:
    """The state as a word, since colour alone says nothing."""
    match rate.state:
        case "good":
            high = rate.band.high if rate.band else None
            return _("above the band") if high is not None and (rate.value or 0) > high else _("in the band")
        case "watch":
            return _("below the band, not certain")
        case "act":
            return _("below the band")
        case _:
            return _("not known yet")


def said(rate: Rate) -> str:
    return "" if rate.value is None else _said(rate.measure, rate.value)


def _said(measure: str, value: float) -> str:
    return _ratio(value) if measure == Measure.ROI else percent(value)


def _ratio(value: float) -> str:
    return f"1 : {value:,.1f}"


def _band(rate: Rate) -> str:
    if rate.band is None:
        return ""
    return band_text(rate.measure, rate.band)


def band_text(measure: str, band: BandSpan) -> str:
    low = _ratio(band.low) if measure == Measure.ROI else percent(band.low, 0)
    if band.high is None:
        return _("from %(low)s on") % {"low": low}
    return f"{low}–{_ratio(band.high) if measure == Measure.ROI else percent(band.high, 0)}"


def _interval(rate: Rate) -> str:
    if rate.interval is None:
        return ""
    low = max(rate.interval.low, 0.0)
    return f"{_said(rate.measure, low)} – {_said(rate.measure, rate.interval.high)}"


def _scale(rate: Rate) -> Scale | None:
    if rate.value is None or rate.interval is None:
        return None
    low = rate.band.low if rate.band else 0.0
    high = (rate.band.high or ROOM * low) if rate.band else 0.0
    full = max(rate.value, rate.interval.high, high * ROOM) or 1.0

    def place(value: float) -> float:
        return round(100 * min(max(value / full, 0.0), 1.0), 1)

    open_end = rate.band is not None and rate.band.high is None
    return Scale(
        value=place(rate.value),
        low=place(rate.interval.low),
        high=place(rate.interval.high),
        band_from=place(low),
        band_to=100.0 if open_end else place(high),
    )
