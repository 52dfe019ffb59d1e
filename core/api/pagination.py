"""Pages by a cursor: the next page begins where this one ended, also while rows are being added."""

import re
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.views import APIView

from core.api.parsers import is_storable
from core.errors import ValidationFailed

_WHOLE = re.compile(r"[0-9]{1,4}")


class CursorPages(CursorPagination):
    """Newest first by id unless the view sets `ordering`; 50 rows, at most 500 by `?page_size=`."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 500
    ordering: str | tuple[str, ...] = "-id"

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any] | None:
        cursor = self.decode_cursor(request)
        if cursor is not None and cursor.position is not None and view is not None:
            self._check_position(str(cursor.position), queryset, self.get_ordering(request, queryset, view)[0])
        return super().paginate_queryset(queryset, request, view)

    def get_page_size(self, request: Request) -> int:
        """What `?page_size=` says, from 1 to 500; anything else is refused instead of passed over."""
        text = request.query_params.get(self.page_size_query_param)
        if text is None:
            return self.page_size
        if not (_WHOLE.fullmatch(text) and 1 <= int(text) <= self.max_page_size):
            message = _("A whole number from 1 to %(most)d is expected.") % {"most": self.max_page_size}
            raise ValidationFailed(fields={self.page_size_query_param: [message]})
        return int(text)

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        """Says the bounds too."""
        parameters = super().get_schema_operation_parameters(view)
        bounds = {"type": "integer", "minimum": 1, "maximum": self.max_page_size, "default": self.page_size}
        return [{**one, "schema": bounds} if one["name"] == self.page_size_query_param else one for one in parameters]

    def decode_cursor(self, request: Request) -> Cursor | None:
        try:
            return super().decode_cursor(request)
        except NotFound as error:
            raise _refusal() from error

    @staticmethod
    def _check_position(position: str, queryset: QuerySet[Any], ordering: str) -> None:
        """A cursor is what we gave out; one that was made up must not reach the database."""
        try:
            field = queryset.model._meta.get_field(ordering.lstrip("-"))  # documented API of Django
            value = field.to_python(position)
        except FieldDoesNotExist:
            value = position
        except (ValidationError, ValueError, OverflowError) as error:
            raise _refusal() from error
        if not is_storable(position) or (isinstance(value, int) and abs(value) >= 2**63):
            raise _refusal()


def _refusal() -> ValidationFailed:
    return ValidationFailed(fields={"cursor": [_("This is not a cursor that was given out here.")]})
