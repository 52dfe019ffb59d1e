# ruff: noqa: PLR2004 - the numbers are the shape of the brand
"""Who the members are: persona, origin, home, and the span of days in which each of them is a customer."""

from dataclasses import dataclass, fields
from enum import IntEnum

import numpy as np

from scrm.demo import names
from scrm.demo.arrays import Array, Stream, days_between, pick, ramp, seconds_of_day, stream
from scrm.demo.brand import CITIES, GUIDES_PER_SHOP, ORIGINS, PREMIUM_CITIES, REFERRAL, SHOPS, STORE
from scrm.demo.span import DAY, Span

NOBODY = -1
MORNING_TO_NIGHT = (1, 0.5, 0.3, 0.2, 0.2, 0.4, 1, 2, 3, 4, 5, 5, 6, 5, 5, 5, 5, 5, 6, 8, 11, 11, 7, 3)
BEFORE_SHARE, BEFORE_DAYS = 0.17, 720
CAMPAIGN_SHARE, CAMPAIGN_DAYS = 0.04, 35


class Persona(IntEnum):
    LOYAL = 0
    STEADY = 1
    OCCASIONAL = 2
    ONE_TIME = 3
    HUNTER = 4
    LURKER = 5


SHARES = (0.24, 0.27, 0.14, 0.14, 0.13, 0.08)
MEAN_LIFE = np.array([2400.0, 1000.0, 600.0, 30.0, 800.0, 45.0])


@dataclass(frozen=True)
class People:
    """Columns of one row per member, ordered by registration. Times are local seconds since the span's first midnight."""

    persona: Array
    registered: Array
    ends: Array
    """The day in which the member was last seen, beyond the span for those who stay."""
    wealth: Array
    female: Array
    name: Array
    birthday: Array
    """Days since 1970-01-01; 0 where unknown."""
    city: Array
    shop: Array
    guide: Array
    origin: Array
    inviter: Array
    known: Array
    """False where the brand never learned the date of registration."""

    def __len__(self) -> int:
        return len(self.persona)

    @property
    def begins(self) -> Array:
        """The first day inside the span on which each may do something."""
        day: Array = np.maximum(self.registered // DAY, 0)
        return day


def make(span: Span, *, members: int, seed: int) -> People:
    draw = stream(seed, "people")
    persona = pick(draw, SHARES, members)
    registered = _registrations(draw, span, members)
    order = np.argsort(registered, kind="stable")
    registered = registered[order]
    shop = _homes(draw, members)
    origin = _origins(draw, shop, members)
    female = draw.random(members) < 0.87
    city = _cities(draw, shop)
    columns = {
        "persona": persona,
        "registered": registered,
        "ends": _ends(draw, span, persona, registered),
        "wealth": _wealth(draw, city, members),
        "female": female,
        "name": names.member_names(draw, female),
        "birthday": _birthdays(draw, members),
        "city": city,
        "shop": shop,
        "guide": np.where(shop > 0, shop * GUIDES_PER_SHOP + draw.integers(0, GUIDES_PER_SHOP, members), NOBODY),
        "origin": origin,
        "inviter": _inviters(draw, origin),
        "known": draw.random(members) > 0.012,
    }
    return People(**{field.name: columns[field.name] for field in fields(People)})


def _registrations(draw: Stream, span: Span, size: int) -> Array:
    """Some before the span, most inside with growth and festivals, a campaign in its last days."""
    when = draw.random(size)
    before = -draw.integers(1, BEFORE_DAYS * DAY, size)
    weights = span.weights**0.6 * np.linspace(0.8, 1.3, span.days)
    inside = days_between(draw, ramp(weights), np.zeros(size, dtype=int), np.full(size, span.days)) * DAY
    inside += seconds_of_day(draw, MORNING_TO_NIGHT, size)
    campaign = span.seconds - 1 - (draw.random(size) * CAMPAIGN_DAYS * DAY).astype(int)
    late = span.seconds - 1 - draw.integers(0, 30 * DAY, size)
    inside = np.where(inside < span.seconds, inside, late)
    return np.where(when < BEFORE_SHARE, before, np.where(when < 1 - CAMPAIGN_SHARE, inside, campaign))


def _ends(draw: Stream, span: Span, persona: Array, registered: Array) -> Array:
    """An exponential life; a tenth of those who left before the span came back for a while."""
    ends = registered / DAY + draw.exponential(MEAN_LIFE[persona]) + 1
    returned = (ends < 0) & (draw.random(len(ends)) < 0.25)
    return np.where(returned, draw.uniform(20, span.days, len(ends)), ends)


def _homes(draw: Stream, size: int) -> Array:
    """A shop for two thirds, the online shop (0) for the others."""
    return np.where(draw.random(size) < 0.66, pick(draw, [shop.pull for shop in SHOPS], size), 0)


def _origins(draw: Stream, shop: Array, size: int) -> Array:
    names_of = [name for name, _share in ORIGINS]
    origin = pick(draw, [share for _name, share in ORIGINS], size)
    elsewhere = pick(draw, [share * (name != STORE) for name, share in ORIGINS], size)
    return np.where((shop == 0) & (origin == names_of.index(STORE)), elsewhere, origin)


def _cities(draw: Stream, shop: Array) -> Array:
    """The city of the home shop for most; -1 where unknown."""
    places = {name: place for place, (name, _pull) in enumerate(CITIES)}
    of_shop = np.array([places.get(shop.city, NOBODY) for shop in SHOPS])[shop]
    drawn = pick(draw, [pull for _name, pull in CITIES], len(shop))
    city = np.where((of_shop >= 0) & (draw.random(len(shop)) < 0.86), of_shop, drawn)
    return np.where(draw.random(len(shop)) < 0.03, NOBODY, city)


def _wealth(draw: Stream, city: Array, size: int) -> Array:
    """How freely somebody spends: log-normal around 1, more in premium cities."""
    premium = np.array([name in PREMIUM_CITIES for name, _pull in CITIES] + [False])[city]
    return draw.lognormal(np.where(premium, 0.12, -0.12), 0.62, size)


def _birthdays(draw: Stream, size: int) -> Array:
    """Mostly born 1980–2004; a quarter never told."""
    year = np.clip(draw.normal(1993, 8, size), 1955, 2009)
    return np.where(draw.random(size) < 0.24, 0, ((year - 1970) * 365.25 + draw.integers(0, 365, size)).astype(int))


def _inviters(draw: Stream, origin: Array) -> Array:
    """An earlier member for whoever was brought by one."""
    place = np.arange(len(origin))
    drawn = (draw.random(len(origin)) ** 1.5 * place).astype(int)
    invited = (origin == [name for name, _share in ORIGINS].index(REFERRAL)) & (place > 0)
    return np.where(invited, drawn, NOBODY)
