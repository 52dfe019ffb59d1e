"""Which likely duplicates wait for somebody."""

from django.db.models import QuerySet

from accounts.models import User
from members.models import DuplicatePair, Member


def pairs_for(user: User) -> QuerySet[DuplicatePair]:
    """Open pairs of which `user` may see both members, each standing for herself; the strong ones first."""
    seen = Member.objects.visible_to(user).active().order_by().values("pk")
    return DuplicatePair.objects.filter(decided_at=None, first__in=seen, second__in=seen)


def duplicates_of(member: Member, user: User) -> list[int]:
    """The other members of her open pairs."""
    found = pairs_for(user).filter(first=member.pk).values_list("second", flat=True)
    return sorted({*found, *pairs_for(user).filter(second=member.pk).values_list("first", flat=True)})
