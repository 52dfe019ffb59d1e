# ruff: noqa: PLR2004 - the numbers are the shape of the brand
"""What the members buy: products bought again by their cycles, purchases on impulse, refunds."""

from dataclasses import dataclass

import numpy as np

from scrm.demo.arrays import Array, Stream, days_between, pick, ramp, seconds_of_day, stream
from scrm.demo.brand import (
    CHEAP,
    DOUYIN,
    GIFT,
    ITEMS,
    MEMBER_COUPON,
    MINI_PROGRAM,
    SMALL_COUPON,
    STORE,
    WECOM,
    WELCOME_COUPON,
)
from scrm.demo.festivals import day_weights
from scrm.demo.people import People, Persona
from scrm.demo.span import DAY, Span

CHANNELS = (MINI_PROGRAM, WECOM, DOUYIN, STORE)
COUPONS = ("", WELCOME_COUPON, SMALL_COUPON, MEMBER_COUPON)
IN_STORE = CHANNELS.index(STORE)
SHOP_HOURS = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 5, 5, 5, 6, 7, 7, 7, 7, 8, 8, 5, 0, 0)
ONLINE_HOURS = (2, 1, 0.5, 0.3, 0.2, 0.3, 0.8, 2, 3, 4, 5, 5, 5, 5, 4, 4, 4, 4, 5, 7, 12, 12, 8, 4)

# Per persona: fewest and most products bought by cycle, purchases on impulse in 30 ordinary days.
CYCLES = np.array([(2, 3), (1, 2), (0, 1), (0, 0), (0, 0), (0, 0)])
IMPULSES = np.array([0.34, 0.27, 0.18, 0.0, 0.16, 0.0])
REPEATS = 24
EARLY, LATE = 4, 9  # days around the due one in which it is bought
REFUND_SHARE = 0.035

Order = Array


@dataclass(frozen=True)
class Purchases:
    """Orders in the order of their time, and their lines; a line of negative quantity is a refund at its own time."""

    member: Array
    at: Array
    channel: Array
    shop: Array
    coupon: Array
    referred: Array
    """Whether the order came through the guide of the member."""
    line_order: Array
    line_item: Array
    line_quantity: Array
    line_fen: Array
    """Unit price in fen."""
    line_at: Array


def make(span: Span, people: People, *, seed: int) -> Purchases:
    draw = stream(seed, "purchases")
    member, day, item = _events(draw, span, people)
    order, first = np.unique(member * span.days + day, return_inverse=True)
    owner, date = order // span.days, order % span.days
    channel = _channels(draw, people, owner)
    at = _times(draw, people, owner, date, channel)
    coupon = _coupons(draw, span, people, owner, date)
    kept = at < span.seconds - 60
    place = np.full(len(order), -1)
    sequence = np.lexsort((owner[kept], at[kept]))
    place[np.flatnonzero(kept)[sequence]] = np.arange(kept.sum())
    whole = place[first] >= 0
    lines = _lines(draw, span, people, place[first][whole], item[whole], owner, date, coupon, kept, sequence)
    owner, at, channel, coupon = (column[kept][sequence] for column in (owner, at, channel, coupon))
    lines = _with_refunds(draw, span, at, lines)
    guided = (people.guide[owner] >= 0) & (draw.random(len(owner)) < 0.22)
    shop = np.where(channel == IN_STORE, people.shop[owner], 0)
    return Purchases(owner, at, channel, shop, coupon, guided, *lines)


def _events(draw: Stream, span: Span, people: People) -> tuple[Array, Array, Array]:
    """(member, day, product) of everything wished for; those of one member and day become one order."""
    parts = [_repeats(draw, span, people), _impulses(draw, span, people), _firsts(draw, span, people)]
    member, day, item = (np.concatenate(column) for column in zip(*parts, strict=True))
    inside = (day >= people.begins[member]) & (day < np.minimum(np.ceil(people.ends[member]), span.days)) & (day >= 0)
    return member[inside], day[inside], item[inside]


