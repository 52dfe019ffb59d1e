# ruff: noqa: PLR2004 - the numbers are the shape of the brand
"""What brought the members: the code or campaign of their registration, and campaigns before some orders."""

from dataclasses import dataclass

import numpy as np

from scrm.demo.arrays import Array, pick, stream
from scrm.demo.brand import DOUYIN, OFFICIAL, ORIGINS, REDNOTE, WECOM
from scrm.demo.people import CAMPAIGN_DAYS, NOBODY, People
from scrm.demo.purchases import IN_STORE, Purchases
from scrm.demo.span import DAY, Span

LATER = tuple(place for place, (name, _share) in enumerate(ORIGINS) if name in {WECOM, OFFICIAL, DOUYIN, REDNOTE})


@dataclass(frozen=True)
class Touches:
    member: Array
    at: Array
    origin: Array
    inviter: Array
    guide: Array
    """Whose code was scanned."""
    campaign: Array
    """Whether it came from the recruiting campaign of the last days."""


def make(span: Span, people: People, purchases: Purchases, *, seed: int) -> Touches:
    draw = stream(seed, "touches")
    new = np.flatnonzero(people.known & (people.registered >= 0))
    ordered = np.flatnonzero((purchases.channel != IN_STORE) & (draw.random(len(purchases.at)) < 0.16))
    member = np.concatenate([new, purchases.member[ordered]])
    before_order = purchases.at[ordered] - draw.integers(600, 2 * DAY, len(ordered))
    at = np.concatenate([people.registered[new] - draw.integers(20, 240, len(new)), before_order])
    origin = np.concatenate([people.origin[new], np.array(LATER)[pick(draw, (4, 2, 2, 2), len(ordered))]])
    first = np.arange(len(member)) < len(new)
    inside = (at >= 0) & (first | (at > people.registered[member]))
    sequence = np.flatnonzero(inside)
    sequence = sequence[np.lexsort((member[sequence], at[sequence]))]
    member, at, origin, first = (column[sequence] for column in (member, at, origin, first))
    return Touches(
        member=member,
        at=at,
        origin=origin,
        inviter=np.where(first, people.inviter[member], NOBODY),
        guide=np.where(first, people.guide[member], NOBODY),
        campaign=first & (at >= span.seconds - CAMPAIGN_DAYS * DAY) & (draw.random(len(at)) < 0.7),
    )
