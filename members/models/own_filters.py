"""The filters that members themselves bring."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _

from accounts.enums import Role
from accounts.models import Store, User
from core.errors import Text
from core.keys import indexer
from core.reading import read_once
from core.rules.whole import whole_in
from members.enums import CityTier, FilterKind, Gender
from members.models.birthdays import born_in
from members.models.city import City
from members.models.filters import UNSET, MemberFilter, member_filters
from members.models.identity import Identity
from members.models.member import Member, MemberQuerySet
from members.rules.identities import PURPOSES, possible_values
from members.rules.parameters import Span

MOST_CHANNELS = 50
NOT_SET = (UNSET, _("not set"))
# Hops along the index from one channel to the next instead of reading all members.
_CHANNELS = """
WITH RECURSIVE hop (channel) AS (
    SELECT min(channel) FROM members_member WHERE channel > ''
    UNION ALL
    SELECT (SELECT min(channel) FROM members_member WHERE channel > hop.channel) FROM hop WHERE hop.channel IS NOT NULL
)
SELECT channel FROM hop WHERE channel IS NOT NULL LIMIT %(most)s
"""


def one_of(lookup: str, *, unset: Q) -> Callable[[QuerySet[Member], Sequence[str]], QuerySet[Member]]:
    """Members for whom `lookup` has one of the values; the value `-` stands for those who have none."""

    def apply(members: QuerySet[Member], values: Sequence[str]) -> QuerySet[Member]:
        wanted = Q(**{f"{lookup}__in": [value for value in values if value != UNSET]})
        return members.filter(wanted | unset if UNSET in values else wanted)

    return apply


def within(lookup: str) -> Callable[[QuerySet[Member], Span], QuerySet[Member]]:
    """Members for whom the moment `lookup` lies in a span."""

    def apply(members: QuerySet[Member], span: Span) -> QuerySet[Member]:
        if span.start is not None:
            members = members.filter(**{f"{lookup}__gte": span.start})
        return members if span.end is None else members.filter(**{f"{lookup}__lt": span.end})

    return apply


def search(members: QuerySet[Member], text: str) -> QuerySet[Member]:
    """By any identity (exact, on its index), by `#number`, otherwise by a part of the name or the beginning of its pinyin.

    By `#number` alone for somebody who sees names masked: what finds one person tells whose it is, and letter by letter
    a name can be guessed.
    """
    masked = isinstance(members, MemberQuerySet) and members.masks_names
    known = Identity.objects.none() if masked else Identity.objects.filter(_identity(text))
    found = {merged or member for member, merged in known.values_list("member_id", "member__merged_into_id")}
    number = whole_in(text.removeprefix("#")) if text.startswith("#") else None
    if number is not None:
        found.add(number)
    if found or masked:
        return members.filter(pk__in=found)
    named = Q(name__icontains=text)
    return members.filter(named | Q(name_key__startswith=text.lower()) if text.isascii() else named)


def _identity(text: str) -> Q:
    """The text as each type it can be; protected types by their blind index."""
    wanted = Q(pk__in=[])
    for kind, value in possible_values(text):
        lookup = indexer(PURPOSES[kind])(value).hex() if kind in PURPOSES else value
        wanted |= Q(lookup=lookup, type=kind)
    return wanted


def _born_in(members: QuerySet[Member], months: Sequence[str]) -> QuerySet[Member]:
    return members.filter(born_in([int(month) for month in months]))


def _in_city_tier(members: QuerySet[Member], tiers: Sequence[str]) -> QuerySet[Member]:
    """A subquery instead of a join, so that the list keeps its order by index."""
    cities = City.objects.filter(tier__in=[tier for tier in tiers if tier != UNSET])
    wanted = Q(city__in=cities.values("pk"))
    return members.filter(wanted | Q(city=None) | Q(city__tier="") if UNSET in tiers else wanted)


def _choices(choices: Any) -> Callable[[], Iterable[tuple[str, Text]]]:
    return lambda: [(code or UNSET, label) for code, label in choices]


@read_once
def _homes() -> list[tuple[str, str, str]]:
    """Kind, code and name of every city, store and guide: in one question, since each list of members offers all."""
    cities = City.objects.order_by().values_list(Value("city"), "name", "name")
    stores = Store.objects.order_by().values_list(Value("store"), "code", "name")
    named = Coalesce(NullIf("display_name", Value("")), "username")
    guides = User.objects.filter(role=Role.GUIDE, is_active=True).order_by()
    return sorted(cities.union(stores, guides.values_list(Value("guide"), "username", named)))


def _cities() -> Iterable[tuple[str, Text]]:
    return [*((code, name) for kind, code, name in _homes() if kind == "city"), NOT_SET]


def _stores() -> Iterable[tuple[str, Text]]:
    return [*((code, name) for kind, code, name in _homes() if kind == "store"), NOT_SET]


def _guides() -> Iterable[tuple[str, Text]]:
    guides = sorted((name, code) for kind, code, name in _homes() if kind == "guide")
    return [*((code, name) for name, code in guides), NOT_SET]


def _channels() -> Iterable[tuple[str, Text]]:
    """The channels there are."""
    with connection.cursor() as cursor:
        cursor.execute(_CHANNELS, {"most": MOST_CHANNELS})
        return [*((channel, channel) for (channel,) in cursor.fetchall()), NOT_SET]


def _gender(members: QuerySet[Member], values: Sequence[str]) -> QuerySet[Member]:
    return members.filter(gender__in=["" if value == UNSET else value for value in values])


def _channel(members: QuerySet[Member], values: Sequence[str]) -> QuerySet[Member]:
    return members.filter(channel__in=["" if value == UNSET else value for value in values])


member_filters.register_all(
    [
        MemberFilter(
            code="q",
            label=_("Search"),
            kind=FilterKind.TEXT,
            apply=search,
            help=_("Name, phone, e-mail or any other identity."),
            order=0,
            personal=True,
        ),
        MemberFilter(
            code="city",
            label=_("city"),
            kind=FilterKind.CHOICES,
            apply=one_of("city__name", unset=Q(city=None)),
            options=_cities,
            order=50,
        ),
        MemberFilter(
            code="city_tier",
            label=_("city tier"),
            kind=FilterKind.CHOICES,
            apply=_in_city_tier,
            options=_choices(CityTier.choices),
            closed=True,
            order=51,
        ),
        MemberFilter(
            code="store",
            label=_("home store"),
            kind=FilterKind.CHOICES,
            apply=one_of("home_store__code", unset=Q(home_store=None)),
            options=_stores,
            order=60,
        ),
        MemberFilter(
            code="guide",
            label=_("guide"),
            kind=FilterKind.CHOICES,
            apply=one_of("guide__username", unset=Q(guide=None)),
            options=_guides,
            order=61,
        ),
        MemberFilter(
            code="channel",
            label=_("channel of origin"),
            kind=FilterKind.CHOICES,
            apply=_channel,
            options=_channels,
            order=62,
        ),
        MemberFilter(
            code="gender",
            label=_("gender"),
            kind=FilterKind.CHOICES,
            apply=_gender,
            options=_choices(Gender.choices),
            closed=True,
            order=70,
        ),
        MemberFilter(
            code="registered",
            label=_("registered"),
            kind=FilterKind.MOMENTS,
            apply=within("registered_at"),
            order=71,
        ),
        MemberFilter(
            code="birthday_month",
            label=_("month of birth"),
            kind=FilterKind.CHOICES,
            apply=_born_in,
            options=_choices([(str(number), name) for number, name in MONTHS.items()]),
            closed=True,
            order=72,
        ),
    ]
)