def _repeats(draw: Stream, span: Span, people: People) -> tuple[Array, Array, Array]:
    """Products that a member uses up and buys again, drawn towards strong days near the due one.

    Some of the last ones are drawn beyond the span and fall away, or the last days would hold those of many.
    """
    fewest, most = CYCLES[people.persona].T
    member = np.repeat(np.arange(len(people)), draw.integers(fewest, most + 1))
    begin = people.begins[member] + _lag(draw, len(member)) * (people.registered[member] >= 0)
    item = _items(draw, people, member, span.month_of(np.minimum(begin, span.days - 1)), cyclic=True)
    cycle = np.array([product.cycle_days or 60 for product in ITEMS])[item] / people.wealth[member] ** 0.25
    gaps = cycle[:, None] * draw.lognormal(0.05, 0.24, (len(member), REPEATS))
    gaps[:, 0] = np.where(people.registered[member] < 0, gaps[:, 0] * draw.random(len(member)), 0)
    due = (begin[:, None] + np.cumsum(gaps, axis=1)).astype(int)
    kept = np.where(people.registered[member] < 0, 0.66, 0.82)
    taken = (due < np.minimum(people.ends[member], span.days + EARLY)[:, None]) & (
        draw.random(due.shape) < kept[:, None]
    )
    row, _column = np.nonzero(taken)
    due = due[taken]
    earliest = np.maximum(due - EARLY, people.begins[member[row]])
    beyond = ramp(day_weights(span.first, span.days + EARLY + LATE) ** 1.6)
    return member[row], days_between(draw, beyond, earliest, np.maximum(due + LATE, earliest + 1)), item[row]


def _impulses(draw: Stream, span: Span, people: People) -> tuple[Array, Array, Array]:
    """Purchases without a plan: heavy-tailed by member, following the strength of the days."""
    ramped = ramp(span.weights**1.25)
    begin = np.minimum(people.begins, span.days - 1)
    end = np.clip(np.ceil(people.ends).astype(int), begin + 1, span.days)
    appetite = draw.gamma(1.1, 1 / 1.1, len(people)) * people.wealth**0.5
    count = draw.poisson((ramped[end] - ramped[begin]) / 30 * IMPULSES[people.persona] * appetite)
    member = np.repeat(np.arange(len(people)), count)
    day = days_between(draw, ramped, begin[member], end[member])
    return member, day, _items(draw, people, member, span.month_of(day))


def _firsts(draw: Stream, span: Span, people: People) -> tuple[Array, Array, Array]:
    """The first order of those who do not return: once, for a quarter twice."""
    once = np.flatnonzero((people.persona == Persona.ONE_TIME) & (people.registered >= 0))
    member = np.concatenate([once, once[draw.random(len(once)) < 0.25]])
    day = people.begins[member] + _lag(draw, len(member))
    return member, day, _items(draw, people, member, span.month_of(np.minimum(day, span.days - 1)))


def _lag(draw: Stream, size: int) -> Array:
    """Days from registration to the first wish: none for a third, else some days."""
    return np.where(draw.random(size) < 0.34, 0, draw.exponential(16, size).astype(int) + 1)


def _items(draw: Stream, people: People, member: Array, month: Array, *, cyclic: bool = False) -> Array:
    """Products by pull, season and purse: the wealthy reach for the premium line, hunters for the cheapest."""
    purse = np.digitize(people.wealth[member], (0.6, 1.3, 2.2))
    purse[people.persona[member] == Persona.HUNTER] = len(PURSES) - 1
    table = np.array([[_shares(row, slant, cyclic=cyclic) for row in range(12)] for slant in PURSES])
    drawn = draw.random(len(member))
    item: Array = (table[purse, month] < drawn[:, None]).sum(axis=1)
    return item


PURSES = (-0.5, 0.0, 0.45, 0.95, None)


def _shares(month: int, slant: float | None, *, cyclic: bool) -> Array:
    """Cumulated shares of the products in one month for one purse; None is a hunter's."""
    pull = np.array([item.pull * (1.9 if month + 1 in item.season else 1.0) for item in ITEMS])
    prices = np.array([max(item.price, 1) for item in ITEMS])
    cheap = np.isin(np.arange(len(ITEMS)), CHEAP)
    pull = np.where(cheap, pull, 0) if slant is None else pull * (prices / 130) ** slant
    if cyclic:
        pull = pull * np.array([item.cycle_days is not None for item in ITEMS])
    return np.cumsum(pull / pull.sum())


