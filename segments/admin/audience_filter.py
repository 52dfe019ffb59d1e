"""Members by saved audience: one filter for the list, its export, saved views, rules of tags and the API."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from core.reading import read_once
from members.enums import FilterKind
from members.errors import FilterNotValid
from members.models import Member, MemberFilter, member_filters
from segments.enums import AudienceState
from segments.errors import AudienceInvalid
from segments.models import Audience
from segments.rules.audience_tree import Any_, AudienceLeaf
from segments.selectors.audiences import audience_statement

CODE = "audience"


@read_once
def audiences() -> list[tuple[str, str]]:
    """Number and name of every audience in use."""
    rows = Audience.objects.filter(state=AudienceState.ACTIVE).order_by("name").values_list("pk", "name")
    return [(str(pk), name) for pk, name in rows]


def in_audience(members: QuerySet[Member], values: Sequence[str], *, now: datetime) -> QuerySet[Member]:
    """In any of the audiences. Raises FilterNotValid where the rule of one names what is gone."""
    chosen = Any_(tuple(AudienceLeaf(int(value)) for value in values))
    try:
        text, numbers = audience_statement(chosen, now=now)
    except AudienceInvalid as broken:
        raise FilterNotValid(fields={CODE: [FilterNotValid.message]}) from broken
    return members.filter(pk__in=RawSQL(text, numbers))  # noqa: S611  # every value is a bound parameter


member_filters.register(
    MemberFilter(
        code=CODE,
        label=_("audience"),
        kind=FilterKind.CHOICES,
        apply=in_audience,
        options=audiences,
        closed=True,
        order=9,
        timed=True,
    )
)
