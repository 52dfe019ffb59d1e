"""Filters of the member list, one definition for the list, saved views, rules of tags and the API.

An upper app registers its filters from its `apps.py`; the parameters of an address, a saved view (JSON) and a tag's
rule have the same form: {name: [values]}.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.errors import Text
from core.registries import Registry
from members.errors import FilterNotValid
from members.models import Member

Params = Mapping[str, Sequence[str] | str]
Choices = Callable[[], Sequence[tuple[str, str]]]
Range = tuple[Any, Any]


class FilterKind(StrEnum):
    """How a filter is asked for: any of several, one of many, yes, an amount or a day from … to, a text."""

    CHOICES = "choices"
    SELECT = "select"
    YES = "yes"
    RANGE = "range"
    DATES = "dates"
    TEXT = "text"


SUFFIXES = {FilterKind.RANGE: ("_min", "_max"), FilterKind.DATES: ("_from", "_to")}
YES = frozenset({"1", "true"})
LONGEST = 200


@dataclass(frozen=True, kw_only=True)
class MemberFilter:
    """`apply` narrows the members by a value that `read` made: texts, (least, most), (first day, last day), True, a text.

    Days are whole local days, the last one included. `choices` is asked in the moment a page shows them; only
    filters with `closed` refuse a value that is not among them.
    """

    code: str
    label: Text
    kind: FilterKind
    apply: Callable[[QuerySet[Member], Any], QuerySet[Member]]
    choices: Choices | None = None
    closed: bool = False
    order: int = 100
    unit: Text = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Its parameters: the code itself, or two with a suffix."""
        return tuple(f"{self.code}{suffix}" for suffix in SUFFIXES.get(self.kind, ("",)))

    def read(self, params: Params) -> Any:
        """The value in these parameters, None where it is not asked for. Raises FilterNotValid."""
        texts = [_texts(params, name) for name in self.names]
        if not any(texts):
            return None
        if self.kind in SUFFIXES:
            parse = _number if self.kind == FilterKind.RANGE else _day
            return tuple(parse(name, found[0]) if found else None for name, found in zip(self.names, texts, strict=True))
        if self.kind == FilterKind.YES:
            return True if texts[0][0] in YES else None
        return texts[0][0] if self.kind == FilterKind.TEXT else self._chosen(texts[0])

    def _chosen(self, texts: Sequence[str]) -> tuple[str, ...]:
        if self.closed and self.choices:
            known = {value for value, _label in self.choices()}
            if not known.issuperset(texts):
                raise FilterNotValid(fields={self.code: [_("This is not one of the choices.")]})
        return tuple(texts)


member_filters: Registry[MemberFilter] = Registry("member filters")


def read_filters(params: Params) -> dict[str, Any]:
    """{code: value} of the filters that these parameters ask for; other parameters are somebody else's."""
    values = {each.code: each.read(params) for each in member_filters}
    return {code: value for code, value in values.items() if value is not None}


def apply_filters(members: QuerySet[Member], values: Mapping[str, Any]) -> QuerySet[Member]:
    for code, value in values.items():
        members = member_filters.get(code).apply(members, value)
    return members


def filtered(members: QuerySet[Member], params: Params) -> QuerySet[Member]:
    """Members that these parameters let through. Raises FilterNotValid."""
    return apply_filters(members, read_filters(params))


def filter_params(params: Params) -> dict[str, list[str]]:
    """Only what filters ask for, without empty values: what a saved view or a tag's rule keeps."""
    known = {name for each in member_filters for name in each.names}
    found = {name: _texts(params, name) for name in sorted(known)}
    return {name: texts for name, texts in found.items() if texts}


def between(field: str) -> Callable[[QuerySet[Member], Range], QuerySet[Member]]:
    """Least and most of a column, both included."""

    def apply(members: QuerySet[Member], value: Range) -> QuerySet[Member]:
        least, most = value
        members = members if least is None else members.filter(**{f"{field}__gte": least})
        return members if most is None else members.filter(**{f"{field}__lte": most})

    return apply


def one_of(field: str) -> Callable[[QuerySet[Member], Sequence[str]], QuerySet[Member]]:
    return lambda members, values: members.filter(**{f"{field}__in": values})


def _texts(params: Params, name: str) -> list[str]:
    getlist = getattr(params, "getlist", None)
    given = getlist(name) if getlist else params.get(name, [])
    texts = [given] if isinstance(given, str) else given
    return [text[:LONGEST] for text in (str(each).replace("\x00", "").strip() for each in texts) if text]


def _number(name: str, text: str) -> Decimal:
    try:
        number = Decimal(text.replace(",", ""))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) >= Decimal(10) ** 12:
        raise FilterNotValid(fields={name: [_("This is not a number.")]})
    return number


def _day(name: str, text: str) -> date:
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass  # said below, as for any other text that is no day
    raise FilterNotValid(fields={name: [_("This is not a day; write it as 2026-11-22.")]})
