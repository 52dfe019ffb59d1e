"""Who is in groups: growth, who stays, who sleeps, who buys, who carries the talk, who is in several."""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from community.models import Group, GroupParticipant
from community.rules.bands import share
from community.selectors.unknown_days import unknown_days
from members.rules.persons import owner_at_hand

GROWTH_DAYS = 30
RETENTION_DAYS = 30
BUYING_DAYS = 30
SPEAKING_DAYS = 7
# Staff are in every group and belong to none of these shares. Who was seen speaking has not come then, unless she had left: growth and how
# long somebody stays are asked of those of whom it is known when they came.
# Who sleeps is asked of the days that are known: of a chat that comes by files those up to its last one.
_FIGURES = f"""
WITH told AS (
    SELECT group_id, %(asleep_day)s::date - unknown AS asleep_day,
        %(asleep_from)s::timestamptz - unknown * interval '1 day' AS asleep_from
    FROM unnest(%(ids)s::bigint[], %(unknown)s::integer[]) AS told (group_id, unknown)
), stayed AS (
    SELECT stay.group_id, stay.participant_id, stay.joined_at, stay.left_at, stay.joined_how,
        speaker.staff_id, {owner_at_hand("person")} AS member_id,
        stay.joined_how <> 'seen'
            OR row_number() OVER (PARTITION BY stay.participant_id ORDER BY stay.joined_at) > 1 AS came,
        stay.joined_at <= %(now)s AND (stay.left_at IS NULL OR stay.left_at > %(now)s) AS present
    FROM community_stay AS stay
    JOIN community_groupparticipant AS speaker ON speaker.id = stay.participant_id
    LEFT JOIN members_member AS person ON person.id = speaker.member_id
    WHERE stay.group_id = ANY (%(ids)s)
), spoke AS (
    SELECT participant_id, max(day) AS last_day FROM told JOIN community_participantday USING (group_id)
    WHERE messages > 0 AND day > least(told.asleep_day, %(speaking_day)s::date) AND day <= %(today)s GROUP BY 1
), bought AS (
    SELECT DISTINCT one.owner AS member_id FROM (
        SELECT member_id AS owner, member_id FROM stayed WHERE present AND member_id IS NOT NULL
        UNION
        SELECT stayed.member_id, absorbed.id FROM stayed
        JOIN members_member AS absorbed ON absorbed.merged_into_id = stayed.member_id WHERE present
    ) AS one JOIN timeline_purchaseday AS day ON day.member_id = one.member_id
    WHERE day.orders > 0 AND day.day > %(bought_day)s AND day.day <= %(today)s
)
SELECT stayed.group_id, count(*) FILTER (WHERE present), count(*) FILTER (WHERE present AND staff_id IS NULL),
    count(*) FILTER (WHERE staff_id IS NULL AND (came OR left_at IS NOT NULL)),
    count(*) FILTER (WHERE came AND joined_at > %(grown_from)s AND joined_at <= %(now)s),
    count(*) FILTER (WHERE NOT came AND joined_at > %(grown_from)s AND joined_at <= %(now)s),
    count(*) FILTER (WHERE left_at > %(grown_from)s AND left_at <= %(now)s),
    count(*) FILTER (WHERE present AND spoke.last_day > %(speaking_day)s),
    count(*) FILTER (WHERE present AND staff_id IS NULL AND joined_at <= told.asleep_from),
    count(*) FILTER (
        WHERE present AND staff_id IS NULL AND joined_at <= told.asleep_from
            AND (spoke.last_day IS NULL OR spoke.last_day <= told.asleep_day)
    ),
    count(DISTINCT stayed.member_id) FILTER (WHERE present AND staff_id IS NULL),
    count(DISTINCT bought.member_id) FILTER (WHERE present AND staff_id IS NULL),
    count(*) FILTER (WHERE cohort.is_one),
    count(*) FILTER (WHERE cohort.is_one AND (left_at IS NULL OR left_at >= joined_at + %(retention)s))
FROM stayed
JOIN told USING (group_id)
LEFT JOIN spoke USING (participant_id)
LEFT JOIN bought ON bought.member_id = stayed.member_id
CROSS JOIN LATERAL (
    SELECT staff_id IS NULL AND joined_how <> 'seen' AND joined_at > %(cohort_from)s AND joined_at <= %(cohort_to)s
) AS cohort (is_one)
GROUP BY stayed.group_id
"""
_CONTRIBUTORS = """
SELECT participant_id, sum(messages)::bigint, sum(mentioned)::bigint, count(*) FILTER (WHERE messages > 0), max(day)
FROM community_participantday WHERE group_id = %(group)s AND day > %(since)s AND day <= %(today)s
GROUP BY 1 HAVING sum(messages) > 0 ORDER BY 2 DESC, 3 DESC, 1 LIMIT %(limit)s
"""
_OVERLAP = f"""
WITH present AS (
    SELECT DISTINCT stay.group_id, {owner_at_hand("person")} AS member_id
    FROM community_stay AS stay
    JOIN community_groupparticipant AS speaker ON speaker.id = stay.participant_id
    JOIN members_member AS person ON person.id = speaker.member_id
    WHERE stay.left_at IS NULL AND stay.group_id = ANY (%(ids)s)
), sizes AS (
    SELECT group_id, count(*) AS people FROM present GROUP BY 1
)
SELECT other.group_id, count(*), sizes.people FROM present AS here
JOIN present AS other ON other.member_id = here.member_id AND other.group_id <> here.group_id
JOIN sizes ON sizes.group_id = other.group_id
WHERE here.group_id = %(group)s GROUP BY 1, 3 ORDER BY 2 DESC, 1 LIMIT %(limit)s
"""
_KNOWN_HERE = f"""
SELECT count(DISTINCT {owner_at_hand("person")}) FROM community_stay AS stay
JOIN community_groupparticipant AS speaker ON speaker.id = stay.participant_id
JOIN members_member AS person ON person.id = speaker.member_id
WHERE stay.left_at IS NULL AND stay.group_id = %(group)s
"""
_ASLEEP = """
SELECT stay.participant_id FROM community_stay AS stay
JOIN community_groupparticipant AS speaker ON speaker.id = stay.participant_id
WHERE stay.group_id = %(group)s AND stay.left_at IS NULL AND stay.joined_at <= %(asleep_from)s
    AND speaker.staff_id IS NULL AND NOT EXISTS (
        SELECT FROM community_participantday AS said
        WHERE said.participant_id = stay.participant_id AND said.messages > 0 AND said.day > %(asleep_day)s
    )
"""


