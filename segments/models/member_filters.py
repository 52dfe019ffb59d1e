"""Filters of members by tier, scores, money and tags."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from core.errors import Text
from core.reading import read_once
from core.rules.whole import whole_in
from members.enums import FilterKind
from members.models import Member, MemberFilter, member_filters, one_of, within
from members.models.filters import UNSET
from members.rules.parameters import Span
from segments.models.tags import MemberTag, Tag
from segments.models.tiers import Tier

SCORES = [(str(score), str(score)) for score in range(5, 0, -1)]
NO_SCORE = (UNSET, _("no order"))


@read_once
def tiers() -> list[tuple[str, str]]:
    """Code and name of every tier in order of match."""
    return [(tier.code, str(tier)) for tier in Tier.objects.order_by("position", "id")]


def tags() -> list[tuple[str, Text]]:
    active = (
        Tag.objects.filter(is_active=True).select_related("group").order_by("group__position", "group__name", "name")
    )
    return [(str(tag.pk), f"{tag.group} · {tag}") for tag in active]


def scores() -> list[tuple[str, Text]]:
    return [*SCORES, NO_SCORE]


def tagged(members: QuerySet[Member], values: Sequence[str]) -> QuerySet[Member]:
    """Any of the tags; a subquery, so that nobody appears twice."""
    wanted = [number for number in map(whole_in, values) if number is not None]
    return members.filter(pk__in=MemberTag.objects.filter(tag__in=wanted).values("member"))


def between(lookup: str) -> Callable[[QuerySet[Member], Span], QuerySet[Member]]:
    """Numbers from … to, both included."""

    def apply(members: QuerySet[Member], span: Span) -> QuerySet[Member]:
        members = members if span.start is None else members.filter(**{f"{lookup}__gte": span.start})
        return members if span.end is None else members.filter(**{f"{lookup}__lte": span.end})

    return apply


def _score(code: str, order: int) -> MemberFilter:
    apply = one_of(f"standing__{code}", unset=Q(**{f"standing__{code}": None}))
    return MemberFilter(
        code=code, label=code.upper(), kind=FilterKind.CHOICES, apply=apply, options=scores, closed=True, order=order
    )


def _numbers(code: str, label: Any, lookup: str, order: int, unit: str = "") -> MemberFilter:
    return MemberFilter(code=code, label=label, kind=FilterKind.NUMBERS, apply=between(lookup), order=order, unit=unit)


def _moments(code: str, label: Any, lookup: str, order: int) -> MemberFilter:
    return MemberFilter(code=code, label=label, kind=FilterKind.MOMENTS, apply=within(lookup), order=order)


member_filters.register_all(
    [
        MemberFilter(
            code="tier",
            label=_("tier"),
            kind=FilterKind.CHOICES,
            apply=one_of("standing__tier", unset=Q(standing=None)),
            options=tiers,
            closed=True,
            order=10,
        ),
        MemberFilter(
            code="tag", label=_("tag"), kind=FilterKind.CHOICES, apply=tagged, options=tags, closed=True, order=11
        ),
        _score("r", 20),
        _score("f", 21),
        _score("m", 22),
        _numbers("spend", _("spend ¥"), "standing__monetary", 30, "¥"),
        _numbers("orders", _("orders"), "standing__frequency", 31),
        _moments("last_order", _("last purchase"), "standing__last_order_at", 40),
        _moments("last_interaction", _("last interaction"), "standing__last_interaction_at", 41),
    ]
)
