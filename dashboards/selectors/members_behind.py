"""The members behind a figure: who of a slice has anything of a fact in a window, those with the most first."""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.utils import timezone

from accounts.enums import Reach
from accounts.models import User
from dashboards.errors import CountTooSlow
from dashboards.rules.measuring import Slot, per_member
from dashboards.selectors.board import Part
from members.models import Member
from members.rules.persons import owner_at_hand
from segments.errors import AudienceTooSlow
from segments.selectors.audiences import patient
from timeline.models import fact_sources, member_slices

PAGE = 50
# The records of some members, those merged into them too: their rows alone are read.
_WHOSE = f"""
    WITH whose AS MATERIALIZED (
        SELECT id FROM (
            SELECT member.id, {owner_at_hand("member")} AS owner FROM members_member AS member
        ) AS record WHERE {{limits}}
    )
"""


@dataclass(frozen=True)
class Behind:
    """One member and her number; the name is masked for who may not see it."""

    member: Member
    value: Decimal


@dataclass(frozen=True)
class After:
    """Where the page before ended."""

    value: Decimal
    member_id: int


def members_behind(
    slot: Slot, part: Part, day: date, *, user: User, after: After | None = None
) -> tuple[list[Behind], After | None]:
    """A page of those whom `user` may see, and where the next one begins. Raises CountTooSlow after some seconds."""
    rows = _rows(slot, part, day, user=user, after=after)
    shown = rows[:PAGE]
    members = Member.objects.visible_to(user).select_related("home_store").in_bulk([number for number, _value in shown])
    found = [Behind(members[number], value) for number, value in shown if number in members]
    following = After(shown[-1][1], shown[-1][0]) if len(rows) > PAGE else None
    return found, following


def _rows(slot: Slot, part: Part, day: date, *, user: User, after: After | None) -> list[tuple[int, Decimal]]:
    """Number and value, one more than a page."""
    sources = {source.code: source for source in fact_sources}
    end = datetime.combine(day + timedelta(days=1), time(), timezone.get_default_timezone())
    first = day - timedelta(days=slot.window.back)
    values: dict[str, Any] = {"day": day, "end": end, "first": first, "last": day - timedelta(days=slot.window.until)}
    values |= {"zone": settings.TIME_ZONE, "most": PAGE + 1}
    conditions = ["f0 <> 0"]
    if after is not None:
        conditions.append("(round(f0::numeric, 4), -owner) < (%(value)s::numeric, -%(member)s::bigint)")
        values |= {"value": after.value, "member": after.member_id}
    own = sources[slot.source].parts.get(part.slice)
    limits = [_visible(user)] if own else [_visible(user), _belonging(part)]
    named = [f"owner IN ({_named(sql, given, values)})" for sql, given in limits if sql]
    only = f"{own}::text = ANY(%(ids)s)" if own else ""
    values |= {"ids": list(part.ids)} if own else {}
    some = user.reach != Reach.ALL or (not part.is_everybody and not own)
    told = per_member([slot], sources, staged=False, only=only, records="SELECT id FROM whose" if some else "")
    statement = f"""
        {_WHOSE.format(limits=" AND ".join(named)) if some else ""}
        SELECT owner, round(f0::numeric, 4) FROM ({told}) AS told
        WHERE owner IS NOT NULL AND {" AND ".join(conditions if some else [*conditions, *named])}
        ORDER BY round(f0::numeric, 4) DESC, owner LIMIT %(most)s
    """
    try:
        with patient(), connection.cursor() as cursor:
            cursor.execute(statement, values)
            return [(row[0], row[1]) for row in cursor.fetchall()]
    except AudienceTooSlow as slow:
        raise CountTooSlow from slow


def _visible(user: User) -> tuple[str, Sequence[Any]]:
    try:
        return Member.objects.visible_to(user).active().order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return "SELECT NULL::bigint WHERE false", ()


def _belonging(part: Part) -> tuple[str, Any]:
    """Who belongs to the part; empty for everybody."""
    if part.is_everybody:
        return "", ()
    kind = member_slices.get(part.slice)
    if kind.members:
        return f"SELECT member_id FROM ({kind.members}) AS belong WHERE slice_id = ANY(%(ids)s)", {
            "ids": list(part.ids)
        }
    now = (kind.members_now or dict)()
    found = [now[number] for number in part.ids if number in now]
    return found[0] if found else ("SELECT NULL::bigint WHERE false", ())


def _named(sql: str, given: Any, values: dict[str, Any]) -> str:
    """The text with values by name, as the rest of the statement has them."""
    if isinstance(given, dict):
        values |= given
        return sql
    names = []
    for value in given:
        name = f"p{len(values)}"
        values[name] = value
        names.append(f"%({name})s")
    parts = sql.split("%s")
    return "".join(part + name for part, name in zip(parts, [*names, ""], strict=True))
