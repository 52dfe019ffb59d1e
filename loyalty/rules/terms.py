"""The rules of a coupon: what contradicts itself, what is worse for members, and what it can cost at most."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

WHOLE = 100  # percent
LARGEST = Decimal("99999999.99")
MOST_PIECES = 10_000_000
MOST_PER_MEMBER = 1000
LONGEST_DAYS = 3650
CENT = Decimal("0.01")


@dataclass(frozen=True, kw_only=True)
class Terms:
    """Everything that decides what a coupon gives, to whom, and until when. Money in ¥, `percent` off the order."""

    name: str
    terms: str = ""
    kind: str
    amount: Decimal | None = None
    percent: int | None = None
    most: Decimal | None = None
    gift: str = ""
    gift_cost: Decimal | None = None
    min_spend: Decimal = Decimal(0)
    code_source: str = "claim"
    stock: int | None = None
    per_member: int = 1
    starts_at: datetime
    ends_at: datetime
    valid_days: int | None = None
    stacking: str = "exclusive"
    stack_group: str = ""


@dataclass(frozen=True)
class Problem:
    """A field and a code; the words are found elsewhere."""

    field: str
    code: str


@dataclass(frozen=True)
class Exposure:
    """The most that the coupon can cost: `total` = `pieces` × `each`; None where nothing bounds it."""

    pieces: int | None
    each: Decimal | None

    @property
    def total(self) -> Decimal | None:
        return None if self.pieces is None or self.each is None else self.pieces * self.each


def problems_of(terms: Terms) -> list[Problem]:
    """Everything that cannot work, field by field."""
    return [*_benefit(terms), *_limits(terms), *_times(terms), *_stacking(terms)]


def _benefit(terms: Terms) -> Iterator[Problem]:
    if not terms.name.strip():
        yield Problem("name", "missing")
    yield from BENEFITS.get(terms.kind, _no_such_kind)(terms)
    if not Decimal(0) <= terms.min_spend <= LARGEST:
        yield Problem("min_spend", "money")


def _no_such_kind(_terms: Terms) -> Iterator[Problem]:
    yield Problem("kind", "choice")


def _amount(terms: Terms) -> Iterator[Problem]:
    yield from _money("amount", terms.amount, required=True)
    if terms.amount is not None and Decimal(0) < terms.min_spend < terms.amount:
        yield Problem("amount", "above_minimum")


def _percent(terms: Terms) -> Iterator[Problem]:
    if terms.percent is None or not 1 <= terms.percent <= WHOLE:
        yield Problem("percent", "percent")
    yield from _money("most", terms.most, required=False)


def _gift(terms: Terms) -> Iterator[Problem]:
    if not terms.gift.strip():
        yield Problem("gift", "missing")
    yield from _money("gift_cost", terms.gift_cost, required=False, least=Decimal(0))


BENEFITS: dict[str, Callable[[Terms], Iterator[Problem]]] = {"amount": _amount, "percent": _percent, "gift": _gift}


def _money(field: str, value: Decimal | None, *, required: bool, least: Decimal = CENT) -> Iterator[Problem]:
    if value is None:
        if required:
            yield Problem(field, "missing")
    elif not least <= value <= LARGEST:
        yield Problem(field, "money")


def _limits(terms: Terms) -> Iterator[Problem]:
    if terms.code_source not in {"claim", "generated", "imported"}:
        yield Problem("code_source", "choice")
    if terms.code_source == "claim" and terms.stock is not None and not 1 <= terms.stock <= MOST_PIECES:
        yield Problem("stock", "stock")
    if not 1 <= terms.per_member <= MOST_PER_MEMBER:
        yield Problem("per_member", "per_member")


def _times(terms: Terms) -> Iterator[Problem]:
    if terms.ends_at <= terms.starts_at:
        yield Problem("ends_at", "span")
    if terms.valid_days is not None and not 1 <= terms.valid_days <= LONGEST_DAYS:
        yield Problem("valid_days", "days")


def _stacking(terms: Terms) -> Iterator[Problem]:
    if terms.stacking not in {"exclusive", "groups"}:
        yield Problem("stacking", "choice")
    if terms.stacking == "groups" and not terms.stack_group.strip():
        yield Problem("stack_group", "missing")


def worse_for_members(before: Terms, after: Terms) -> list[str]:
    """Fields whose change takes something from members. A new text is not judged here: it goes to review."""
    found = [
        name for name in ("kind", "code_source", "gift", "stacking", "stack_group") if _differs(before, after, name)
    ]
    found += [name for name in ("amount", "percent", "per_member") if _less(before, after, name)]
    found += [name for name in ("stock", "most", "valid_days") if _tighter(before, after, name)]
    if after.min_spend > before.min_spend:
        found.append("min_spend")
    if after.starts_at > before.starts_at:
        found.append("starts_at")
    if after.ends_at < before.ends_at:
        found.append("ends_at")
    return found


def _differs(before: Terms, after: Terms, name: str) -> bool:
    return bool(getattr(before, name) != getattr(after, name))


def _less(before: Terms, after: Terms, name: str) -> bool:
    old, new = getattr(before, name), getattr(after, name)
    return bool(old is not None and (new is None or new < old))


def _tighter(before: Terms, after: Terms, name: str) -> bool:
    """None is the widest: without stock all are served, without days it holds until the end."""
    old, new = getattr(before, name), getattr(after, name)
    if name == "valid_days" and (old is None) != (new is None):
        return True
    return bool(new is not None and (old is None or new < old))


def exposure_of(terms: Terms) -> Exposure:
    """The most that it can cost; a percentage without a limit, or a coupon without stock, has no bound."""
    each = {"amount": terms.amount, "percent": terms.most, "gift": terms.gift_cost}.get(terms.kind)
    return Exposure(terms.stock, each)
