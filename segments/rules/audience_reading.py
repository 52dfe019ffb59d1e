"""Reads the rule of an audience from JSON and says, part by part, what cannot be understood."""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext_lazy as _

from compliance.enums.consent import Channel
from compliance.rules.consent import is_asked_by_channel, is_purpose
from core.errors import FieldErrors, Text
from core.rules.whole import whole_in
from segments.enums import ConsentIs, Operator, PurchaseMeasure
from segments.rules.audience_tree import (
    ROOT,
    AllOf,
    AnyOf,
    AudienceLeaf,
    ConsentLeaf,
    FilterLeaf,
    InteractionLeaf,
    Node,
    Not,
    PurchaseLeaf,
)
from timeline.enums import InteractionKind

DEEPEST = 5
MOST_LEAVES = 50
LONGEST_DAYS = 3_650
MOST_VALUES = 100
LONGEST_TEXT = 200
LARGEST = Decimal(10) ** 12
INT64 = 2**63
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
SINCE = frozenset({PurchaseMeasure.SINCE_FIRST, PurchaseMeasure.SINCE_LAST})
FINE = {PurchaseMeasure.SPEND: 2, PurchaseMeasure.UNITS: 3}

EMPTY = _("This group is empty: add a condition, or take the group out.")
DEEP = _("Groups may stand in each other five deep at most.")
MANY = _("A rule has 50 conditions at most.")
NOT_ONE = _("A part of a rule has one key: all, any, not, filter, purchases, interactions, consent or audience.")
UNCHOSEN = "?"  # the key of a condition for which the builder's user has chosen nothing yet
NOTHING = _("Choose what this condition asks about.")
TWICE = _("A “not” stands directly in another one: take both out.")
NOT_LIST = _("A list is expected here.")
NOT_OBJECT = _("An object is expected here.")
UNKNOWN = _("There is no such field here.")
CHOOSE = _("Choose one of the values offered.")
TEXTS = _("Up to 100 texts of up to 200 characters are expected here.")
NUMBER = _("A number is expected here.")
WHOLE = _("A whole number from 0 on is expected here.")
TOO_FINE = _("Too many decimals for this measure.")
WINDOW = _("A window has 1 to 3,650 whole days; leave it out for all time.")
NO_WINDOW = _("Days since an order are counted over all time: leave the window out.")
DAYS_FAR = _("At most 36,500 days are accepted here.")
REFERENCE = _("The number of an audience is expected here.")


