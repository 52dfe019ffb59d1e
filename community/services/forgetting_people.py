"""People of groups who are no members, taken out: on their word, and long after they have gone.

How much was said stays as numbers of nobody; whoever is a member goes by the erasure of members.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from community.errors.groups import ParticipantNotValid
from community.models import GroupParticipant
from community.models.violations import SUBJECT
from core.services.sealing import destroy_keys

# names of tables are written here; every value is a bound parameter

_WORDS = (
    "DELETE FROM community_messagedigest WHERE participant_id = ANY (%(ids)s)",
    "UPDATE community_violation SET excerpt = NULL, expires_at = NULL, note = '' WHERE participant_id = ANY (%(ids)s)",
    "UPDATE community_appeal SET text = NULL, expires_at = NULL, note = '' WHERE participant_id = ANY (%(ids)s)",
    "DELETE FROM community_titleholding WHERE participant_id = ANY (%(ids)s)",
    "DELETE FROM community_rulesacknowledgement WHERE participant_id = ANY (%(ids)s)",
)
_NAMES = """
UPDATE community_groupparticipant SET nickname = '', speaker_key = 'erased-' || id WHERE id = ANY (%(ids)s)
"""
# No sign of her since: not told to be there, not gone later, nothing said, nothing open about her.
_GONE = """
FROM community_groupparticipant AS person
WHERE person.member_id IS NULL AND person.staff_id IS NULL AND person.created_at < %(before)s
    AND (person.nickname <> '' OR person.speaker_key NOT LIKE 'erased-%%')
    AND NOT EXISTS (
        SELECT FROM community_stay AS stay WHERE stay.participant_id = person.id
            AND (stay.left_at >= %(before)s OR stay.left_at IS NULL AND stay.joined_how <> 'seen')
    )
    AND NOT EXISTS (
        SELECT FROM community_participantday AS said
        WHERE said.participant_id = person.id AND said.messages > 0 AND said.day >= %(before)s::date
    )
    AND NOT EXISTS (
        SELECT FROM community_violation AS waits WHERE waits.participant_id = person.id AND waits.state = 'open'
    )
    AND NOT EXISTS (
        SELECT FROM community_appeal AS asked WHERE asked.participant_id = person.id AND asked.outcome = ''
    )
"""


@transaction.atomic
def forget_participant(
    *, participant: GroupParticipant, reason: str, by: User | None, now: datetime
) -> GroupParticipant:
    """Her name, her key in the chat and all of her words go, for good. Raises ParticipantNotValid.

    Whoever is known as a member has to be erased as one: what is known of her elsewhere goes with that.
    """
    locked = GroupParticipant.objects.select_for_update(no_key=True).get(pk=participant.pk)
    if locked.staff_id is not None:
        raise ParticipantNotValid(fields={"participant": [_("She is one of the staff.")]})
    if locked.member_id is not None:
        raise ParticipantNotValid(
            fields={
                "participant": [_("She is known as a member: record her request for deletion on the member’s page.")]
            }
        )
    if not reason.strip():
        raise ParticipantNotValid(fields={"reason": [_("Say why.")]})
    record(by=by, action="community.forget_participant", obj=locked, reason=reason, at=now)
    _forget([locked.pk], now)
    locked.refresh_from_db()
    return locked


def count_gone(before: datetime, held: Sequence[int]) -> int:
    """Nobody is held: holds are of members."""
    del held
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {_GONE}", {"before": before})
        return int(cursor.fetchone()[0])


def forget_gone(before: datetime, held: Sequence[int], batch: int, *, now: datetime) -> int:
    del held
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT person.id {_GONE} ORDER BY 1 LIMIT %(batch)s", {"before": before, "batch": batch})
        chosen = [number for (number,) in cursor.fetchall()]
    _forget(chosen, now)
    return len(chosen)


def _forget(numbers: list[int], now: datetime) -> None:
    with connection.cursor() as cursor:
        for statement in (*_WORDS, _NAMES):
            cursor.execute(statement, {"ids": numbers})
    destroy_keys(SUBJECT, numbers, now=now)
