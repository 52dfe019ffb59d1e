# ruff: noqa: PLR2004 - the numbers are the shape of the brand
"""What the members do besides buying, in sessions with an evening peak; and the touches that brought them."""

from dataclasses import dataclass

import numpy as np

from scrm.demo.arrays import Array, Stream, days_between, pick, ramp, seconds_of_day, stream
from scrm.demo.brand import ARTICLES, GROUPS, ITEMS, LIVES, MINI_PROGRAM, OFFICIAL, STORE, WECOM
from scrm.demo.people import People, Persona
from scrm.demo.purchases import IN_STORE, Purchases
from scrm.demo.span import DAY, Span

KINDS = ("browse", "click", "open", "read", "watch", "save", "share", "message", "check_in", "join", "scan", "visit", "coupon_claim", "review")  # fmt: skip
CODE = {kind: place for place, kind in enumerate(KINDS)}
CHANNELS = (MINI_PROGRAM, WECOM, OFFICIAL, STORE)
CHANNEL_OF_KIND = np.array([0, 0, 2, 2, 1, 0, 1, 1, 0, 1, 3, 3, 0, 0])
EVENING = (2, 1, 0.4, 0.2, 0.2, 0.4, 1.2, 3, 4, 3.5, 3.5, 4, 5, 4.5, 3.5, 3.5, 3.5, 4, 5, 8, 15, 14, 9, 4)

# Sessions in an ordinary week per persona, and what a session is about: browsing, reading, chatting, daily check-in, coupons.
PER_WEEK = np.array([2.5, 1.6, 0.28, 0.45, 1.35, 0.6])
TOPICS = np.array(
    [
        (0.60, 0.16, 0.12, 0.08, 0.04),
        (0.64, 0.16, 0.07, 0.07, 0.06),
        (0.55, 0.25, 0.05, 0.05, 0.10),
        (0.60, 0.20, 0.03, 0.02, 0.15),
        (0.20, 0.04, 0.06, 0.14, 0.56),
        (0.55, 0.35, 0.05, 0.03, 0.02),
    ]
)
BROWSING, READING, CHATTING, CHECKING_IN, COUPONS = range(5)


@dataclass(frozen=True)
class Interactions:
    """Rows ordered by time; `subject` points into `subjects`."""

    member: Array
    at: Array
    kind: Array
    channel: Array
    subject: Array
    shop: Array


ITEM_SUBJECTS = tuple(item.name for item in ITEMS)
SUBJECTS = (*ITEM_SUBJECTS, *ARTICLES, *LIVES, *GROUPS, "每日签到", "领券中心", "会员注册", "门店扫码", "")
FIRST_ARTICLE = len(ITEM_SUBJECTS)
FIRST_LIVE = FIRST_ARTICLE + len(ARTICLES)
FIRST_GROUP = FIRST_LIVE + len(LIVES)
SIGN_IN, COUPON_CENTRE, REGISTRATION, SHOP_SCAN, NOTHING = range(FIRST_GROUP + len(GROUPS), len(SUBJECTS))

Rows = tuple[Array, Array, Array, Array]
"""Member, local second, kind, subject."""


def make(span: Span, people: People, purchases: Purchases, *, seed: int) -> Interactions:
    draw = stream(seed, "interactions")
    parts = [
        _sessions(draw, span, people),
        _around_orders(draw, purchases),
        _in_store(draw, people, purchases),
        _registrations(people),
    ]
    member, at, kind, subject = (np.concatenate(column) for column in zip(*parts, strict=True))
    inside = (at >= np.maximum(people.registered[member], 0)) & (at < span.seconds)
    sequence = np.flatnonzero(inside)
    sequence = sequence[np.lexsort((kind[sequence], member[sequence], at[sequence]))]
    member, at, kind, subject = (column[sequence] for column in (member, at, kind, subject))
    channel = CHANNEL_OF_KIND[kind]
    shop = np.where(channel == CHANNELS.index(STORE), people.shop[member], -1)
    return Interactions(member, at, kind, channel, subject, shop)


def _sessions(draw: Stream, span: Span, people: People) -> Rows:
    """Visits without a purchase: their number by persona and by how the brand's reach grew over the months."""
    grown = ramp(span.weights**0.35 * _reach(span.days))
    begin = np.minimum(people.begins, span.days - 1)
    end = np.clip(np.ceil(people.ends).astype(int), begin + 1, span.days)
    keen = draw.gamma(2.2, 1 / 2.2, len(people)) * people.wealth**0.35 * np.where(people.ends > 0, 1, 0)
    count = draw.poisson((grown[end] - grown[begin]) / 7 * PER_WEEK[people.persona] * keen)
    member = np.repeat(np.arange(len(people)), count)
    day = days_between(draw, grown, begin[member], end[member])
    at = day * DAY + seconds_of_day(draw, EVENING, len(day))
    shares = np.cumsum(TOPICS, axis=1)[people.persona[member]]
    topic = np.minimum((shares < draw.random(len(member))[:, None]).sum(axis=1), COUPONS)
    parts = [steps(draw, member[topic == place], at[topic == place]) for place, steps in enumerate(STEPS)]
    return _joined(parts)


