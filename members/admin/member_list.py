"""The member list: columns, filters and acts that every app adds to, in a fixed number of queries."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.urls import reverse

from core.errors import FieldErrors
from core.selectors import estimated_count
from members.admin.extension import MemberAct, MemberColumn, member_acts, member_columns
from members.errors import FilterNotValid
from members.models import Member, SavedView, filter_members, filter_names

PER_PAGE = 50
_PAGE = re.compile(r"[0-9]{1,5}")
LAST_PAGE = 200  # beyond 10,000 rows a filter finds somebody sooner than leafing


@dataclass(frozen=True)
class Sort:
    """The column that orders the list, and which way; the newest members first where none is chosen."""

    column: MemberColumn | None
    descending: bool

    @classmethod
    def read(cls, text: str) -> "Sort":
        code = text.removeprefix("-")
        column = member_columns.get(code) if code in member_columns else None
        return cls(column if column and column.sort else None, text.startswith("-"))

    def apply(self, members: QuerySet[Member]) -> QuerySet[Member]:
        if self.column is None:
            return members.order_by("-id")
        names = (*self.column.sort, "id")  # equal values keep their places from page to page
        turned = [f"-{name}" if self.descending else name for name in dict.fromkeys(names)]
        return members.filter(**self.column.sort_scope).order_by(*turned)


@dataclass(frozen=True)
class Row:
    member: Member
    cells: list[tuple[MemberColumn, str]]
    spend: Decimal


@dataclass(frozen=True)
class Head:
    column: MemberColumn
    order: str  # ascending, descending or nothing
    next_sort: str  # what a click asks for, empty where the column does not sort


def found_in(members: QuerySet[Member], params: QueryDict, *, now: datetime) -> tuple[QuerySet[Member], FieldErrors]:
    """Who the filters let through; nobody, and why, where a filter cannot be understood."""
    try:
        return filter_members(members, dict(params.lists()), now=now), {}
    except FilterNotValid as error:
        return members.none(), error.fields


def rows_of(members: Sequence[Member], columns: Sequence[MemberColumn]) -> list[Row]:
    """Cells of all members; each distinct `load` is asked once."""
    loaded = {load: load(members) for load in {column.load for column in columns if column.load}}
    return [_row(member, columns, loaded) for member in members]


def _row(
    member: Member, columns: Sequence[MemberColumn], loaded: Mapping[Callable[..., Any], Mapping[int, Any]]
) -> Row:
    values = [loaded[column.load].get(member.pk) if column.load else None for column in columns]
    cells = [(column, column.render(member, value)) for column, value in zip(columns, values, strict=True)]
    weights = (column.weigh(value) for column, value in zip(columns, values, strict=True) if column.weigh and value)
    return Row(member, cells, next(weights, Decimal(0)))


def heads_of(columns: Sequence[MemberColumn], sort: Sort) -> list[Head]:
    return [_head(column, sort) for column in columns]


def _head(column: MemberColumn, sort: Sort) -> Head:
    if column != sort.column:
        first = "-" if column.numeric or column.newest_first else ""
        return Head(column, "", f"{first}{column.code}" if column.sort else "")
    now, other = ("descending", "") if sort.descending else ("ascending", "-")
    return Head(column, now, f"{other}{column.code}")


def page_of(members: QuerySet[Member], number: int) -> tuple[list[Member], bool]:
    """The members of one page, and whether another follows."""
    bottom = (number - 1) * PER_PAGE
    found = list(members.select_related("city", "home_store", "guide")[bottom : bottom + PER_PAGE + 1])
    return found[:PER_PAGE], len(found) > PER_PAGE


def page_number(params: QueryDict) -> int:
    text = params.get("page", "1")
    return min(max(int(text), 1), LAST_PAGE) if _PAGE.fullmatch(text) else 1


def acts_for(request: HttpRequest) -> list[tuple[MemberAct, str]]:
    return [
        (act, reverse("admin:members_member_act", args=(act.code,)))
        for act in member_acts
        if request.user.has_perm(act.permission)
    ]


def count_of(members: QuerySet[Member], shown: Sequence[Member], number: int, *, more: bool) -> tuple[int, bool]:
    """How many there are, and whether exactly; nothing is asked where the page itself says it."""
    if not more and (shown or number == 1):
        return (number - 1) * PER_PAGE + len(shown), True
    return estimated_count(members)


def view_query(params: QueryDict) -> str:
    """What of an address makes a view: its filters, in a fixed order; not the page, nor how it is sorted."""
    return _encoded(filters_in(params))


def filters_in(params: QueryDict) -> dict[str, list[str]]:
    """The parameters that filters read, in a fixed order, without empty values."""
    known = filter_names()
    found = {name: [text for text in params.getlist(name) if text.strip()] for name in sorted(params) if name in known}
    return {name: texts for name, texts in found.items() if texts}


def views_for(request: HttpRequest, here: str) -> list[dict[str, Any]]:
    """Saved views as tabs: one's own and the shared ones."""
    views = SavedView.objects.filter(owner=request.user.pk) | SavedView.objects.filter(shared=True)
    return [_tab(view, here, mine=view.owner_id == request.user.pk) for view in views.order_by("name")[:20]]


def _tab(view: SavedView, here: str, *, mine: bool) -> dict[str, Any]:
    text = _encoded(dict(sorted(view.filters.items())))
    return {"view": view, "query": text, "current": text == here, "mine": mine}


def _encoded(params: Mapping[str, Sequence[str]]) -> str:
    return urlencode(params, doseq=True)
