"""The statements behind the effect of KOC: who is compared, from which day on, and what each did before and after.

`effect_start`: the treated (a KOC; or, for the members around her, whoever was in a group when its first KOC began),
each with a start day and a cluster. `effect_sample`: those and a sample of members in groups who were never treated,
once for each start day, chosen by a hash so that the same question gets the same answer; those who speak get most of
the places, for KOC are compared with their like. Then the facts of all of them, each over the same days as the treated.
"""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

from community.enums.koc import Treated
from community.rules.merged_kocs import koc_at_hand
from members.rules.persons import owner_at_hand

START, POOL, SAMPLE, RECORDS = "effect_start", "effect_pool", "effect_sample", "effect_record"
# From her steps, for a second invitation empties what stands on the row. Two KOC who are one person are one, by the
# record that stands for her.
BEGAN = f"""
SELECT koc.id AS koc_id, {owner_at_hand("hers")} AS member_id,
    (min(step.at) AT TIME ZONE %(zone)s)::date AS day
FROM community_kocevent AS step
JOIN community_koc AS own ON own.id = step.koc_id
JOIN community_koc AS koc ON koc.id = {koc_at_hand("own")}
JOIN members_member AS hers ON hers.id = koc.member_id
WHERE step.to_state = 'active' GROUP BY 1, 2
"""
_KOC_START = f"SELECT koc_id, member_id, day, member_id AS cluster FROM ({BEGAN}) AS began"
# The first KOC of a group marks its day; a member of several such groups counts with the earliest.
_GROUPS_START = f"""
WITH began AS ({BEGAN}), spoken AS (
    SELECT participant.*, {owner_at_hand("hers")} AS person_id
    FROM community_groupparticipant AS participant JOIN members_member AS hers ON hers.id = participant.member_id
), first AS (
    SELECT participant.group_id, min(began.day) AS day
    FROM began
    JOIN spoken AS participant ON participant.person_id = began.member_id
    JOIN community_stay AS stay ON stay.participant_id = participant.id
        AND stay.joined_at < (began.day + 1)::timestamp AT TIME ZONE %(zone)s
        AND (stay.left_at IS NULL OR stay.left_at >= began.day::timestamp AT TIME ZONE %(zone)s)
    GROUP BY 1
)
SELECT DISTINCT ON (participant.person_id) NULL::bigint AS koc_id, participant.person_id AS member_id, first.day,
    first.group_id AS cluster
FROM first
JOIN spoken AS participant ON participant.group_id = first.group_id
JOIN community_stay AS stay ON stay.participant_id = participant.id
    AND stay.joined_at < first.day::timestamp AT TIME ZONE %(zone)s
    AND (stay.left_at IS NULL OR stay.left_at >= first.day::timestamp AT TIME ZONE %(zone)s)
WHERE participant.staff_id IS NULL
    AND NOT EXISTS (SELECT FROM began WHERE began.member_id = participant.person_id)
ORDER BY participant.person_id, first.day, first.group_id
"""
_NEVER = {
    Treated.KOC: f"""
NOT EXISTS (SELECT FROM ({BEGAN}) AS began WHERE began.member_id = {owner_at_hand("hers")})
""",
    Treated.GROUPS: f"""
NOT EXISTS (SELECT FROM {START} AS start WHERE start.member_id = {owner_at_hand("hers")})
    AND NOT EXISTS (SELECT FROM ({BEGAN}) AS began WHERE began.member_id = {owner_at_hand("hers")})
    AND NOT EXISTS (
        SELECT FROM community_groupparticipant AS beside JOIN {START} AS start ON start.cluster = beside.group_id
        JOIN members_member AS same ON same.id = beside.member_id
        WHERE {owner_at_hand("same")} = {owner_at_hand("hers")}
    )
""",
}


def start_sql(treated: Treated) -> str:
    return _KOC_START if treated == Treated.KOC else _GROUPS_START


def pool_sql(treated: Treated) -> str:
    """Members in groups who were never treated: since when, until when, and whether they speak at all."""
    return f"""
SELECT {owner_at_hand("hers")} AS member_id, min(stay.joined_at) AS joined_at,
    CASE WHEN bool_or(stay.left_at IS NULL) THEN 'infinity' ELSE max(stay.left_at) END AS left_at,
    min(participant.group_id) AS group_id,
    bool_or(EXISTS (SELECT FROM community_participantday AS day WHERE day.participant_id = participant.id
        AND day.messages > 0)) AS speaks
FROM community_groupparticipant AS participant
JOIN members_member AS hers ON hers.id = participant.member_id
JOIN community_stay AS stay ON stay.participant_id = participant.id
WHERE participant.staff_id IS NULL AND {_NEVER[treated]}
GROUP BY 1
"""


