"""Filters of the member list by tier, scores, money and tags."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from members.models import Member
from members.selectors.filters import FilterKind, MemberFilter, between, member_filters, one_of
from members.selectors.member_filters import on_days
from segments.models import MemberTag, Tag, Tier

SCORES = [(str(score), str(score)) for score in range(5, 0, -1)]


def tiers() -> list[tuple[str, str]]:
    return [(tier.code, str(tier)) for tier in Tier.objects.all()]


def tags() -> list[tuple[str, str]]:
    active = Tag.objects.filter(is_active=True).select_related("group").order_by("group__position", "group__name", "name")
    return [(str(tag.pk), f"{tag.group} · {tag}") for tag in active]


def scores() -> list[tuple[str, str]]:
    return SCORES


def tagged(members: QuerySet[Member], values: Sequence[str]) -> QuerySet[Member]:
    """Any of the tags."""
    wanted = [int(value) for value in values if value.isascii() and value.isdigit() and len(value) < 19]
    return members.filter(pk__in=MemberTag.objects.filter(tag__in=wanted).values("member"))


def _score(code: str, label: str, order: int) -> MemberFilter:
    return MemberFilter(
        code=code,
        label=label,
        kind=FilterKind.CHOICES,
        apply=one_of(f"standing__{code}"),
        choices=scores,
        closed=True,
        order=order,
    )


def _amount(code: str, label: Any, field: str, order: int, unit: str = "") -> MemberFilter:
    return MemberFilter(
        code=code, label=label, kind=FilterKind.RANGE, apply=between(f"standing__{field}"), order=order, unit=unit
    )


member_filters.register_all(
    [
        MemberFilter(
            code="tier",
            label=_("tier"),
            kind=FilterKind.CHOICES,
            apply=one_of("standing__tier"),
            choices=tiers,
            closed=True,
            order=10,
        ),
        MemberFilter(code="tag", label=_("tag"), kind=FilterKind.SELECT, apply=tagged, choices=tags, order=11),
        _score("r", "R", 20),
        _score("f", "F", 21),
        _score("m", "M", 22),
        _amount("spend", _("spend ¥"), "monetary", 30, "¥"),
        _amount("orders", _("orders"), "frequency", 31),
        MemberFilter(
            code="last_order",
            label=_("last purchase"),
            kind=FilterKind.DATES,
            apply=on_days("standing__last_order_at"),
            order=40,
        ),
        MemberFilter(
            code="last_interaction",
            label=_("last interaction"),
            kind=FilterKind.DATES,
            apply=on_days("standing__last_interaction_at"),
            order=41,
        ),
    ]
)
