"""Conditions on facts as SQL: all that look at the same facts are read in one pass, as sums per member.

A pass is a derived table with a row for each member who has such a fact; it is joined from the left, so who has none
keeps her place and counts as 0 ("no purchase in 30 days" finds her). What was told of a record that was merged counts for the
one that stands for the person; where nobody was merged that is not asked. A join can be spilt to disk; a subquery under
`OR` or `NOT` could be run again for every member. Windows are `[as_of − N × 24 h, as_of)`.
"""

# the text of the SQL comes from this project alone; every value is a bound parameter

import operator
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from members.rules.persons import of_absorbed, owner_of
from segments.enums import PurchaseMeasure
from segments.rules.audience_tree import InteractionLeaf, PurchaseLeaf

COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
    "=": operator.eq,
}
_HEADER = "timeline_purchase AS fact"
_LINE = "timeline_purchaseline AS fact"
_PRODUCT = " JOIN timeline_product AS product ON product.id = fact.product_id"
_ORDER = """ JOIN timeline_purchase AS header
    ON (header.member_id, header.occurred_at, header.id) = (fact.member_id, fact.occurred_at, fact.purchase_id)"""
_INTERACTION = "timeline_interaction AS fact"
# Those members, and the records that were merged into them.
_RECORDS = "{} UNION ALL SELECT record.id FROM members_member AS record WHERE record.merged_into_id IN ({})"
_STORES = "store_id = ANY (ARRAY(SELECT id FROM accounts_store WHERE code = ANY (%s)))"


class Sql(NamedTuple):
    """A piece of a statement with the values of its places, in order."""

    text: str
    values: tuple[Any, ...] = ()

    def wrapped(self, form: str) -> "Sql":
        """`form` has one `{}`."""
        return Sql(form.format(self.text), self.values)


def joined(separator: str, parts: Iterable[Sql]) -> Sql:
    kept = list(parts)
    return Sql(separator.join(part.text for part in kept), tuple(value for part in kept for value in part.values))


class Column(NamedTuple):
    """One sum of a pass: the aggregate, what it counts, and its window."""

    aggregate: str
    condition: Sql
    days: int | None


@dataclass
class Pass:
    """One reading of one kind of facts."""

    alias: str
    source: str
    columns: list[Column] = field(default_factory=list)

    def place_of(self, column: Column) -> str:
        """The name of that sum; the same sum is taken once."""
        if column not in self.columns:
            self.columns.append(column)
        return f"{self.alias}.v{self.columns.index(column)}"

    def table(self, *, as_of: datetime, within: Sql | None, anybody_merged: bool) -> Sql:
        """The LEFT JOIN of the pass; `within` holds it to some members."""
        whose, absorbed, records = "fact.member_id", "", "{}"
        if anybody_merged:
            whose, absorbed, records = owner_of("fact"), f" {of_absorbed('fact')}", _RECORDS
        first = self.columns[0]
        same = all((each.condition, each.days) == (first.condition, first.days) for each in self.columns)
        parts = [_window(self._widest(), as_of)]
        if same:
            parts.append(first.condition)
        if within is not None:
            hers = Sql(records.replace("{}", within.text), within.values * records.count("{}"))
            parts.append(hers.wrapped("fact.member_id IN ({})"))
        sums = [self._sum(place, column, as_of, filtered=not same) for place, column in enumerate(self.columns)]
        where = joined(" AND ", (part for part in parts if part.text))
        return joined(
            "",
            (
                Sql(f" LEFT JOIN (SELECT {whose} AS member_id, "),
                joined(", ", sums),
                Sql(f" FROM {self.source}{absorbed} WHERE "),
                where,
                Sql(f' GROUP BY {whose}) AS {self.alias} ON {self.alias}.member_id = "members_member"."id"'),
            ),
        )

    def _sum(self, place: int, column: Column, as_of: datetime, *, filtered: bool) -> Sql:
        if not filtered:
            return Sql(f"{column.aggregate} AS v{place}")
        wanted = [column.condition] if column.condition.text else []
        if column.days != self._widest():
            wanted.append(Sql("fact.occurred_at >= %s", (_start(as_of, column.days),)))
        if not wanted:
            return Sql(f"{column.aggregate} AS v{place}")
        return joined(" AND ", wanted).wrapped(f"{column.aggregate} FILTER (WHERE {{}}) AS v{place}")

    def _widest(self) -> int | None:
        days = [column.days for column in self.columns]
        return None if None in days else max(each for each in days if each is not None)


