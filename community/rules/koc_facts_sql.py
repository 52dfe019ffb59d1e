"""The statements behind KOC scores: who is scored, and the eleven facts of each, over whole local days.

Five small relations come first, so that the planner knows their sizes: `koc_people` (members with an open stay in a
group in use, without those whose data may only be stored), `koc_speaker` (all their participants, of groups that they
have left too), `koc_herself` (pairs of participants of one group who are one member; talk never leaves its group), `koc_record` (their records, those merged into
them too), `koc_told` (groups, and the last days of each that nobody told of).
"""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

from community.enums.koc import Fact
from community.rules.koc_scoring import FACTS, Weighing, parts_sql, total_sql
from compliance.rules.gate import RESTRICTED_PERSONS
from members.rules.persons import owner_at_hand

PEOPLE, SPEAKERS, HERSELF = "koc_people", "koc_speaker", "koc_herself"
RECORDS, TOLD = "koc_record", "koc_told"
RELATIONS = {
    PEOPLE: f"""
SELECT {owner_at_hand("member")} AS member_id, count(DISTINCT stay.group_id)::smallint AS groups
FROM community_stay AS stay
JOIN community_group AS own ON own.id = stay.group_id AND own.state = 'active'
JOIN community_groupparticipant AS participant ON participant.id = stay.participant_id
JOIN members_member AS member ON member.id = participant.member_id
WHERE stay.left_at IS NULL AND participant.staff_id IS NULL AND NOT EXISTS (
    SELECT FROM ({RESTRICTED_PERSONS}) AS restricted
    WHERE restricted.person_id = {owner_at_hand("member")}
)
GROUP BY 1
""",
    SPEAKERS: f"""
SELECT participant.id AS participant_id, people.member_id, participant.group_id
FROM community_groupparticipant AS participant
JOIN members_member AS member ON member.id = participant.member_id
JOIN {PEOPLE} AS people ON people.member_id = {owner_at_hand("member")}
""",
    HERSELF: f"""
SELECT one.participant_id AS one_id, other.participant_id AS other_id
FROM {SPEAKERS} AS one JOIN {SPEAKERS} AS other USING (member_id, group_id)
WHERE one.participant_id <> other.participant_id
""",
    RECORDS: f"""
SELECT member_id AS record_id, member_id FROM {PEOPLE}
UNION ALL
SELECT member.id, people.member_id FROM members_member AS member
JOIN {PEOPLE} AS people ON people.member_id = member.merged_into_id WHERE member.merged_into_id IS NOT NULL
""",
    TOLD: """
SELECT own.id AS group_id, coalesce(told.unknown, 0) AS unknown FROM community_group AS own
LEFT JOIN unnest(%(groups)s::bigint[], %(unknown)s::integer[]) AS told (group_id, unknown) ON told.group_id = own.id
""",
}
# What is said in a group counts within a window that ends before the days of it that nobody told of.
_IN_WINDOW = "{of}.day >= %(since)s::date - told.unknown AND {of}.day < %(until)s::date - told.unknown"
_TALK = f"""
FROM community_talkedge AS talk JOIN {TOLD} AS told USING (group_id)
WHERE {_IN_WINDOW.format(of="talk")} AND talk.from_participant_id <> talk.to_participant_id AND NOT EXISTS (
    SELECT FROM {HERSELF} AS same WHERE same.one_id = talk.from_participant_id AND same.other_id = talk.to_participant_id
)
"""
# A week counts from the end of the window backwards: a bit for each.
SPOKEN = f"""
SELECT speaker.member_id, sum(day.messages) AS messages, sum(day.mentioned) AS answered,
    bit_or(1::bigint << ((%(until)s::date - told.unknown - day.day - 1) / 7)) FILTER (WHERE day.messages > 0) AS weeks
FROM community_participantday AS day JOIN {SPEAKERS} AS speaker USING (participant_id)
JOIN {TOLD} AS told ON told.group_id = day.group_id
WHERE {_IN_WINDOW.format(of="day")} GROUP BY 1
"""
# Whom she turned to and who turned to her, each once. Here and below nobody counts for herself, by whichever of her records.
# Counted by participant first: sorting pairs of numbers is quicker than asking of each pair who it is.
TALKED = f"""
SELECT speaker.member_id, sum(heard.reached)::bigint AS reached
FROM (
    SELECT participant_id, count(DISTINCT other) AS reached FROM (
        SELECT talk.from_participant_id AS participant_id, talk.to_participant_id AS other {_TALK}
        UNION ALL
        SELECT talk.to_participant_id, talk.from_participant_id {_TALK}
    ) AS edge GROUP BY 1
) AS heard JOIN {SPEAKERS} AS speaker USING (participant_id)
GROUP BY 1
"""
BOUGHT = f"""
SELECT record.member_id, sum(day.orders) AS orders, sum(day.amount) AS spend
FROM timeline_purchaseday AS day JOIN {RECORDS} AS record ON record.record_id = day.member_id
WHERE day.day >= %(since)s::date AND day.day < %(until)s::date GROUP BY 1
"""
INVITED = f"""
SELECT record.member_id, count(DISTINCT {owner_at_hand("guest")}) AS invited
FROM timeline_touch AS touch JOIN {RECORDS} AS record ON record.record_id = touch.inviter_id
JOIN members_member AS guest ON guest.id = touch.member_id
WHERE touch.inviter_id IS NOT NULL AND touch.occurred_at >= %(since_at)s AND touch.occurred_at < %(until_at)s
    AND {owner_at_hand("guest")} <> record.member_id
GROUP BY 1
"""
BROUGHT = f"""
SELECT speaker.member_id, count(DISTINCT stay.participant_id) AS brought
FROM community_stay AS stay JOIN {SPEAKERS} AS speaker ON speaker.participant_id = stay.invited_by_id
LEFT JOIN {SPEAKERS} AS guest ON guest.participant_id = stay.participant_id
WHERE guest.member_id IS DISTINCT FROM speaker.member_id AND stay.invited_by_id IS NOT NULL
    AND stay.joined_at >= %(since_at)s AND stay.joined_at < %(until_at)s GROUP BY 1
"""
# A code is read as it was typed, in any case.
REFERRED = f"""
SELECT record.member_id, count(*) AS referred
FROM community_koc AS koc
JOIN {RECORDS} AS record ON record.record_id = koc.member_id
JOIN timeline_purchase AS bought
    ON upper(btrim(bought.referral_code)) = koc.referral_code AND bought.referral_code <> ''
    AND bought.occurred_at >= %(since_at)s AND bought.occurred_at < %(until_at)s
JOIN members_member AS buyer ON buyer.id = bought.member_id
WHERE bought.kind = 'order' AND bought.sold AND {owner_at_hand("buyer")} <> record.member_id
GROUP BY 1
"""
# What she made that the brand may use, and how often it was used: both within the window.
MADE = f"""
SELECT member_id, sum(pieces) AS pieces, sum(used) AS used FROM (
    SELECT record.member_id, count(*) AS pieces, 0 AS used
    FROM community_ugc AS ugc JOIN {RECORDS} AS record ON record.record_id = ugc.member_id
    WHERE ugc.state IN ('approved', 'ended') AND ugc.offered_at >= %(since_at)s AND ugc.offered_at < %(until_at)s
    GROUP BY 1
    UNION ALL
    SELECT record.member_id, 0, count(*)
    FROM community_ugcuse AS use JOIN community_ugc AS ugc ON ugc.id = use.ugc_id
    JOIN {RECORDS} AS record ON record.record_id = ugc.member_id
    WHERE use.at >= %(since_at)s AND use.at < %(until_at)s GROUP BY 1
) AS made GROUP BY 1
"""
AGGREGATES = {
    "spoken": SPOKEN,
    "talked": TALKED,
    "made": MADE,
    "bought": BOUGHT,
    "invited": INVITED,
    "brought": BROUGHT,
    "referred": REFERRED,
}
COLUMNS = {
    Fact.MESSAGES: "coalesce(spoken.messages, 0)",
    Fact.ANSWERED: "coalesce(spoken.answered, 0)",
    Fact.REACHED: "coalesce(talked.reached, 0)",
    Fact.PIECES: "coalesce(made.pieces, 0)",
    Fact.USED: "coalesce(made.used, 0)",
    Fact.ORDERS: "coalesce(bought.orders, 0)",
    Fact.SPEND: "round(coalesce(bought.spend, 0) * 100)",
    Fact.INVITED: "coalesce(invited.invited, 0)",
    Fact.BROUGHT: "coalesce(brought.brought, 0)",
    Fact.REFERRED: "coalesce(referred.referred, 0)",
    Fact.WEEKS: "bit_count(coalesce(spoken.weeks, 0)::bit(64))",
}


