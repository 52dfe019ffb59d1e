"""Counting a list without reading it."""

from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.db import models
from django.utils.functional import cached_property
from unfold.paginator import InfinitePage

from core.selectors import estimated_count

if TYPE_CHECKING:
    _Paginator = Paginator[Any]
else:
    _Paginator = Paginator


LAST_PAGE = 200  # what lies further is found by searching: every page reads all those before it


class EstimatedPaginator(_Paginator):
    """The planner's estimate where a list is long, the exact number where it is short; the last page is found by walking."""

    template_name = "core/pagination.html"

    @cached_property
    def estimate(self) -> tuple[int, bool]:
        """How many rows, and whether that is exact."""
        if isinstance(self.object_list, models.QuerySet):
            return estimated_count(self.object_list)
        return len(self.object_list), True

    @property
    def is_exact(self) -> bool:
        return self.estimate[1]

    @cached_property
    def count(self) -> int:
        return self.estimate[0]

    def validate_number(self, number: float | str) -> int:
        """Pages beyond the estimated end may exist; an empty one says so itself. Leafing ends at LAST_PAGE."""
        if self.is_exact:
            return min(super().validate_number(number), LAST_PAGE)
        return min(max(1, int(number)), LAST_PAGE)

    @property
    def last_page(self) -> int:
        return LAST_PAGE

    def page(self, number: float | str) -> InfinitePage:
        """Like Django's, without cutting the page at an estimated end."""
        number = self.validate_number(number)
        bottom = (number - 1) * self.per_page
        return InfinitePage(self.object_list[bottom : bottom + self.per_page], number, self)
