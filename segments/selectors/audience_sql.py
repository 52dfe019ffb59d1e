"""Compiles the rule of an audience to one SELECT of member numbers.

Every condition is a column of something that is joined to members from the left, so each may stand under `any` and
`not`; `joined` facts are read once each. A filter that another app registered is taken as Django writes it: its own
WHERE and joins where those add no rows and hold no subquery, otherwise as a derived table of member numbers.
"""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import EmptyResultSet, FullResultSet
from django.db import connection
from django.db.models import QuerySet
from django.db.models.sql.datastructures import BaseTable, Join

from compliance.enums.consent import GRANTS, Channel, ConsentAction
from compliance.rules.consent import is_asked_by_channel
from compliance.rules.consent_sql import STATE, prevailing_sql
from compliance.rules.gate import RESTRICTED_PERSONS
from members.models import Member, filter_members
from members.rules.persons import ABSORBED
from segments.enums import ConsentIs
from segments.rules.audience_facts import Passes, Sql, all_of, any_of, joined, none_of
from segments.rules.audience_tree import (
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

ID = '"members_member"."id"'
_STATE = STATE.format(alias="{alias}", purpose="%s", channel="%s", person=ID, absorbed=f"({ABSORBED})")
NOT_RESTRICTED = f"NOT EXISTS (SELECT FROM ({RESTRICTED_PERSONS}) AS restricted WHERE restricted.person_id = {ID})"
ACTIONS: Mapping[str, list[str]] = {
    ConsentIs.GIVEN: [str(action) for action in GRANTS],
    ConsentIs.REFUSED: [str(ConsentAction.REFUSE)],
    ConsentIs.WITHDRAWN: [str(ConsentAction.WITHDRAW)],
}


def statement_of(
    rule: Node, *, audiences: Mapping[int, Node], now: datetime, within: QuerySet[Member] | None = None
) -> Sql:
    """SELECT of the numbers of the members who match at `now`, without those merged into others or stored only.

    `audiences` holds the rules of all that the rule refers to, at any depth; `within` narrows to some members, whose
    facts alone are then read.
    """
    compiling = _Compiling(audiences, now)
    condition = compiling.condition(rule)
    narrowed = None if within is None else _ids(within)
    conditions = [Sql('"members_member"."merged_into_id" IS NULL'), Sql(NOT_RESTRICTED), condition]
    if narrowed is not None:
        conditions.append(narrowed.wrapped(f"{ID} IN ({{}})"))
    return joined(
        "",
        (
            Sql(f'SELECT {ID} AS member_id FROM "members_member"'),
            compiling.tables(within=narrowed),
            joined(" AND ", conditions).wrapped(" WHERE {}"),
        ),
    )


class _Compiling:
    """One statement in the making."""

    def __init__(self, audiences: Mapping[int, Node], now: datetime) -> None:
        self._audiences = audiences
        self._now = now
        anybody = Member.objects.filter(merged_into__isnull=False).exists()
        self._passes = Passes(as_of=now.astimezone(UTC), anybody_merged=anybody)
        self._joins: dict[str, Sql] = {}

    def condition(self, node: Node) -> Sql:  # noqa: C901, PLR0911  # one case for each kind of part
        match node:
            case AllOf(children):
                return all_of([self.condition(child) for child in children])
            case AnyOf(children):
                return any_of([self.condition(child) for child in children])
            case Not(child):
                return none_of(self.condition(child))
            case AudienceLeaf(audience):
                return self.condition(self._audiences[audience])
            case PurchaseLeaf():
                return self._passes.purchases(node)
            case InteractionLeaf():
                return self._passes.interactions(node)
            case ConsentLeaf():
                return self._consent(node)
            case FilterLeaf():
                return self._filter(node)

    def tables(self, *, within: Sql | None) -> Sql:
        return joined("", (*self._joins.values(), self._passes.tables(within=within)))

    def _consent(self, leaf: ConsentLeaf) -> Sql:
        """As the gate reads it: over all records of the person."""
        action = f"{self._state(leaf.purpose, leaf.channel)}.action"
        if is_asked_by_channel(leaf.purpose) and leaf.channel != Channel.ANY:
            general = self._state(leaf.purpose, Channel.ANY)
            own = self._state(leaf.purpose, leaf.channel)
            action = prevailing_sql("action", general=general, own=own)
        if leaf.holds == ConsentIs.NEVER:
            return Sql(f"({action} IS NULL)")
        return Sql(f"({action} = ANY (%s))", (ACTIONS[leaf.holds],))

    def _state(self, purpose: str, channel: str) -> str:
        """The alias of what she says for a purpose and channel."""
        return self._joined("said", _STATE, 2 * (purpose, str(channel)))

    def _filter(self, leaf: FilterLeaf) -> Sql:
        members = filter_members(Member.objects.order_by(), leaf.given, now=self._now)
        return self._plain(members) or self._derived(members)

    def _plain(self, members: QuerySet[Member]) -> Sql | None:
        """The WHERE of the queryset beside its joins, None where that would add rows or hold a subquery."""
        query = members.query.clone()
        compiler = query.get_compiler(connection=connection)
        compiler.pre_sql_setup()
        try:
            text, values = compiler.compile(query.where)
        except FullResultSet:
            return Sql("true")
        except EmptyResultSet:
            return Sql("false")
        joins = [join for alias, join in query.alias_map.items() if query.alias_refcount[alias]]
        if "SELECT" in text or query.distinct or not all(map(_keeps_rows, joins)):
            return None
        for join in joins:
            if isinstance(join, Join) and not self._take(join, compiler):
                return None
        return Sql(f"({text})", tuple(values))

    def _take(self, join: Join, compiler: Any) -> bool:
        """Make the join a left one of the statement; False where its name stands for something else already."""
        text, values = join.as_sql(compiler, connection)
        name = join.table_alias or join.table_name
        made = Sql(f" {text.replace(str(join.join_type), 'LEFT OUTER JOIN', 1)}", tuple(values))
        return self._joins.setdefault(f"filter {name}", made) == made

    def _derived(self, members: QuerySet[Member]) -> Sql:
        found = _ids(members)
        alias = self._joined(
            "found", f" LEFT JOIN ({found.text}) AS {{alias}} (id) ON {{alias}}.id = {ID}", found.values
        )
        return Sql(f"({alias}.id IS NOT NULL)")

    def _joined(self, prefix: str, form: str, values: tuple[Any, ...]) -> str:
        """The alias of a join; the same join is made once."""
        key = f"{prefix} {form} {values!r}"
        alias = f"{prefix}{len(self._joins)}"
        if key not in self._joins:
            self._joins[key] = Sql(form.replace("{alias}", alias), values)
            return alias
        return f"{prefix}{list(self._joins).index(key)}"


def _keeps_rows(join: BaseTable | Join) -> bool:
    """A table joined by what is unique in it, as every filter that names each member once does."""
    if not isinstance(join, Join):
        return True
    field: Any = join.join_field
    return join.filtered_relation is None and bool(field.many_to_one or field.one_to_one)


def _ids(members: QuerySet[Member]) -> Sql:
    """SELECT of the numbers of members."""
    try:
        text, values = members.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return Sql("SELECT NULL::bigint WHERE false")
    return Sql(text, tuple(values))