def _channels(draw: Stream, people: People, owner: Array) -> Array:
    online = pick(draw, (0.52, 0.26, 0.22), len(owner))
    at_home = (people.shop[owner] > 0) & (draw.random(len(owner)) < 0.42)
    return np.where(at_home & (people.persona[owner] != Persona.HUNTER), IN_STORE, online)


def _times(draw: Stream, people: People, owner: Array, day: Array, channel: Array) -> Array:
    """Local seconds; nobody buys before the minute of the registration."""
    online = seconds_of_day(draw, ONLINE_HOURS, len(day))
    in_store = seconds_of_day(draw, SHOP_HOURS, len(day))
    wished: Array = day * DAY + np.where(channel == IN_STORE, in_store, online)
    at: Array = np.maximum(wished, people.registered[owner] + draw.integers(240, 2400, len(wished)))
    return at


def _coupons(draw: Stream, span: Span, people: People, owner: Array, day: Array) -> Array:
    """Hunters nearly always bring one, others now and then, newcomers the welcome coupon."""
    persona = people.persona[owner]
    chance = np.array([0.16, 0.22, 0.25, 0.5, 0.95, 0.0])[persona] + 0.15 * span.sales[day]
    fresh = day - people.registered[owner] // DAY <= 20
    kind = np.where(fresh, 1, np.where(persona == Persona.HUNTER, 2, 3))
    return np.where(draw.random(len(owner)) < chance, kind, 0)


Lines = tuple[Array, Array, Array, Array, Array]


def _lines(  # noqa: PLR0917 - columns, each of them once
    draw: Stream,
    span: Span,
    people: People,
    order: Array,
    item: Array,
    owner: Array,
    day: Array,
    coupon: Array,
    kept: Array,
    sequence: Array,
) -> Lines:
    """Lines of the kept orders: what was wished for, what came along, and gifts; prices after all discounts."""
    owner, day, coupon = (column[kept][sequence] for column in (owner, day, coupon))
    hunter = people.persona[owner] == Persona.HUNTER
    along = draw.poisson(np.where(hunter, 0.0, 0.42 * people.wealth[owner] ** 0.6 * (1 + 0.5 * span.sales[day])))
    more = np.repeat(np.arange(len(owner)), along)
    gift = np.flatnonzero(~hunter & (draw.random(len(owner)) < 0.07))
    order = np.concatenate([order, more, gift])
    item = np.concatenate([item, _items(draw, people, owner[more], span.month_of(day[more])), np.full(len(gift), GIFT)])
    quantity = 1 + (draw.random(len(order)) < 0.07 + 0.10 * span.sales[day[order]] * ~hunter[order])
    quantity = np.where(item == GIFT, 1, quantity)
    generous = draw.random(len(order)) < 0.004 * people.wealth[owner[order]] ** 2
    quantity = np.where(
        generous & ~hunter[order], quantity + np.minimum(draw.pareto(1.3, len(order)) * 2, 11), quantity
    )
    factor = np.where(
        span.sales[day], draw.choice([0.75, 0.8, 0.85], len(day)), draw.choice([1, 1, 0.95, 0.9], len(day))
    )
    factor = factor * np.where(coupon > 0, np.where(hunter, 0.55, 0.88), 1)
    fen = np.round(np.array([product.price for product in ITEMS])[item] * factor[order] * 10).astype(int) * 10
    sequence = np.lexsort((item, order))
    return (
        order[sequence],
        item[sequence],
        quantity.astype(int)[sequence],
        fen[sequence],
        np.zeros(len(order), dtype=int),
    )


def _with_refunds(draw: Stream, span: Span, at: Array, lines: Lines) -> Lines:
    """A few orders come back within a fortnight, whole or by their first line, at the price paid."""
    order, item, quantity, fen, _unset = lines
    returned = draw.random(len(at)) < REFUND_SHARE
    partly = draw.random(len(at)) < 0.4
    back_at = at + draw.integers(DAY, 15 * DAY, len(at))
    first_line = np.concatenate(([True], order[1:] != order[:-1]))
    back = (returned & (back_at < span.seconds))[order] & (fen > 0) & (first_line | ~partly[order])
    return (
        np.concatenate([order, order[back]]),
        np.concatenate([item, item[back]]),
        np.concatenate([quantity, -quantity[back]]),
        np.concatenate([fen, fen[back]]),
        np.concatenate([at[order], back_at[order[back]]]),
    )