def facts_sql() -> str:
    """member_id, groups, and each fact as a column named by its code, for everybody who is scored."""
    ctes = ", ".join(f"{name} AS ({sql})" for name, sql in AGGREGATES.items())
    columns = ", ".join(f"({COLUMNS[fact]})::bigint AS {fact.value}" for fact in FACTS)
    joins = " ".join(f"LEFT JOIN {name} USING (member_id)" for name in AGGREGATES)
    return f"WITH {ctes} SELECT people.member_id, people.groups, {columns} FROM {PEOPLE} AS people {joins}"


def write_sql(weighing: Weighing) -> str:
    """One statement that puts everybody's score in the place of the last; what was before an earlier day is kept beside.

    Values: those of the window, `run`, and `today_runs`, the runs whose scores were written on this local day already.
    """
    parts = parts_sql(weighing, lambda fact: f"fact.{fact.value}")
    facts = ", ".join(f"fact.{fact.value}" for fact in FACTS)
    kept = ", ".join(
        f"before_{name} = CASE WHEN held.run_id = ANY (%(today_runs)s) THEN held.before_{name} ELSE held.{column} END"
        for name, column in (("run_id", "run_id"), ("total", "total"), ("parts", "parts"), ("facts", "facts"))
    )
    return f"""
INSERT INTO community_kocscore AS held (member_id, run_id, total, parts, facts, groups)
SELECT scored.member_id, %(run)s, {total_sql(weighing, "scored.parts")}, scored.parts, scored.facts, scored.groups
FROM (
    SELECT fact.member_id, fact.groups, {parts} AS parts, ARRAY[{facts}]::bigint[] AS facts
    FROM ({facts_sql()}) AS fact
) AS scored
ON CONFLICT (member_id) DO UPDATE SET {kept},
    run_id = excluded.run_id, total = excluded.total, parts = excluded.parts, facts = excluded.facts,
    groups = excluded.groups
"""