def _reach(days: int) -> Array:
    """How much of the brand's life the members could take part in: slow growth, and a mini program four months ago."""
    part = np.linspace(0.0, 1.0, days)
    return 0.36 * (0.55 + 0.45 * part) * (0.13 + 0.87 / (1 + np.exp(-40 * (part - 0.78))))


def _browse(draw: Stream, member: Array, at: Array) -> Rows:
    """Several products looked at within some minutes, one of them clicked or kept now and then."""
    looks = 3 + draw.poisson(2.2, len(member))
    row = np.repeat(np.arange(len(member)), looks)
    step = np.arange(len(row)) - np.repeat(np.cumsum(looks) - looks, looks)
    looked = _rows(
        member[row], at[row] + step * 47 + draw.integers(0, 40, len(row)), "browse", _products(draw, len(row))
    )
    clicked = draw.random(len(member)) < 0.3
    saved = draw.random(len(member)) < 0.08
    return _joined(
        [
            looked,
            _rows(member[clicked], at[clicked] + 300, "click", _products(draw, int(clicked.sum()))),
            _rows(member[saved], at[saved] + 330, "save", _products(draw, int(saved.sum()))),
        ]
    )


def _read(draw: Stream, member: Array, at: Array) -> Rows:
    """A message opened, read to its end by most, shared by few; or a live session watched."""
    live = draw.random(len(member)) < 0.22
    subject = np.where(
        live,
        FIRST_LIVE + draw.integers(0, len(LIVES), len(member)),
        FIRST_ARTICLE + draw.integers(0, len(ARTICLES), len(member)),
    )
    through = ~live & (draw.random(len(member)) < 0.66)
    shared = draw.random(len(member)) < 0.07
    return _joined(
        [
            _rows(member, at, "open", subject),
            _rows(member[through], at[through] + 95, "read", subject[through]),
            _rows(member[live], at[live] + 20, "watch", subject[live]),
            _rows(member[shared], at[shared] + 140, "share", subject[shared]),
        ]
    )


def _chat(draw: Stream, member: Array, at: Array) -> Rows:
    words = 1 + draw.poisson(1.1, len(member))
    row = np.repeat(np.arange(len(member)), words)
    group = FIRST_GROUP + member % len(GROUPS)
    return _rows(member[row], at[row] + draw.integers(0, 900, len(row)), "message", group[row])


def _check_in(draw: Stream, member: Array, at: Array) -> Rows:
    del draw
    return _rows(member, at, "check_in", np.full(len(member), SIGN_IN))


def _claim(draw: Stream, member: Array, at: Array) -> Rows:
    claims = 1 + draw.poisson(0.55, len(member))
    row = np.repeat(np.arange(len(member)), claims)
    return _rows(
        member[row], at[row] + draw.integers(0, 240, len(row)), "coupon_claim", np.full(len(row), COUPON_CENTRE)
    )


STEPS = (_browse, _read, _chat, _check_in, _claim)


def _around_orders(draw: Stream, purchases: Purchases) -> Rows:
    """Looks at products in the days before an online order, and a review by few after it."""
    online = np.flatnonzero(purchases.channel != IN_STORE)
    looks = draw.poisson(0.6, len(online))
    before = online[np.repeat(np.arange(len(online)), looks)]
    ahead = np.minimum(draw.exponential(1.2 * DAY, len(before)).astype(int) + 120, 7 * DAY)
    reviewed = np.flatnonzero(draw.random(len(purchases.at)) < 0.06)
    later = purchases.at[reviewed] + draw.integers(4 * DAY, 20 * DAY, len(reviewed))
    return _joined(
        [
            _rows(purchases.member[before], purchases.at[before] - ahead, "browse", _products(draw, len(before))),
            _rows(purchases.member[reviewed], later, "review", _products(draw, len(reviewed))),
        ]
    )


def _in_store(draw: Stream, people: People, purchases: Purchases) -> Rows:
    """A visit before an order in the shop, scanned at the door by a few."""
    sold = np.flatnonzero((purchases.channel == IN_STORE) & (people.persona[purchases.member] != Persona.HUNTER))
    scanned = sold[draw.random(len(sold)) < 0.35]
    return _joined(
        [
            _rows(purchases.member[sold], purchases.at[sold] - 900, "visit", np.full(len(sold), NOTHING)),
            _rows(purchases.member[scanned], purchases.at[scanned] - 840, "scan", np.full(len(scanned), SHOP_SCAN)),
        ]
    )


def _registrations(people: People) -> Rows:
    member = np.flatnonzero(people.known & (people.registered >= 0))
    return _rows(member, people.registered[member], "join", np.full(len(member), REGISTRATION))


def _products(draw: Stream, size: int) -> Array:
    return pick(draw, [item.pull for item in ITEMS], size)


def _rows(member: Array, at: Array, kind: str, subject: Array) -> Rows:
    return member, at, np.full(len(member), CODE[kind]), subject


def _joined(parts: list[Rows]) -> Rows:
    member, at, kind, subject = (np.concatenate(column) for column in zip(*parts, strict=True))
    return member, at, kind, subject
