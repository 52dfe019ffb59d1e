"""What the member list itself can be searched and filtered by: names, identities, places, people, dates."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import Role
from accounts.models import Store, User
from members.enums import CityTier, Gender
from members.models import City, Identity, Member
from members.rules.identities import possible_values
from members.selectors.filters import FilterKind, MemberFilter, Range, member_filters, one_of
from members.selectors.identities import lookup_of

Choice = tuple[str, str]


def search(members: QuerySet[Member], text: str) -> QuerySet[Member]:
    """Who has exactly this identity (by index); nobody: whose name contains it."""
    known = [(kind, lookup_of(kind, value)) for kind, value in possible_values(text)]
    rows = Identity.objects.filter(lookup__in={lookup for _kind, lookup in known}).values_list("type", "lookup", "member")
    owners = {owner for kind, lookup, owner in rows if (kind, lookup) in known}
    return members.filter(pk__in=owners) if owners else members.filter(name__icontains=text)


def on_days(field: str) -> Any:
    """First and last local day of a moment, both included."""

    def apply(members: QuerySet[Member], value: Range) -> QuerySet[Member]:
        first, last = value
        members = members if first is None else members.filter(**{f"{field}__gte": _midnight(first)})
        return members if last is None else members.filter(**{f"{field}__lt": _midnight(last + timedelta(days=1))})

    return apply


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _numbers(values: Sequence[str]) -> list[int]:
    return [int(value) for value in values if value.isascii() and value.isdigit() and len(value) < 19]


def _by_number(field: str) -> Any:
    return lambda members, values: members.filter(**{f"{field}__in": _numbers(values)})


def cities() -> list[Choice]:
    return [(str(pk), name) for pk, name in City.objects.order_by("tier", "name").values_list("pk", "name")]


def stores() -> list[Choice]:
    return [(str(pk), name) for pk, name in Store.objects.order_by("code").values_list("pk", "name")]


def guides() -> list[Choice]:
    people = User.objects.filter(role=Role.GUIDE, is_active=True).order_by("display_name", "username")
    return [(str(user.pk), str(user)) for user in people[:500]]


def months() -> list[Choice]:
    return [(str(month), str(month)) for month in range(1, 13)]


def _city_tiers() -> list[Choice]:
    return [(value, str(label)) for value, label in CityTier.choices if value]


def _genders() -> list[Choice]:
    return [(value, str(label)) for value, label in Gender.choices if value]


member_filters.register_all(
    [
        MemberFilter(code="q", label=_("search"), kind=FilterKind.TEXT, apply=search, order=0),
        MemberFilter(
            code="city_tier",
            label=_("city tier"),
            kind=FilterKind.CHOICES,
            apply=one_of("city__tier"),
            choices=_city_tiers,
            closed=True,
            order=50,
        ),
        MemberFilter(
            code="city", label=_("city"), kind=FilterKind.SELECT, apply=_by_number("city"), choices=cities, order=51
        ),
        MemberFilter(
            code="store", label=_("home store"), kind=FilterKind.SELECT, apply=_by_number("home_store"), choices=stores, order=52
        ),
        MemberFilter(
            code="guide", label=_("guide"), kind=FilterKind.SELECT, apply=_by_number("guide"), choices=guides, order=53
        ),
        MemberFilter(
            code="gender",
            label=_("gender"),
            kind=FilterKind.CHOICES,
            apply=one_of("gender"),
            choices=_genders,
            closed=True,
            order=60,
        ),
        MemberFilter(
            code="birthday_month",
            label=_("birthday month"),
            kind=FilterKind.SELECT,
            apply=_by_number("birthday__month"),
            choices=months,
            closed=True,
            order=61,
        ),
        MemberFilter(code="channel", label=_("channel of origin"), kind=FilterKind.TEXT, apply=lambda members, text: members.filter(channel=text), order=62),
        MemberFilter(code="registered", label=_("registered"), kind=FilterKind.DATES, apply=on_days("registered_at"), order=70),
    ]
)