class RuleReader:
    """Reads one rule; `faults` collects path → sentences, such as `rule.all.1.purchases.days`."""

    def __init__(self) -> None:
        self.faults: dict[str, list[Text]] = defaultdict(list)
        self._leaves = 0

    def node(self, value: Any, path: str = ROOT, *, depth: int = 0) -> Node | None:  # noqa: PLR0911  # guards first
        """The part at `path`, None where it is faulty."""
        if not isinstance(value, Mapping) or len(value) != 1:
            return self._refuse(path, NOT_ONE)
        ((key, body),) = value.items()
        if key == UNCHOSEN:
            return self._refuse(path, NOTHING)
        if key in {"all", "any"}:
            return self._group(str(key), body, f"{path}.{key}", depth + 1)
        if key == "not":
            return self._not(body, f"{path}.not", depth)
        read: Callable[[Any, str], Node | None] | None = getattr(self, f"_{key}", None) if key in LEAVES else None
        if read is None:
            return self._refuse(path, NOT_ONE)
        if key != "audience" and not isinstance(body, Mapping):
            return self._refuse(f"{path}.{key}", NOT_OBJECT)
        self._leaves += 1
        if self._leaves > MOST_LEAVES:
            return self._refuse(path, MANY)
        return read(body, f"{path}.{key}")

    def _group(self, key: str, body: Any, path: str, depth: int) -> Node | None:
        if depth > DEEPEST:
            return self._refuse(path, DEEP)
        if not isinstance(body, Sequence) or isinstance(body, str):
            return self._refuse(path, NOT_LIST)
        if not body:
            return self._refuse(path, EMPTY)
        if len(body) > MOST_LEAVES:
            return self._refuse(path, MANY)
        read = [self.node(each, f"{path}.{place}", depth=depth) for place, each in enumerate(body)]
        children = tuple(child for child in read if child is not None)
        if len(children) < len(read):
            return None
        return AllOf(children, path) if key == "all" else AnyOf(children, path)

    def _not(self, body: Any, path: str, depth: int) -> Node | None:
        if isinstance(body, Mapping) and "not" in body:
            return self._refuse(path, TWICE)
        child = self.node(body, path, depth=depth)
        return None if child is None else Not(child, path)

    def _filter(self, body: Mapping[str, Any], path: str) -> Node | None:
        if not body or len(body) > 2:  # noqa: PLR2004  # a span has two parameters
            return self._refuse(path, NOT_OBJECT)
        read = [(str(name)[:LONGEST_TEXT], self._texts(values, path)) for name, values in sorted(body.items(), key=str)]
        if not any(values for _name, values in read):
            return self._refuse(path, CHOOSE)
        return FilterLeaf(tuple((name, values) for name, values in read if values), path)

    def _purchases(self, body: Mapping[str, Any], path: str) -> Node | None:
        lists = ("products", "categories", "stores", "channels")
        values = self._object(body, {"measure", "operator", "value", "days", *lists}, path)
        before = self._count()
        measure = self._choice(values.get("measure"), PurchaseMeasure.values, f"{path}.measure")
        operator = self._operator(values, path)
        number = (
            self._number(values.get("value"), f"{path}.value", fine=FINE.get(PurchaseMeasure(measure), 0))
            if measure
            else Decimal(0)
        )
        days = self._days(values.get("days"), f"{path}.days")
        if measure in SINCE:
            self._require(days is None, f"{path}.days", NO_WINDOW)
            self._require(number <= 36_500, f"{path}.value", DAYS_FAR)  # noqa: PLR2004  # a hundred years
        scope = [self._texts(values.get(name, ()), f"{path}.{name}") for name in lists]
        if self._count() > before:
            return None
        return PurchaseLeaf(measure, operator, number, days, *scope, path=path)  # type: ignore[arg-type,misc]  # four scopes

    def _interactions(self, body: Mapping[str, Any], path: str) -> Node | None:
        values = self._object(body, {"kinds", "operator", "value", "days", "channels"}, path)
        before = self._count()
        operator = self._operator(values, path)
        number = self._number(values.get("value"), f"{path}.value")
        days = self._days(values.get("days"), f"{path}.days")
        kinds = self._texts(values.get("kinds", ()), f"{path}.kinds")
        self._require(set(kinds) <= set(InteractionKind.values), f"{path}.kinds", CHOOSE)
        channels = self._texts(values.get("channels", ()), f"{path}.channels")
        return None if self._count() > before else InteractionLeaf(operator, number, days, kinds, channels, path)

    def _consent(self, body: Mapping[str, Any], path: str) -> Node | None:
        values = self._object(body, {"purpose", "channel", "is"}, path)
        before = self._count()
        purpose, channel = values.get("purpose"), values.get("channel", Channel.ANY)
        self._require(isinstance(purpose, str) and is_purpose(purpose), f"{path}.purpose", CHOOSE)
        by_channel = isinstance(purpose, str) and is_asked_by_channel(purpose)
        self._require(channel in (Channel.values if by_channel else [Channel.ANY]), f"{path}.channel", CHOOSE)
        holds = self._choice(values.get("is"), ConsentIs.values, f"{path}.is")
        return None if self._count() > before else ConsentLeaf(str(purpose), str(channel), holds, path)

    def _audience(self, body: Any, path: str) -> Node | None:
        if isinstance(body, bool) or not isinstance(body, int) or not 0 < body < INT64:
            return self._refuse(path, REFERENCE)
        return AudienceLeaf(body, path)

    def _object(self, body: Mapping[str, Any], names: set[str], path: str) -> Mapping[str, Any]:
        for name in sorted(str(name)[:40] for name in set(body) - names)[:10]:
            self._refuse(f"{path}.{name}", UNKNOWN)
        return body

    def _operator(self, values: Mapping[str, Any], path: str) -> str:
        return self._choice(values.get("operator"), Operator.values, f"{path}.operator")

    def _choice(self, value: Any, values: Sequence[Any], path: str) -> str:
        if isinstance(value, str) and value in values:
            return str(value)
        self._refuse(path, CHOOSE)
        return ""

    def _number(self, value: Any, path: str, *, fine: int = 0) -> Decimal:
        """A number with at most `fine` decimals; without any it is a count and not below 0."""
        text = "" if isinstance(value, bool) or not isinstance(value, str | int | float) else str(value).strip()
        try:
            number = Decimal(text.replace(",", "")[:40])
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or abs(number) >= LARGEST:
            self._refuse(path, NUMBER)
            return Decimal(0)
        whole = not fine and (number < 0 or number != number.to_integral_value())
        self._require(not whole, path, WHOLE)
        self._require(whole or number == round(number, fine), path, TOO_FINE)
        return number

    def _days(self, value: Any, path: str) -> int | None:
        if value is None or value == "":
            return None
        days = whole_in("" if isinstance(value, bool) else str(value).strip(), least=1, most=LONGEST_DAYS)
        if days is None:
            self._refuse(path, WINDOW)
        return days

    def _texts(self, value: Any, path: str) -> tuple[str, ...]:
        given = [value] if isinstance(value, str) else value
        if not isinstance(given, Sequence) or len(given) > MOST_VALUES or not all(map(_is_text, given)):
            self._refuse(path, TEXTS)
            return ()
        return tuple(dict.fromkeys(text.strip() for text in given if text.strip()))

    def _require(self, holds: bool, path: str, sentence: Text) -> None:  # noqa: FBT001  # a condition
        if not holds:
            self.faults[path].append(sentence)

    def _refuse(self, path: str, sentence: Text) -> Node | None:
        """Nothing was read."""
        self.faults[path].append(sentence)
        return None

    def _count(self) -> int:
        return sum(map(len, self.faults.values()))


LEAVES = frozenset({"filter", "purchases", "interactions", "consent", "audience"})


def _is_text(value: Any) -> bool:
    """Also free of what PostgreSQL cannot hold."""
    return isinstance(value, str) and len(value) <= LONGEST_TEXT and not UNSTORABLE.search(value)


def read_rule(value: Any) -> tuple[Node | None, FieldErrors]:
    """The tree, or what is wrong with it by path."""
    reader = RuleReader()
    node = reader.node(value)
    return (None if reader.faults else node), dict(reader.faults)
