"""Filters of members by consent: by which channel marketing may reach them, who said no, who is on the suppression list."""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from compliance.enums.consent import GRANTS, REACHING, Channel, ConsentAction, Purpose
from compliance.models.consent import ConsentState
from compliance.models.suppression import Suppression
from core.errors import Text
from members.enums import FilterKind
from members.models import Identity, Member, MemberFilter, member_filters


def channels() -> list[tuple[str, Text]]:
    return [(channel.value, channel.label) for channel in REACHING]


def agreed(members: QuerySet[Member], values: Sequence[str]) -> QuerySet[Member]:
    """A marketing consent that holds for one of the channels; the gate asks for more (minors, caps, quiet hours)."""
    wanted = Q()
    for value in values:
        wanted |= Q(_holds(value))
    return members.filter(wanted)


def _holds(channel: str) -> Exists:
    """A grant for the channel or for all, and nothing said later for the other of the two."""
    said = ConsentState.objects.filter(member=OuterRef("pk"), purpose=Purpose.MARKETING)
    rival = ConsentState.objects.filter(
        member=OuterRef("member_id"), purpose=Purpose.MARKETING, channel__in=[Channel.ANY, channel]
    ).exclude(channel=OuterRef("channel"))
    later = rival.filter(
        Q(occurred_at__gt=OuterRef("occurred_at"))
        | Q(occurred_at=OuterRef("occurred_at"), weight__gt=OuterRef("weight"))
    ).exclude(action__in=GRANTS)
    return Exists(said.filter(channel__in=[Channel.ANY, channel], action__in=GRANTS).filter(~Exists(later)))


def said_no(members: QuerySet[Member], value: bool) -> QuerySet[Member]:  # noqa: FBT001  # what a flag hands over
    noes = ConsentState.objects.filter(
        member=OuterRef("pk"),
        purpose=Purpose.MARKETING,
        action__in=[ConsentAction.REFUSE, ConsentAction.WITHDRAW],
    )
    return members.filter(Exists(noes) if value else ~Exists(noes))


def suppressed(members: QuerySet[Member], value: bool) -> QuerySet[Member]:  # noqa: FBT001  # what a flag hands over
    """A number or address of any of her records."""
    active = Suppression.objects.filter(lifted_at=None, lookup=OuterRef("lookup"), kind=OuterRef("type"))
    owners = Identity.objects.filter(Exists(active)).values(person=Coalesce("member__merged_into", "member"))
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
