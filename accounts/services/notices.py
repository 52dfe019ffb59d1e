"""Telling members of staff something inside the product."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from accounts.enums import NoticeLevel
from accounts.models import InAppNotice, User


@transaction.atomic
def send_notice(
    *,
    to: Iterable[User],
    key: str,
    title: str,
    now: datetime,
    body: str = "",
    url: str = "",
    level: NoticeLevel = NoticeLevel.INFO,
) -> int:
    """The same news (`key`) reaches each person once, however often it is sent; answers how many are new to it."""
    recipients = {person.pk: person for person in to if person.is_active}
    known = set(InAppNotice.objects.filter(key=key, recipient__in=recipients).values_list("recipient", flat=True))
    notices = [
        InAppNotice(recipient_id=number, key=key, title=title, body=body, url=url, level=level, created_at=now)
        for number in sorted(recipients.keys() - known)
    ]
    InAppNotice.objects.bulk_create(notices, ignore_conflicts=True)
    return len(notices)


def mark_read(notices: QuerySet[InAppNotice], *, now: datetime) -> int:
    """These have been read; answers how many were not before."""
    return notices.filter(read_at=None).update(read_at=now)
