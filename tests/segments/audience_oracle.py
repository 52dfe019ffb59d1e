"""Who is in an audience, reckoned member by member from lists of facts: no SQL, none of the product's code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Line:
    order: str
    at: datetime  # of its order
    product: str
    category: str
    quantity: Decimal
    amount: Decimal
    store: str
    channel: str


@dataclass
class Person:
    gender: str = ""
    channel: str = ""
    registered: datetime | None = None
    tier: str = ""  # empty: without a standing
    tags: set[int] = field(default_factory=set)
    lines: list[Line] = field(default_factory=list)
    acts: list[tuple[datetime, str]] = field(default_factory=list)
    said: list[tuple[datetime, str, str, str]] = field(default_factory=list)  # at, purpose, channel, action
    elsewhere: list[list[tuple[datetime, str, str, str]]] = field(default_factory=list)  # by records merged into hers


def matches(rule: Mapping[str, Any], who: Person, as_of: datetime, audiences: Mapping[int, Any]) -> bool:
    ((key, body),) = rule.items()
    if key == "all":
        return all(matches(each, who, as_of, audiences) for each in body)
    if key == "any":
        return any(matches(each, who, as_of, audiences) for each in body)
    if key == "not":
        return not matches(body, who, as_of, audiences)
    if key == "audience":
        return matches(audiences[body], who, as_of, audiences)
    return {"filter": _filter, "purchases": _purchases, "interactions": _interactions, "consent": _consent}[key](
        body, who, as_of
    )


def _filter(body: Mapping[str, Sequence[str]], who: Person, as_of: datetime) -> bool:
    ((name, values),) = body.items()
    if name == "gender":
        return (who.gender or "-") in values
    if name == "channel":
        return (who.channel or "-") in values
    if name == "tier":
        return (who.tier or "-") in values
    if name == "tag":
        return bool(who.tags & {int(value) for value in values})
    if name == "registered_from":
        return who.registered is not None and who.registered >= as_of - int(values[0][1:-1]) * DAY
    raise AssertionError(name)


def _compare(left: Any, operator: str, right: Any) -> bool:
    return {
        ">=": left >= right,
        ">": left > right,
        "<=": left <= right,
        "<": left < right,
        "=": left == right,
    }[operator]


def _inside(at: datetime, as_of: datetime, days: int | None) -> bool:
    return at < as_of and (days is None or at >= as_of - days * DAY)


def _purchases(body: Mapping[str, Any], who: Person, as_of: datetime) -> bool:
    days, measure, value = body.get("days"), body["measure"], Decimal(body["value"])
    lines = [
        line
        for line in who.lines
        if _inside(line.at, as_of, days)
        and all(
            getattr(line, one) in body[many]
            for one, many in (
                ("product", "products"),
                ("category", "categories"),
                ("store", "stores"),
                ("channel", "channels"),
            )
            if body.get(many)
        )
    ]
    if measure == "spend":
        return _compare(sum((line.amount for line in lines), Decimal(0)), body["operator"], value)
    if measure == "units":
        return _compare(sum((line.quantity for line in lines), Decimal(0)), body["operator"], value)
    orders = {line.order: line.at for line in lines if line.quantity > 0}
    if measure == "orders":
        return _compare(len(orders), body["operator"], value)
    if not orders:
        return False
    at = (min if measure == "since_first" else max)(orders.values())
    return _compare((as_of - at) // DAY, body["operator"], value)


def _interactions(body: Mapping[str, Any], who: Person, as_of: datetime) -> bool:
    times = sum(
        _inside(at, as_of, body.get("days")) and (not body.get("kinds") or kind in body["kinds"])
        for at, kind in who.acts
    )
    return _compare(times, body["operator"], Decimal(body["value"]))


STRICTNESS = {"withdraw": 2, "refuse": 1, "grant": 0, "guardian_grant": 0}
MEANING = {"grant": "given", "guardian_grant": "given", "refuse": "refused", "withdraw": "withdrawn"}


def _consent(body: Mapping[str, Any], who: Person, as_of: datetime) -> bool:
    """By any of her records, the later of what was said for all channels and for this one.

    At the same moment the stricter, then this one's.
    """
    del as_of
    said = [
        (at, STRICTNESS[action], channel != "any", action)
        for record in (who.said, *who.elsewhere)
        for at, purpose, channel, action in record
        if purpose == body["purpose"] and channel in {"any", body["channel"]}
    ]
    return (MEANING[max(said)[3]] if said else "never") == body["is"]
