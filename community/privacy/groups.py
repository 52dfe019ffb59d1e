"""Groups and what was said there: given out on request, and what goes with her."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.privacy import classify_history
from community.models import (
    GroupParticipant,
    MessageText,
    ParticipantDay,
    RulesAcknowledgement,
    Stay,
)
from community.selectors.keeping import DIGESTS, TEXTS
from community.services.forgetting_people import count_gone, forget_gone
from core.enums import Ending
from core.registries import KnownNames, PersonPath, PrivacyHandler, Purge, classify, known_names, privacy, purges
from core.rules.whole import whole_in
from core.services.erasing import count_older, delete_by, purge_older, run
from core.services.sealing import open_rows

GROUPS = (
    PersonPath("community_messagetext.member_id", Ending.DELETE),
    PersonPath(
        "community_groupparticipant.member_id",
        Ending.MASK,
        _("How much was said in a group is kept as numbers; her name and key in the chat are taken out."),
    ),
)
_HER_DIGESTS = """
DELETE FROM community_messagedigest WHERE participant_id IN (
    SELECT id FROM community_groupparticipant WHERE member_id = %(id)s
)
"""
_FORGET_HER = """
UPDATE community_groupparticipant SET member_id = NULL, linked_at = NULL, nickname = '', speaker_key = 'erased-' || id
WHERE member_id = %(id)s
"""
_delete_groups = delete_by(GROUPS)


def export_groups(member_id: int) -> Mapping[str, Any]:
    """The groups that she is or was in, how much she said on which day, and the texts that are still kept."""
    hers = GroupParticipant.objects.filter(member=member_id).select_related("group").order_by("pk")
    numbers = [row.pk for row in hers]
    stays = Stay.objects.filter(participant__in=numbers).select_related("group").order_by("joined_at")
    spoken = (
        ParticipantDay.objects.filter(participant__in=numbers, messages__gt=0)
        .values("group__name", "day")
        .annotate(said=Sum("messages"))
        .order_by("day")
    )
    rules = RulesAcknowledgement.objects.filter(participant__in=numbers).select_related("rules__group").order_by("at")
    texts = list(MessageText.objects.filter(member=member_id).select_related("group").order_by("sent_at", "pk"))
    words = open_rows(MessageText._meta.get_field("text"), texts)
    return {
        "names": [
            {"group": row.group.name, "name": row.nickname, "key": row.speaker_key, "as": row.role} for row in hers
        ],
        "stays": [
            {
                "group": row.group.name,
                "joined": row.joined_at.isoformat(),
                "left": row.left_at.isoformat() if row.left_at else None,
            }
            for row in stays
        ],
        "rules_seen": [
            {"group": row.rules.group.name, "version": row.rules.version, "at": row.at.isoformat()} for row in rules
        ],
        "messages": [
            {"group": row["group__name"], "day": row["day"].isoformat(), "messages": row["said"]} for row in spoken
        ],
        "texts": [
            {"group": row.group.name, "at": row.sent_at.isoformat(), "text": str(text)}
            for row, text in zip(texts, words, strict=True)
        ],
    }


def erase_groups(member_id: int) -> int:
    return run(_HER_DIGESTS, id=member_id) + _delete_groups(member_id) + run(_FORGET_HER, id=member_id)


def names_in(rows: QuerySet[Any], participant: str = "participant__") -> dict[str, list[str]]:
    """What is behind each row is called in the chat and as a member, by number."""
    called = rows.values_list("pk", f"{participant}nickname", f"{participant}member__name")
    return {str(number): [name for name in names if name] for number, *names in called}


def names_of_participants(numbers: Iterable[str]) -> dict[str, list[str]]:
    return names_in(GroupParticipant.objects.filter(pk__in=whole_numbers(numbers)), "")


def whole_numbers(numbers: Iterable[str]) -> list[int]:
    return [number for number in map(whole_in, numbers) if number is not None]


known_names.register(KnownNames(code="community.groupparticipant", names=names_of_participants))
privacy.register(
    PrivacyHandler(
        code="community",
        label=_("Groups"),
        subject_kind="member",
        export=export_groups,
        erase=erase_groups,
        paths=GROUPS,
        beside=("community_messagedigest",),
        order=60,
    )
)
_OF_WHOM = (
    "coalesce((SELECT known.member_id FROM community_groupparticipant AS known WHERE known.id = participant_id), 0)"
)
OLD_TEXTS = {"table": "community_messagetext", "moment": "sent_at", "member": "member_id"}
OLD_DIGESTS = {"table": "community_messagedigest", "moment": "sent_at"}
OLD_MESSAGES = {"table": "community_groupmessage", "moment": "sent_at", "member": _OF_WHOM}
OLD_DAYS = {"table": "community_participantday", "moment": "day", "member": _OF_WHOM}
OLD_EDGES = {"table": "community_talkedge", "moment": "day"}


def _count_days(before: datetime, held: Sequence[int]) -> int:
    return count_older(**OLD_DAYS)(before, held) + count_older(**OLD_EDGES)(before, held)


def _purge_days(before: datetime, held: Sequence[int], batch: int) -> int:
    gone = purge_older(**OLD_DAYS, key="participant_id, day")(before, held, batch)
    edges = purge_older(**OLD_EDGES, key="group_id, day, from_participant_id, to_participant_id")
    return gone or edges(before, held, batch)


def _forget_gone(before: datetime, held: Sequence[int], batch: int) -> int:
    return forget_gone(before, held, batch, now=timezone.now())


purges.register_all(
    (
        Purge(
            code=TEXTS,
            label=_("Texts of messages in groups"),
            days=30,
            count=count_older(**OLD_TEXTS),
            purge=purge_older(**OLD_TEXTS, key="message_id"),
            order=16,
        ),
        Purge(
            code=DIGESTS,
            label=_("Fingerprints by which a repeated message is known"),
            days=7,
            count=count_older(**OLD_DIGESTS),
            purge=purge_older(**OLD_DIGESTS, key="message_id"),
            order=17,
        ),
        Purge(
            code="group_messages",
            label=_("That a message was sent in a group, without its text"),
            days=730,
            count=count_older(**OLD_MESSAGES),
            purge=purge_older(**OLD_MESSAGES, key="group_id, sent_at, key"),
            order=18,
        ),
        Purge(
            code="group_participants",
            label=_("Names and keys of people in groups who are no members, since the last sign of them"),
            days=730,
            count=count_gone,
            purge=_forget_gone,
            order=20,
        ),
        Purge(
            code="group_days",
            label=_("How much each participant said in a day, and to whom"),
            days=1_095,
            count=_count_days,
            purge=_purge_days,
            order=19,
        ),
    )
)
classify(
    "community_grouptype",
    none="id code name_zh name_en run_by_zh run_by_en suits_zh suits_en messages_low messages_high position is_active",
)
classify_history("community_grouptype", none="pgh_obj_id messages_low messages_high is_active")
classify_history("community_group", none="pgh_obj_id name type_id store_id owner_id state capacity")
classify("community_groupsettings", none="id sleeper_days band_days")
classify(
    "community_group",
    none="id name type_id store_id owner_id state opened_on closed_on capacity source external_id note heard_until by_id created_at "
    "changed_at",
)
classify("community_grouprules", none="id group_id version text hash published_at by_id")
classify(
    "community_groupparticipant",
    identifier="speaker_key nickname",
    quasi="id member_id",
    behavioural="group_id role linked_at created_at",
    none="staff_id",
)
classify("community_rulesacknowledgement", quasi="participant_id", behavioural="rules_id at how", none="id")
classify(
    "community_stay",
    quasi="participant_id invited_by_id",
    behavioural="group_id joined_at joined_how left_at left_how",
    none="id",
)
classify(
    "community_chatimport",
    none="id kind layout group_id state path file_name file_size file_hash source timezone facts mapping attempts "
    "progress last_line counts error by_id created_at started_at finished_at",
)
classify("community_chatreject", none="id job_id line reason column")
classify(
    "community_groupmessage",
    quasi="id participant_id reply_to_id mentions",
    behavioural="group_id sent_at kind length links",
    none="key job_id",
)
classify("community_messagedigest", quasi="message_id participant_id", behavioural="group_id digest sent_at")
classify("community_messagetext", sensitive="text", quasi="message_id member_id", behavioural="group_id sent_at")
classify("community_groupday", none="group_id day messages speakers hours joined left")
classify("community_participantday", quasi="participant_id", behavioural="group_id day messages mentioned")
classify("community_talkedge", quasi="from_participant_id to_participant_id", behavioural="group_id day count")
