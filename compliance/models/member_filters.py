"""Filters of members by consent: by which channel marketing may reach them, who said no, who is on the suppression list."""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from compliance.enums.consent import GRANTS, REACHING, ConsentAction, Purpose
from compliance.models.consent import ConsentState
from compliance.models.suppression import Suppression
from compliance.rules.consent_sql import ABSORBED, BY_CHANNEL_OF_SEVERAL, OF_SEVERAL, STATE, prevailing_sql
from core.errors import Text
from members.enums import FilterKind
from members.models import Identity, Member, MemberFilter, member_filters

MARKETING = str(Purpose.MARKETING)
NOES = (str(ConsentAction.REFUSE), str(ConsentAction.WITHDRAW))
_STATE = STATE.format(alias="{alias}", purpose="%s", channel="{channel}", person="person.id")
_OF_CHANNEL = _STATE.format(alias="own{n}", channel="%s") + OF_SEVERAL.format(
    alias="several{n}", purpose="%s", channel="%s", person="person.id", absorbed=f"({ABSORBED})"
)
_NO_OF_SEVERAL = "SELECT person_id FROM ({latest}) AS latest WHERE action = ANY (%s)".format(
    latest=BY_CHANNEL_OF_SEVERAL.format(absorbed=f"({ABSORBED})", purpose="%s")
)


def channels() -> list[tuple[str, Text]]:
    return [(channel.value, channel.label) for channel in REACHING]


def agreed(members: QuerySet[Member], values: Sequence[str]) -> QuerySet[Member]:
    """A marketing consent that holds for one of the channels; the gate asks for more (minors, caps, quiet hours)."""
    holds = [
        prevailing_sql("action", several=f"several{n}", general="general", own=f"own{n}") for n in _numbers(values)
    ]
    text = (
        'SELECT person.id FROM "members_member" AS person'
        + _STATE.format(alias="general", channel="'any'")
        + "".join(_OF_CHANNEL.replace("{n}", str(n)) for n in _numbers(values))
        + f" WHERE {' OR '.join(f'{action} = ANY (%s)' for action in holds)}"
    )
    asked = [each for value in values for each in (MARKETING, value) * 2]
    given = [MARKETING, *asked, *[[str(action) for action in GRANTS]] * len(values)]
    return members.filter(pk__in=RawSQL(text, given))  # noqa: S611  # every value is a bound parameter


def said_no(members: QuerySet[Member], value: bool) -> QuerySet[Member]:  # noqa: FBT001  # what a flag hands over
    """A no that holds for any channel. Who has several records is judged over all of them, everybody else by her own."""
    noes = ConsentState.objects.filter(member=OuterRef("pk"), purpose=MARKETING, action__in=NOES)
    absorbed = Member.objects.filter(merged_into=OuterRef("pk"))
    of_several = RawSQL(_NO_OF_SEVERAL, [MARKETING, list(NOES)])  # noqa: S611  # same
    found = Q(Exists(noes) & ~Exists(absorbed)) | Q(pk__in=of_several)
    return members.filter(found if value else ~found)


def suppressed(members: QuerySet[Member], value: bool) -> QuerySet[Member]:  # noqa: FBT001  # what a flag hands over
    """A number or address of any of her records."""
    active = Suppression.objects.filter(lifted_at=None, lookup=OuterRef("lookup"), kind=OuterRef("type"))
    owners = Identity.objects.filter(Exists(active)).values(person=Coalesce("member__merged_into", "member"))
    return members.filter(pk__in=owners) if value else members.exclude(pk__in=owners)


def _numbers(values: Sequence[str]) -> range:
    return range(len(values))


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
