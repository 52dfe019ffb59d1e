"""The filters of the member list as parameters of the API: whatever registers a filter of members has it here too."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request
from rest_framework.views import APIView

from core.api.filters import refuse_unknown
from members.enums import FilterKind
from members.models import MemberFilter, filter_members, member_filters

# Search by identity goes by POST to /members/lookup/: a phone number stands in no address and in no log of one.
NOT_HERE = frozenset({"q"})

SCHEMAS: dict[FilterKind, dict[str, Any]] = {
    FilterKind.NUMBERS: {"type": "string", "pattern": r"^-?[0-9]{1,11}(\.[0-9]{1,2})?$"},
    FilterKind.MOMENTS: {"type": "string", "pattern": r"^([0-9]{4}-[0-9]{2}-[0-9]{2}|-[0-9]{1,4}d)$"},
    FilterKind.FLAG: {"type": "string", "enum": ["1", "0"]},
    FilterKind.TEXT: {"type": "string", "minLength": 1, "maxLength": 200},
}


class MemberFilterBackend(BaseFilterBackend):
    """One definition serves the admin's list, saved views, rules of tags, and this."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: APIView) -> QuerySet[Any]:
        del view
        refuse_unknown(request, (name for entry in offered() for name in entry.names))
        return filter_members(queryset, dict(request.query_params.lists()), now=timezone.now())

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        del view
        return [_parameter(entry, name) for entry in offered() for name in entry.names]


def offered() -> Iterator[MemberFilter]:
    return (entry for entry in member_filters if entry.code not in NOT_HERE)


def _parameter(entry: MemberFilter, name: str) -> dict[str, Any]:
    """Without the values that may be chosen: they stand in the database, and the description is open to everybody."""
    many = entry.kind == FilterKind.CHOICES
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": " ".join(filter(None, (str(entry.label).capitalize(), str(entry.help or "")))),
        "schema": {"type": "array", "items": SCHEMAS[FilterKind.TEXT]} if many else SCHEMAS[entry.kind],
        **({"explode": True, "style": "form"} if many else {}),
    }
