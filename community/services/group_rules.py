"""The rules of a group: published in versions, acknowledged by participants."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from community.enums.groups import AcknowledgedHow
from community.errors.groups import NotInGroup, RulesNotValid
from community.models import Group, GroupParticipant, GroupRules
from community.services.groups import open_one

LONGEST = 5_000
_ACKNOWLEDGE = """
INSERT INTO community_rulesacknowledgement (participant_id, rules_id, at, how)
SELECT id, %(rules)s, %(at)s, %(how)s FROM community_groupparticipant
WHERE group_id = %(group)s AND id = ANY (%(participants)s) ORDER BY id
ON CONFLICT (participant_id, rules_id) DO NOTHING
"""


@transaction.atomic
def publish_rules(*, group: Group, text: str, by: User | None, now: datetime) -> GroupRules:
    """The next version. Raises RulesNotValid, also where nothing differs from the version that holds."""
    group = open_one(group)
    text = text.replace("\r\n", "\n").replace("\x00", "").strip()
    latest = group.rules.order_by("-version").first()
    if not text:
        raise RulesNotValid(fields={"text": [_("This has to be filled in.")]})
    if len(text) > LONGEST:
        raise RulesNotValid(fields={"text": [_("At most %(most)d characters.") % {"most": LONGEST}]})
    if latest is not None and latest.text == text:
        raise RulesNotValid(fields={"text": [_("These are the words of the version that holds.")]})
    rules = GroupRules.objects.create(
        group=group,
        version=latest.version + 1 if latest else 1,
        text=text,
        hash=hashlib.sha256(text.encode()).hexdigest(),
        published_at=now,
        by=by,
    )
    record(by=by, action="community.publish_rules", obj=rules, changes={"hash": [None, rules.hash]}, at=now)
    return rules


@transaction.atomic
def acknowledge_rules(
    *, rules: GroupRules, participants: Sequence[GroupParticipant], how: str, by: User | None, now: datetime
) -> int:
    """These people of the group have seen the rules; answers of how many that is news. Raises NotInGroup."""
    if how not in AcknowledgedHow.values:
        raise RulesNotValid(fields={"how": [_("Choose one of the list.")]})
    if any(participant.group_id != rules.group_id for participant in participants):
        raise NotInGroup
    numbers = [participant.pk for participant in participants]
    values: dict[str, Any] = {
        "rules": rules.pk,
        "at": now,
        "how": how,
        "group": rules.group_id,
        "participants": numbers,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ACKNOWLEDGE, values)
        news = int(cursor.rowcount)
    if news:
        changes: dict[str, list[Any]] = {"participants": [None, news], "how": [None, how]}
        record(by=by, action="community.acknowledge_rules", obj=rules, changes=changes, at=now)
    return news