def sample_sql(treated: Treated) -> str:
    """Values: `last_day` (later starts are not over yet), `speakers`, `others`: places for each start day."""
    cluster = "pool.member_id" if treated == Treated.KOC else "pool.group_id"
    return f"""
WITH counted AS (
    SELECT greatest(count(*) FILTER (WHERE speaks), 1) AS speakers,
        greatest(count(*) FILTER (WHERE NOT speaks), 1) AS others FROM {POOL}
)
SELECT true AS treated, koc_id, member_id, day, cluster FROM {START}
WHERE day <= %(last_day)s AND (hashint8extended(member_id, 11) & 1048575) < 1048576.0 * %(most)s / (
    SELECT greatest(count(*), 1) FROM {START})
UNION ALL
SELECT false, NULL, pool.member_id, start.day, {cluster}
FROM (SELECT DISTINCT day FROM {START} WHERE day <= %(last_day)s) AS start
CROSS JOIN {POOL} AS pool CROSS JOIN counted
WHERE pool.joined_at < start.day::timestamp AT TIME ZONE %(zone)s
    AND pool.left_at > start.day::timestamp AT TIME ZONE %(zone)s
    AND (hashint8extended(pool.member_id, start.day - date '2000-01-01') & 1048575)
        < 1048576.0 * CASE WHEN pool.speaks THEN %(speakers)s::float8 / counted.speakers
            ELSE %(others)s::float8 / counted.others END
"""


RECORDS_SQL = f"""
SELECT member_id, member_id AS record_id FROM (SELECT DISTINCT member_id FROM {SAMPLE}) AS each
UNION ALL
SELECT each.member_id, member.id FROM (SELECT DISTINCT member_id FROM {SAMPLE}) AS each
JOIN members_member AS member ON member.merged_into_id = each.member_id
"""
_WINDOW = "day.day >= sample.day - %(days)s AND day.day < sample.day"
# Every row of the sample with the tier in which it stood, and what it did in the days before and after its start.
FACTS_SQL = f"""
WITH bought AS (
    SELECT sample.member_id, sample.day,
        sum(day.orders) FILTER (WHERE day.day < sample.day) AS orders_before,
        sum(day.amount) FILTER (WHERE day.day < sample.day) AS spend_before,
        sum(day.orders) FILTER (WHERE day.day >= sample.day) AS orders_after,
        sum(day.amount) FILTER (WHERE day.day >= sample.day) AS spend_after
    FROM (SELECT DISTINCT member_id, day FROM {SAMPLE}) AS sample JOIN {RECORDS} AS record USING (member_id)
    JOIN timeline_purchaseday AS day ON day.member_id = record.record_id
        AND day.day >= sample.day - %(days)s AND day.day < sample.day + %(days)s
    GROUP BY 1, 2
), spoke AS (
    SELECT sample.member_id, sample.day, sum(day.messages) AS messages
    FROM (SELECT DISTINCT member_id, day FROM {SAMPLE}) AS sample JOIN {RECORDS} AS record USING (member_id)
    JOIN community_groupparticipant AS participant ON participant.member_id = record.record_id
    JOIN community_participantday AS day ON day.participant_id = participant.id AND {_WINDOW}
    GROUP BY 1, 2
), acted AS (
    SELECT sample.member_id, sample.day, sum(day.count) AS interactions
    FROM (SELECT DISTINCT member_id, day FROM {SAMPLE}) AS sample JOIN {RECORDS} AS record USING (member_id)
    JOIN timeline_interactionday AS day ON day.member_id = record.record_id AND {_WINDOW}
    GROUP BY 1, 2
), made AS (
    SELECT sample.member_id, sample.day,
        count(*) FILTER (WHERE (ugc.offered_at AT TIME ZONE %(zone)s)::date < sample.day) AS ugc_before,
        count(*) FILTER (WHERE (ugc.offered_at AT TIME ZONE %(zone)s)::date >= sample.day) AS ugc_after
    FROM (SELECT DISTINCT member_id, day FROM {SAMPLE}) AS sample JOIN {RECORDS} AS record USING (member_id)
    JOIN community_ugc AS ugc ON ugc.member_id = record.record_id
        AND (ugc.offered_at AT TIME ZONE %(zone)s)::date >= sample.day - %(days)s
        AND (ugc.offered_at AT TIME ZONE %(zone)s)::date < sample.day + %(days)s
    GROUP BY 1, 2
)
SELECT sample.treated, coalesce(sample.koc_id, 0), sample.cluster, sample.day - date '2000-01-01',
    coalesce(tier.to_tier, ''),
    greatest(sample.day - (coalesce(member.registered_at, member.created_at) AT TIME ZONE %(zone)s)::date, 0),
    coalesce(spoke.messages, 0)::float8, coalesce(acted.interactions, 0)::float8,
    coalesce(bought.orders_before, 0)::float8, coalesce(bought.orders_after, 0)::float8,
    coalesce(bought.spend_before, 0)::float8, coalesce(bought.spend_after, 0)::float8,
    coalesce(made.ugc_before, 0)::float8, coalesce(made.ugc_after, 0)::float8
FROM {SAMPLE} AS sample
JOIN members_member AS member ON member.id = sample.member_id
LEFT JOIN LATERAL (
    SELECT change.to_tier FROM segments_tierchange AS change
    WHERE change.member_id = sample.member_id AND change.at < sample.day::timestamp AT TIME ZONE %(zone)s
    ORDER BY change.at DESC LIMIT 1
) AS tier ON true
LEFT JOIN bought ON bought.member_id = sample.member_id AND bought.day = sample.day
LEFT JOIN spoke ON spoke.member_id = sample.member_id AND spoke.day = sample.day
LEFT JOIN acted ON acted.member_id = sample.member_id AND acted.day = sample.day
LEFT JOIN made ON made.member_id = sample.member_id AND made.day = sample.day
ORDER BY sample.treated DESC, sample.day, sample.member_id
"""
