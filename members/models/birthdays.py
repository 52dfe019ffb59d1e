"""Whose birthday it is: the one of the record that stands for her, else of a record that was merged into it."""

# ruff: noqa: S608, S611  # the text of the SQL comes from this project alone; every value is a bound parameter

from collections.abc import Sequence

from django.db.models import Q
from django.db.models.expressions import RawSQL

from members.rules.persons import BORN

_IN = f"SELECT born.person_id FROM ({BORN}) AS born WHERE extract(month FROM born.birthday)::integer = ANY (%s)"
_ON = f"{_IN} AND extract(day FROM born.birthday)::integer = %s"


def born_in(months: Sequence[int]) -> Q:
    """Members born in one of these months (1 to 12)."""
    return Q(birthday__month__in=months) | Q(birthday=None, pk__in=RawSQL(_IN, ([*months],)))


def born_on(month: int, day: int) -> Q:
    """Members born on that day of any year."""
    return Q(birthday__month=month, birthday__day=day) | Q(birthday=None, pk__in=RawSQL(_ON, ([month], day)))
