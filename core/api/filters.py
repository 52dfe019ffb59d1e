"""Filters from the query string; a name that nobody knows is refused, because a filter lost in silence shows everybody."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django_filters import BooleanFilter
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.request import Request
from rest_framework.views import APIView

from core.errors import ValidationFailed

OF_PAGES = frozenset({"cursor", "page_size"})


class _YesNoField(forms.Field):
    def to_python(self, value: Any) -> bool | None:
        if value in {None, "", "true", "false"}:
            return None if not value else value == "true"
        raise forms.ValidationError(_("Say true or false."))


class YesNoFilter(BooleanFilter):
    """`true` or `false`; anything else is refused instead of passed over."""

    field_class = _YesNoField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.extra.pop("widget", None)


class StrictFilterBackend(DjangoFilterBackend):
    """django-filter over the view's `filterset_class`; an unknown parameter is a 400."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: APIView) -> QuerySet[Any]:
        filterset = self.get_filterset(request, queryset, view)
        refuse_unknown(request, filterset.form.fields if filterset is not None else ())
        narrowed: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        return narrowed


def refuse_unknown(request: Request, known: Iterable[str]) -> None:
    """Raises ValidationFailed naming every parameter that is neither known nor of paging, and every one left empty."""
    unknown = set(request.query_params) - set(known) - OF_PAGES
    faults = {name[:100]: [_("There is no such parameter.")] for name in sorted(unknown)[:20]}
    for name, values in request.query_params.lists():
        if name not in unknown and not all(value.strip() for value in values):
            faults[name] = [_("Say a value, or leave the parameter out.")]
    if faults:
        raise ValidationFailed(fields=faults)
