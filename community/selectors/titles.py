"""Who holds which title, and what was given and lost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, Count, F, Q, QuerySet, When

from community.models import Group, TitleHolding


@dataclass(frozen=True, slots=True)
class Counts:
    """Of one title: held now, given and lost since a day."""

    held: int
    given: int
    lost: int


def title_counts(groups: QuerySet[Group], *, since: date) -> Mapping[int, Counts]:
    rows = (
        TitleHolding.objects.filter(group__in=groups)
        .order_by()
        .values_list("title")
        .annotate(
            held=Count("pk", filter=Q(lost_on=None)),
            given=Count("pk", filter=Q(since__gte=since)),
            lost=Count("pk", filter=Q(lost_on__gte=since)),
        )
    )
    return {title: Counts(held, given, lost) for title, held, given, lost in rows}


def holders(group: Group, *, most: int) -> Sequence[TitleHolding]:
    """Who holds a title in the group, the highest first; badges after titles of their level."""
    found = TitleHolding.objects.filter(group=group, lost_on=None).select_related(
        "title", "participant__member", "participant__staff", "group"
    )
    return list(found.order_by("-title__level", "-title__kind", "since", "pk")[:most])


def moves_of(groups: QuerySet[Group], *, most: int) -> Sequence[TitleHolding]:
    """What was given and lost last."""
    moved = TitleHolding.objects.filter(group__in=groups).annotate(
        moved_on=Case(When(lost_on=None, then=F("since")), default=F("lost_on"))
    )
    return list(
        moved.select_related("title", "participant__member", "participant__staff", "group").order_by(
            "-moved_on", "-pk"
        )[:most]
    )
