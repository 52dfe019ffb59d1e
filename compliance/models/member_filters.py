"""Filters of members by consent: by which channel marketing may reach them, who said no, who is on the suppression list.

Each asks the person: all records merged into hers are hers.
"""

# ruff: noqa: S608, S611  # the text of the SQL comes from this project alone; every value is a bound parameter

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from compliance.enums.consent import GRANTS, NOES, REACHING, Purpose
from compliance.models.consent import ConsentState
from compliance.models.suppression import Suppression
from compliance.rules.consent_sql import OF_MERGED, STATE, prevailing_sql
from core.errors import Text
from members.enums import FilterKind
from members.models import Identity, Member, MemberFilter, member_filters, owner_number
from members.rules.persons import ABSORBED

_MARKETING = {"purpose": "'marketing'", "absorbed": f"({ABSORBED})"}
_GENERAL = STATE.format(alias="general", channel="'any'", person="person.id", **_MARKETING)
_OWN = STATE.format(alias="own", channel="%s", person="person.id", **_MARKETING)
AGREED = f"""
    SELECT person.id FROM members_member AS person {_GENERAL} {_OWN}
    WHERE {prevailing_sql("action", general="general", own="own")} = ANY (%s)"""
#: Of those into whom others were merged; of the others each has her own state, which is asked row by row.
SAID_NO = f"""
    SELECT merged.person_id FROM ({OF_MERGED.format(more="", **_MARKETING)}) AS merged WHERE merged.action = ANY (%s)"""


def channels() -> list[tuple[str, Text]]:
    return [(channel.value, channel.label) for channel in REACHING]


def agreed(members: QuerySet[Member], values: Sequence[str]) -> QuerySet[Member]:
    """A marketing consent that holds for one of the channels; the gate asks for more (minors, caps, quiet hours)."""
    wanted = Q()
    for value in values:
        wanted |= Q(pk__in=RawSQL(AGREED, (value, value, [*GRANTS])))
    return members.filter(wanted)


def said_no(members: QuerySet[Member], value: bool) -> QuerySet[Member]:  # noqa: FBT001  # what a flag hands over
    own = ConsentState.objects.filter(member=OuterRef("pk"), purpose=Purpose.MARKETING, action__in=NOES)
    several = Member.objects.filter(merged_into__isnull=False).values("merged_into")
    noes = Q(Exists(own) & ~Q(pk__in=several)) | Q(pk__in=RawSQL(SAID_NO, ([*NOES],)))
    return members.filter(noes if value else ~noes)


def suppressed(members: QuerySet[Member], value: bool) -> QuerySet[Member]:  # noqa: FBT001  # what a flag hands over
    """A number or address of any of her records."""
    active = Suppression.objects.filter(lifted_at=None, lookup=OuterRef("lookup"), kind=OuterRef("type"))
    owners = Identity.objects.filter(Exists(active)).values(person=owner_number("member"))
    return members.filter(pk__in=owners) if value else members.exclude(pk__in=owners)


member_filters.register_all(
    [
        MemberFilter(
            code="agreed",
            label=_("marketing consent by"),
            kind=FilterKind.CHOICES,
            apply=agreed,
            options=channels,
            closed=True,
            order=60,
        ),
        MemberFilter(code="said_no", label=_("said no to marketing"), kind=FilterKind.FLAG, apply=said_no, order=61),
        MemberFilter(
            code="suppressed", label=_("on the suppression list"), kind=FilterKind.FLAG, apply=suppressed, order=62
        ),
    ]
)
