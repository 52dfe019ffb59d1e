"""What participants did, told to the timeline of the members that they are, and taken back from those they are not."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import connection
from django.db.models import Q
from psycopg import sql

from community.models import GroupParticipant
from community.rules.message_sql import INTERACTIONS_OF, JOININGS_OF
from members.models import Member
from timeline.services import record_interactions, retract_interactions

SOURCE = "community"
NOT_HERS = "not her"


def tell_timeline(participant_ids: Sequence[int], *, now: datetime) -> int:
    """Days on which they spoke, and when they joined: once each, however often it is told. Answers what was news."""
    return sum(
        record_interactions(now=now, staging=sql.SQL("({})").format(told)).stored for told in _told(participant_ids)
    )


def untell_timeline(participant: GroupParticipant, *, twins: Sequence[int]) -> int:
    """She is not that member: what the member has of this group goes. Call it before the link goes; answers how many.

    A member is in a group once, so all of it came by this link, also as a record that was merged. By a merge she may be
    there as `twins` too: call `tell_timeline` for them when the link is gone.
    """
    if participant.member is None:
        return 0
    owner = participant.member.owner_id
    with connection.cursor() as cursor:
        keys: list[str] = []
        for told in _told([participant.pk, *twins]):
            cursor.execute(sql.SQL("SELECT key FROM ({}) AS told").format(told))
            keys += [key for (key,) in cursor.fetchall()]
    return sum(
        retract_interactions(
            member_id=number,
            source=SOURCE,
            properties={"group": participant.group_id},
            keys=keys,
            reason=NOT_HERS,
        )
        for number in Member.objects.filter(Q(pk=owner) | Q(merged_into=owner)).values_list("pk", flat=True)
    )


def _told(participant_ids: Sequence[int]) -> list[sql.Composed]:
    values = {"participants": sql.Literal(list(participant_ids)), "zone": sql.Literal(settings.TIME_ZONE)}
    return [sql.SQL(told).format(**values) for told in (INTERACTIONS_OF, JOININGS_OF)]