@dataclass(frozen=True, kw_only=True)
class Figures:
    """One group as of a moment. Shares are None where there is nobody to have one; each names its sample.

    `told` are the stays of customers of whom somebody told that they came or went, `seen` those who spoke for the first
    time within the window of `joined` and `left`.
    """

    present: int = 0
    customers: int = 0
    told: int = 0
    joined: int = 0
    seen: int = 0
    left: int = 0
    speakers: int = 0
    could_sleep: int = 0
    sleepers: int = 0
    members: int = 0
    buyers: int = 0
    cohort: int = 0
    retained: int = 0

    @property
    def growth(self) -> int | None:
        """None where nobody ever told who came and who went."""
        return self.joined - self.left if self.told else None

    @property
    def sleeping(self) -> float | None:
        return share(self.sleepers, self.could_sleep)

    @property
    def buying(self) -> float | None:
        return share(self.buyers, self.members)

    @property
    def retention(self) -> float | None:
        return share(self.retained, self.cohort)


@dataclass(frozen=True, kw_only=True)
class Contributor:
    participant: GroupParticipant
    messages: int
    mentioned: int
    days: int
    last_day: date


@dataclass(frozen=True)
class Overlap:
    """Members who are in both; `share` of the smaller of the two."""

    group: Group
    members: int
    share: float


def figures_of(groups: Sequence[Group], *, now: datetime, today: date, sleeper_days: int) -> Mapping[int, Figures]:
    """By number; two queries."""
    unknown = unknown_days(groups, today=today)
    values: dict[str, Any] = {
        "ids": list(unknown),
        "unknown": list(unknown.values()),
        "now": now,
        "today": today,
        "grown_from": now - timedelta(days=GROWTH_DAYS),
        "speaking_day": today - timedelta(days=SPEAKING_DAYS),
        "asleep_from": now - timedelta(days=sleeper_days),
        "asleep_day": today - timedelta(days=sleeper_days),
        "bought_day": today - timedelta(days=BUYING_DAYS),
        "cohort_from": now - timedelta(days=2 * RETENTION_DAYS),
        "cohort_to": now - timedelta(days=RETENTION_DAYS),
        "retention": timedelta(days=RETENTION_DAYS),
    }
    names = list(Figures.__dataclass_fields__)
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES, values)
        found = {number: Figures(**dict(zip(names, row, strict=True))) for number, *row in cursor.fetchall()}
    return {group.pk: found.get(group.pk, Figures()) for group in groups}


def contributors_of(group: Group, *, today: date, days: int, limit: int) -> list[Contributor]:
    """Who said most in the last days, today included; two queries."""
    values: dict[str, Any] = {"group": group.pk, "since": today - timedelta(days=days), "today": today, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(_CONTRIBUTORS, values)
        rows = cursor.fetchall()
    people = GroupParticipant.objects.select_related("staff", "member").in_bulk([row[0] for row in rows])
    return [
        Contributor(participant=people[number], messages=messages, mentioned=mentioned, days=active, last_day=last_day)
        for number, messages, mentioned, active, last_day in rows
    ]


def overlap_of(group: Group, among: QuerySet[Group], *, limit: int) -> list[Overlap]:
    """Other groups of `among` in which members of this one are; only those of whom it is known who they are count."""
    others = {other.pk: other for other in among.filter(state="active")}
    with connection.cursor() as cursor:
        cursor.execute(_OVERLAP, {"group": group.pk, "ids": [*others, group.pk], "limit": limit})
        rows = cursor.fetchall()
        cursor.execute(_KNOWN_HERE, {"group": group.pk})
        (here,) = cursor.fetchone()
    return [
        Overlap(others[number], both, both / min(people, here)) for number, both, people in rows if number in others
    ]


def asleep_in(group: Group, *, now: datetime, today: date, sleeper_days: int) -> QuerySet[GroupParticipant]:
    """Those who are in it for long enough and have said nothing for so many days, up to the last that is known."""
    back = timedelta(days=sleeper_days + unknown_days([group], today=today)[group.pk])
    values: dict[str, Any] = {"group": group.pk, "asleep_from": now - back, "asleep_day": today - back}
    with connection.cursor() as cursor:
        cursor.execute(_ASLEEP, values)
        return GroupParticipant.objects.filter(pk__in=[number for (number,) in cursor.fetchall()])


def present_in(group: Group) -> QuerySet[GroupParticipant]:
    return GroupParticipant.objects.filter(group=group, stays__left_at=None, stays__isnull=False)
