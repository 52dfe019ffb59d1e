"""Whose data may be used, as a condition on members."""

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from compliance.rules.gate import RESTRICTED_PERSONS
from members.models import Member


def not_restricted(members: QuerySet[Member]) -> QuerySet[Member]:
    """Those of them whose data are not only stored: she asked for that, or a legal hold stands, on any of her records."""
    return members.exclude(pk__in=RawSQL(RESTRICTED_PERSONS, ()))  # noqa: S611  # a constant of this project
