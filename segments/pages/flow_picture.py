"""The flow as a picture: bars for the tiers on both days, bands for those who moved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import ngettext

from segments.pages.flow_window import Window, people_link
from segments.selectors.flow import FlowCell


@dataclass(frozen=True, kw_only=True)
class Band:
    """One flow as a shape between two columns of bars, in the units of the picture."""

    path: str
    code: str
    words: str
    link: str


@dataclass(frozen=True, kw_only=True)
class Bar:
    code: str
    name: str
    members: int
    y: float
    height: float

    @property
    def top(self) -> float:
        """Where its label stands, percent of the picture's height."""
        return 100 * (self.y + self.height / 2) / HEIGHT


WIDTH, HEIGHT, GAP, BAR = 640.0, 340.0, 26.0, 10.0


def picture(cells: Sequence[FlowCell], names: Mapping[str, str], window: Window) -> dict[str, Any] | None:
    """Bars for the tiers on both days and bands for those who moved; who stayed is the untinted rest.

    Only who was there on both days is drawn, so the newcomers' tier may have nobody: such a tier has no bar.
    """
    both = [cell for cell in cells if cell.from_tier and cell.to_tier]
    everybody = sum(cell.members for cell in both)
    if not everybody:
        return None
    left, right = (_bars(both, names, side, everybody) for side in ("from_tier", "to_tier"))
    order = {code: place for place, code in enumerate(names)}
    both.sort(key=lambda cell: (order[cell.from_tier], order[cell.to_tier]))
    unit = _unit(names, everybody)
    at_left, at_right = ({code: bar.y for code, bar in bars.items()} for bars in (left, right))
    bands = []
    for cell in both:
        thick = cell.members * unit
        y1, y2 = at_left[cell.from_tier], at_right[cell.to_tier]
        at_left[cell.from_tier] += thick
        at_right[cell.to_tier] += thick
        bands.append(_band(cell, (y1, y2, thick), names, window))
    return {
        "left": [bar for bar in left.values() if bar.members],
        "right": [bar for bar in right.values() if bar.members],
        "bands": bands,
        "width": WIDTH,
        "inner": WIDTH - BAR,
        "height": HEIGHT,
    }


def _unit(names: Mapping[str, str], everybody: int) -> float:
    return (HEIGHT - GAP * (len(names) - 1)) / everybody


def _bars(cells: Sequence[FlowCell], names: Mapping[str, str], side: str, everybody: int) -> dict[str, Bar]:
    bars, y = {}, 0.0
    for code, name in names.items():
        members = sum(cell.members for cell in cells if getattr(cell, side) == code)
        height = members * _unit(names, everybody)
        bars[code] = Bar(code=code, name=name, members=members, y=y, height=height)
        y += height + GAP
    return bars


def _band(cell: FlowCell, place: tuple[float, float, float], names: Mapping[str, str], window: Window) -> Band:
    y1, y2, thick = place
    a, b, middle = BAR, WIDTH - BAR, WIDTH / 2
    path = (
        f"M{a} {y1:.1f}C{middle} {y1:.1f} {middle} {y2:.1f} {b} {y2:.1f}V{y2 + thick:.1f}"
        f"C{middle} {y2 + thick:.1f} {middle} {y1 + thick:.1f} {a} {y1 + thick:.1f}Z"
    )
    words = ngettext(
        "%(from)s → %(to)s: %(members)s member, ¥%(revenue)s",
        "%(from)s → %(to)s: %(members)s members, ¥%(revenue)s",
        cell.members,
    )
    facts = {
        "from": names[cell.from_tier],
        "to": names[cell.to_tier],
        "members": f"{cell.members:,}",
        "revenue": f"{cell.revenue:,.0f}",
    }
    stayed = cell.from_tier == cell.to_tier
    return Band(
        path=path,
        code="" if stayed else cell.to_tier,
        words=words % facts,
        link=people_link(window, cell.from_tier, cell.to_tier),
    )
