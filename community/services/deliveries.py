"""What programs send of groups: stored, and the delivery written into the audit in the same transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from accounts.models import User
from audit.services import record
from community.services.chat_reading import MessageReader, Said, Surroundings
from community.services.rosters import Entry, take_over
from community.services.storing import MessagesStored, hear, store_messages


@transaction.atomic
def deliver_messages(
    *, rows: Sequence[Said], by: User, now: datetime, covers_until: datetime | None = None, covered: Sequence[int] = ()
) -> MessagesStored:
    """Messages that `by` sent, and until when nothing else was said in the groups that are `covered`.

    The caller has made sure that `by` may write to these groups.
    """
    reader = MessageReader(Surroundings(zone=ZoneInfo(settings.TIME_ZONE), latest=now))
    counts = store_messages(now=now, rows=[reader.row(said) for said in rows])
    changes: dict[str, list[Any]] = {"offered": [None, counts.offered], "stored": [None, counts.stored]}
    if covers_until is not None:
        hear(groups=covered, until=covers_until)
        changes["covers_until"] = [None, covers_until]
    record(by=by, action="community.deliver_messages", changes=changes, at=now)
    return counts


@transaction.atomic
def deliver_participants(*, entries: Sequence[Entry], by: User, now: datetime) -> int:
    """People of groups that `by` sent, without a contradiction among them; answers how many.

    Raises ChatNotUsable where a chat would be left without an owner.
    """
    take_over(entries, now=now)
    changes = {"participants": [None, len(entries)]}
    record(by=by, action="community.deliver_participants", changes=changes, at=now)
    return len(entries)
