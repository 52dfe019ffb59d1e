"""Dull makers of groups, talk and KOC, as of one evening."""

import itertools
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.enums import Role
from accounts.models import User
from community.models import (
    Group,
    GroupParticipant,
    GroupType,
    Koc,
    KocAgreement,
    KocScore,
    ParticipantDay,
    Stay,
    TalkEdge,
)
from community.services import kocs
from community.services.koc_scoring import score_everybody
from compliance.models import Notice
from compliance.services.notices import DEFAULT_CODE
from members.models import Member
from tests.campaigns.activities import DAY, NOW, people, person

__all__ = ["DAY", "NOW", "people", "person"]
TODAY = timezone.localtime(NOW).date()
_numbers = itertools.count(1)


def marketer() -> User:
    return person("marketer-of-koc")


def group(name: str = "") -> Group:
    kind = GroupType.objects.order_by("pk").first() or GroupType.objects.create(
        code="welfare", name_zh="福利群", name_en="Welfare", messages_low=50, messages_high=80
    )
    return Group.objects.create(
        name=name or f"群{next(_numbers)}",
        type=kind,
        owner=marketer(),
        opened_on=date(2026, 1, 1),
        created_at=NOW,
        changed_at=NOW,
    )


def joined(of: Group, member: Member | None, *, since: datetime = NOW - 200 * DAY, **values: Any) -> GroupParticipant:
    """In the group since then, and still."""
    participant = GroupParticipant.objects.create(
        group=of,
        speaker_key=f"k{next(_numbers)}",
        member=member,
        linked_at=since if member else None,
        created_at=since,
    )
    Stay.objects.create(participant=participant, group=of, joined_at=since, **values)
    return participant


def spoke(who: GroupParticipant, *, days_ago: int = 3, messages: int = 10, answered: int = 0) -> None:
    ParticipantDay.objects.create(
        participant=who,
        group_id=who.group_id,
        day=TODAY - timedelta(days=days_ago),
        messages=messages,
        mentioned=answered,
    )


def talked(one: GroupParticipant, other: GroupParticipant, *, days_ago: int = 3, times: int = 1) -> None:
    TalkEdge.objects.create(
        group_id=one.group_id,
        day=TODAY - timedelta(days=days_ago),
        from_participant=one,
        to_participant=other,
        count=times,
    )


def notice() -> Notice:
    """The privacy notice under which consents are given."""
    found = Notice.objects.filter(code=DEFAULT_CODE, state="published").first()
    return found or Notice.objects.create(
        code=DEFAULT_CODE,
        number=99,
        state="published",
        hash="0" * 64,
        published_at=NOW - 300 * DAY,
        created_at=NOW - 300 * DAY,
    )


def version(kind: str = "programme") -> int:
    return KocAgreement.objects.filter(kind=kind).order_by("-version")[0].version


def invited(member: Member | None = None, *, now: datetime = NOW) -> Koc:
    member = member or people(1)[0]
    if not GroupParticipant.objects.filter(member=member).exists():
        joined(group(), member)
    return kocs.invite(member=member, by=marketer(), now=now)


def active(member: Member | None = None, *, now: datetime = NOW) -> Koc:
    notice()
    koc = invited(member, now=now)
    return kocs.accept(koc=koc, version=version(), source="staff", by=marketer(), now=now)


def scored(member: Member) -> KocScore:
    """Her row after a run as of this day."""
    score_everybody(by=None, now=NOW)
    return KocScore.objects.get(pk=member.pk)


def member_of_staff(role: str) -> User:
    found = person(f"of-{role}", role)
    found.is_staff = True
    found.save(update_fields=["is_staff"])
    return found


def guide() -> User:
    return member_of_staff(Role.GUIDE)
