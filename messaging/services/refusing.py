"""A refusal by the link that stands in a message."""

from datetime import datetime

from django.core import signing
from django.db import transaction

from compliance.enums.consent import Channel, ConsentSource, Purpose
from compliance.services.consent import choose
from core.errors import NotFound
from members.models import Member
from messaging.services.beginning import SALT


def member_of_refusal(token: str) -> tuple[int, str]:
    """Whose link it is, and for which channel. Raises NotFound for one that we did not make, or of nobody any more."""
    try:
        member_id, channel = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        raise NotFound from None
    if channel not in Channel.values or not Member.objects.filter(pk=member_id).exists():
        raise NotFound
    return int(member_id), str(channel)


@transaction.atomic
def refuse(*, token: str, now: datetime) -> None:
    """She wants no marketing on that channel any more: a withdrawal, or a refusal where nothing was given.

    Saying it twice is no harm. The link works as long as she is known: refusing has no time limit.
    """
    member_id, channel = member_of_refusal(token)
    choose(
        member_id=member_id,
        purpose=Purpose.MARKETING,
        channel=channel,
        granted=False,
        source=ConsentSource.PAGE,
        by=None,
        now=now,
        page=f"refusal link ({channel})",
    )
