"""Finding the one person who asks, for whoever answers requests and sees no member list: by what names exactly her."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from audit.services import Target, record
from core.errors import TooManyRequests
from core.services.rate_limits import Rate, take
from members.models import Member
from members.selectors.visibility import person_named

#: Whoever types one number after the other is no lawyer with a letter in her hand.
PER_HOUR = Rate(burst=20, per_second=30 / 3600)


def find_person(*, text: str, by: User, now: datetime) -> Member | None:
    """Whom a whole phone number, e-mail or other number names; None for nobody and for several.

    Each search is on the record, without what was typed, and one that found her on hers. Raises TooManyRequests.
    """
    wait = take(f"person:{by.pk}", PER_HOUR)
    if wait:
        raise TooManyRequests(retry_after=wait)
    found = person_named(text)
    whom = Target(object_type="members.member", object_id=found.pk) if found else None
    with transaction.atomic():
        record(by=by, action="compliance.find_person", obj=whom, changes={"found": [None, int(bool(found))]}, at=now)
    return found