class Passes:
    """The passes that a rule needs, by what they read."""

    def __init__(self, *, as_of: datetime, anybody_merged: bool) -> None:
        self._as_of = as_of
        self._anybody_merged = anybody_merged
        self._passes: dict[str, Pass] = {}

    def purchases(self, leaf: PurchaseLeaf) -> Sql:
        """The condition of the leaf, over the columns of its pass."""
        by_line = bool(leaf.products or leaf.categories or leaf.measure == PurchaseMeasure.UNITS)
        source = _source(leaf) if by_line else _HEADER
        condition = joined(" AND ", _scope(leaf, by_line=by_line))
        place = self._pass(source).place_of(Column(_aggregate(leaf.measure, by_line=by_line), condition, leaf.days))
        if leaf.measure in {PurchaseMeasure.SINCE_FIRST, PurchaseMeasure.SINCE_LAST}:
            return _days_since(place, leaf.operator, int(leaf.value), self._as_of)
        return _compared(place, leaf.operator, leaf.value)

    def interactions(self, leaf: InteractionLeaf) -> Sql:
        wanted = []
        if leaf.kinds:
            wanted.append(Sql("fact.kind = ANY (%s)", (list(leaf.kinds),)))
        if leaf.channels:
            wanted.append(Sql("fact.channel = ANY (%s)", (list(leaf.channels),)))
        column = Column("count(*)", joined(" AND ", wanted), leaf.days)
        return _compared(self._pass(_INTERACTION).place_of(column), leaf.operator, leaf.value)

    def tables(self, *, within: Sql | None) -> Sql:
        return joined(
            "",
            (
                each.table(as_of=self._as_of, within=within, anybody_merged=self._anybody_merged)
                for each in self._passes.values()
            ),
        )

    def _pass(self, source: str) -> Pass:
        return self._passes.setdefault(source, Pass(f"pass{len(self._passes)}", source))


def _source(leaf: PurchaseLeaf) -> str:
    """Lines, with their product and the header of their order where the scope asks for them."""
    return (
        _LINE
        + (_PRODUCT if leaf.products or leaf.categories else "")
        + (_ORDER if leaf.stores or leaf.channels else "")
    )


def _scope(leaf: PurchaseLeaf, *, by_line: bool) -> Iterable[Sql]:
    header = "header" if by_line else "fact"
    if leaf.measure not in {PurchaseMeasure.SPEND, PurchaseMeasure.UNITS}:
        yield Sql("fact.quantity > 0" if by_line else "fact.sold")
    if leaf.products:
        yield Sql("product.code = ANY (%s)", (list(leaf.products),))
    if leaf.categories:
        yield Sql("product.category = ANY (%s)", (list(leaf.categories),))
    if leaf.stores:
        yield Sql(f"{header}.{_STORES}", (list(leaf.stores),))
    if leaf.channels:
        yield Sql(f"{header}.channel = ANY (%s)", (list(leaf.channels),))


def _aggregate(measure: str, *, by_line: bool) -> str:
    match measure:
        case PurchaseMeasure.ORDERS:
            return "count(DISTINCT fact.purchase_id)" if by_line else "count(*)"
        case PurchaseMeasure.SPEND:
            return "sum(fact.amount)"
        case PurchaseMeasure.UNITS:
            return "sum(fact.quantity)"
        case PurchaseMeasure.SINCE_FIRST:
            return "min(fact.occurred_at)"
        case _:
            return "max(fact.occurred_at)"


def _compared(place: str, how: str, value: Decimal) -> Sql:
    """Who has no such fact counts as 0: named only where 0 is let in, so that the planner may drop her elsewhere."""
    if COMPARE[how](0, value):
        place = f"coalesce({place}, 0)"
    return Sql(f"{place} {how} %s", (value,))


def _days_since(place: str, how: str, days: int, as_of: datetime) -> Sql:
    """Whole days (of 24 hours) gone by since a moment; nothing holds where there was none."""
    at, after = as_of - timedelta(days=days), as_of - timedelta(days=days + 1)
    match how:
        case ">=":
            return Sql(f"{place} <= %s", (at,))
        case ">":
            return Sql(f"{place} <= %s", (after,))
        case "<":
            return Sql(f"{place} > %s", (at,))
        case "<=":
            return Sql(f"{place} > %s", (after,))
        case _:
            return Sql(f"({place} <= %s AND {place} > %s)", (at, after))


def _window(days: int | None, as_of: datetime) -> Sql:
    if days is None:
        return Sql("fact.occurred_at < %s", (as_of,))
    return Sql("fact.occurred_at >= %s AND fact.occurred_at < %s", (_start(as_of, days), as_of))


def _start(as_of: datetime, days: int | None) -> datetime:
    return as_of - timedelta(days=days or 0)


def all_of(parts: Sequence[Sql]) -> Sql:
    return joined(" AND ", parts).wrapped("({})")


def any_of(parts: Sequence[Sql]) -> Sql:
    return joined(" OR ", parts).wrapped("({})")


def none_of(part: Sql) -> Sql:
    """Also true where the condition is unknown: who has nothing does not have it."""
    return part.wrapped("({} IS NOT TRUE)")
