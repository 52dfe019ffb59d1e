"""What can be measured of groups and of those who carry them, for formulas of metrics; and groups to split figures by.

What was said and done in a group is that group's, and its store's, whoever did it: many who talk there are no members.
"""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from community.models.groups import Group
from members.rules.persons import owner_at_hand
from timeline.models import Fact, FactSource, MemberSlice, fact_sources, facts, member_slices

GROUP = "group"
KEPT_DAYS: Final = 90
_OWN: Final = {GROUP: "group_id", "store": "store_id"}
_FROM = "%(first)s::date::timestamp AT TIME ZONE %(zone)s"
_UNTIL = "(%(last)s::date + 1)::timestamp AT TIME ZONE %(zone)s"


def _day(moment: str) -> str:
    return f"({moment} AT TIME ZONE %(zone)s)::date"


def _since(moment: str, table: str) -> str:
    return f"SELECT {_day(f'min({moment})')} FROM {table}"


# Somebody of staff speaks and belongs to a group like everybody else; she is nobody's member.
_OF_GROUP: Final = """
    JOIN community_groupparticipant AS who ON who.id = told.participant_id
    JOIN community_group AS chat ON chat.id = told.group_id
"""
SOURCES: Final = (
    FactSource(
        code="group_talk",
        rows=f"""
            SELECT who.member_id, told.day, told.group_id, chat.store_id, told.participant_id, told.messages,
                told.mentioned
            FROM community_participantday AS told {_OF_GROUP}
            WHERE told.day BETWEEN %(first)s::date AND %(last)s::date
        """,
        since="SELECT min(day) FROM community_groupday WHERE messages > 0",
        parts=_OWN,
        watched=True,
    ),
    FactSource(
        code="group_stays",
        rows=f"""
            SELECT who.member_id, {_day("told.joined_at")} AS day, {_day("told.left_at")} AS until, told.group_id,
                chat.store_id, told.participant_id
            FROM community_stay AS told {_OF_GROUP}
            WHERE told.joined_at < {_UNTIL} AND (told.left_at IS NULL OR told.left_at >= {_FROM})
        """,
        since=_since("joined_at", "community_stay"),
        parts=_OWN,
        lasting=True,
        watched=True,
    ),
    FactSource(
        code="group_moves",
        rows=f"""
            SELECT who.member_id, {_day("told.joined_at")} AS day, told.group_id, chat.store_id, 1 AS came, 0 AS went
            FROM community_stay AS told {_OF_GROUP} WHERE told.joined_at >= {_FROM} AND told.joined_at < {_UNTIL}
            UNION ALL
            SELECT who.member_id, {_day("told.left_at")}, told.group_id, chat.store_id, 0, 1
            FROM community_stay AS told {_OF_GROUP} WHERE told.left_at >= {_FROM} AND told.left_at < {_UNTIL}
        """,
        since=_since("joined_at", "community_stay"),
        parts=_OWN,
        watched=True,
    ),
    FactSource(
        code="violations",
        rows=f"""
            SELECT who.member_id, {_day("told.detected_at")} AS day, told.group_id, chat.store_id
            FROM community_violation AS told {_OF_GROUP}
            WHERE told.detected_at >= {_FROM} AND told.detected_at < {_UNTIL}
        """,
        since=_since("detected_at", "community_violation"),
        parts=_OWN,
        watched=True,
    ),
    FactSource(
        code="violations_decided",
        rows=f"""
            SELECT who.member_id, {_day("told.first_at")} AS day, told.group_id, chat.store_id,
                (told.first_by_id IS NULL)::int AS by_machine, (told.outcome <> 'dismissed')::int AS upheld
            FROM community_violation AS told {_OF_GROUP}
            WHERE told.state = 'decided' AND told.first_at >= {_FROM} AND told.first_at < {_UNTIL}
        """,
        since=_since("detected_at", "community_violation"),
        parts=_OWN,
        watched=True,
    ),
    FactSource(
        code="violations_waiting",
        rows=f"""
            SELECT who.member_id, {_day("told.detected_at")} AS day, {_day("told.first_at")} AS until, told.group_id,
                chat.store_id
            FROM community_violation AS told {_OF_GROUP}
            WHERE told.detected_at < {_UNTIL} AND (told.first_at IS NULL OR told.first_at >= {_FROM})
        """,
        since=_since("detected_at", "community_violation"),
        parts=_OWN,
        lasting=True,
        watched=True,
    ),
    FactSource(
        code="ugc",
        rows=f"""
            SELECT member_id, {_day("offered_at")} AS day, (state IN ('approved', 'ended'))::int AS accepted
            FROM community_ugc WHERE offered_at >= {_FROM} AND offered_at < {_UNTIL}
        """,
        since=_since("offered_at", "community_ugc"),
        watched=True,
    ),
    FactSource(
        code="ugc_uses",
        rows=f"""
            SELECT made.member_id, {_day("use.at")} AS day
            FROM community_ugcuse AS use JOIN community_ugc AS made ON made.id = use.ugc_id
            WHERE use.at >= {_FROM} AND use.at < {_UNTIL}
        """,
        since=_since("offered_at", "community_ugc"),
        watched=True,
    ),
    # A step tells how she stands until the next one.
    FactSource(
        code="koc_active",
        rows=f"""
            SELECT koc.member_id, {_day("step.at")} AS day, {_day("step.next_at")} AS until
            FROM (
                SELECT koc_id, to_state, at, lead(at) OVER (PARTITION BY koc_id ORDER BY at, id) AS next_at
                FROM community_kocevent WHERE at < {_UNTIL}
            ) AS step JOIN community_koc AS koc ON koc.id = step.koc_id
            WHERE step.to_state = 'active' AND (step.next_at IS NULL OR step.next_at >= {_FROM})
        """,
        since=_since("at", "community_kocevent"),
        lasting=True,
        watched=True,
    ),
)
FACTS: Final = (
    Fact(
        code="group_messages",
        label=_("messages in groups"),
        words=_("Everything that was said in groups, by staff and by people who are not known too"),
        source="group_talk",
        value="sum(messages)",
        order=110,
    ),
    Fact(
        code="group_speakers",
        label=_("participants who spoke"),
        words=_("Participants of groups with at least one message; who speaks in two groups counts in both"),
        source="group_talk",
        value="count(DISTINCT participant_id) FILTER (WHERE messages > 0)",
        order=111,
    ),
    Fact(
        code="group_answers",
        label=_("times somebody was answered or mentioned"),
        words=_("How often participants of groups were answered or called by name"),
        source="group_talk",
        value="sum(mentioned)",
        order=112,
    ),
    Fact(
        code="group_participants",
        label=_("participants of groups"),
        words=_("Who was in a group at the end of the window's last day; who is in two groups counts in both"),
        source="group_stays",
        value="count(*)",
        order=113,
    ),
    Fact(
        code="group_members",
        label=_("participants who are members"),
        words=_("Participants at the end of the window's last day of whom it is known which member they are"),
        source="group_stays",
        value="count(member_id)",
        order=114,
    ),
    Fact(
        code="group_joined",
        label=_("participants who joined"),
        words=_("Joinings of groups; who leaves and comes back joins twice"),
        source="group_moves",
        value="sum(came)",
        order=115,
    ),
    Fact(
        code="group_left",
        label=_("participants who left"),
        words=_("Leavings of groups, by whatever way"),
        source="group_moves",
        value="sum(went)",
        order=116,
    ),
    Fact(
        code="group_violations",
        label=_("violations found"),
        words=_("Messages against the rules of groups, on the day on which they were found"),
        source="violations",
        value="count(*)",
        order=120,
    ),
    Fact(
        code="violations_open",
        label=_("violations that wait"),
        words=_("Violations without a decision at the end of the window's last day"),
        source="violations_waiting",
        value="count(*)",
        order=121,
    ),
    Fact(
        code="decided_violations",
        label=_("violations decided"),
        words=_("Violations by the day of their first decision"),
        source="violations_decided",
        value="count(*)",
        order=122,
    ),
    Fact(
        code="violations_by_machine",
        label=_("of these, decided by the machine"),
        words=_("Decided violations of which the first decision was nobody's"),
        source="violations_decided",
        value="sum(by_machine)",
        order=123,
    ),
    Fact(
        code="upheld_violations",
        label=_("of these, upheld"),
        words=_("Decided violations that are not dismissed, as it stands now"),
        source="violations_decided",
        value="sum(upheld)",
        order=124,
    ),
    Fact(
        code="active_koc",
        label=_("active KOC"),
        words=_("KOC who are neither paused nor gone at the end of the window's last day"),
        source="koc_active",
        value="count(*)",
        order=130,
    ),
    Fact(
        code="ugc_offered",
        label=_("pieces of UGC offered"),
        words=_("Pieces by the day on which they were offered"),
        source="ugc",
        value="count(*)",
        order=131,
    ),
    Fact(
        code="ugc_accepted",
        label=_("of these, accepted"),
        words=_("Pieces offered in the window that passed their review, those whose rights are over included"),
        source="ugc",
        value="sum(accepted)",
        order=132,
    ),
    Fact(
        code="ugc_uses",
        label=_("uses of UGC"),
        words=_("Materials made of pieces of UGC, on the day on which they were made"),
        source="ugc_uses",
        value="count(*)",
        order=133,
    ),
)


def groups(user: User) -> Mapping[str, str]:
    """Those whose figures she may see: all, those of her stores, or her own."""
    if not user.has_perm("community.view_group"):
        return {}
    seen = Group.objects.visible_to(user).order_by("-id")
    return {str(pk): name for pk, name in seen.values_list("pk", "name")}


fact_sources.register_all(SOURCES)
facts.register_all(FACTS)
member_slices.register(
    MemberSlice(
        code=GROUP,
        label=pgettext_lazy("slice", "Group"),
        choices=groups,
        members=f"""
            SELECT DISTINCT stay.group_id::text AS slice_id, {owner_at_hand("who")} AS member_id
            FROM community_stay AS stay
            JOIN community_groupparticipant AS participant ON participant.id = stay.participant_id
            JOIN members_member AS who ON who.id = participant.member_id
            JOIN community_group AS chat ON chat.id = stay.group_id
            WHERE stay.joined_at < %(end)s AND (stay.left_at IS NULL OR stay.left_at >= %(end)s)
                AND (chat.closed_on IS NULL OR chat.closed_on > %(day)s::date - {KEPT_DAYS})
        """,
        order=50,
    )
)
