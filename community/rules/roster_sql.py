"""The statements that take over a list of participants, all at once."""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

from collections.abc import Mapping

ROSTER_COLUMNS: Mapping[str, str] = {
    "line": "bigint NOT NULL",
    "group_id": "bigint NOT NULL",
    "member_id": "bigint",
    "joined_at": "timestamptz",
    "left_at": "timestamptz",
    "acknowledged": "boolean NOT NULL",
    "speaker_key": "varchar(128) NOT NULL",
    "nickname": "varchar(100) NOT NULL",
    "role": "varchar(8)",
    "inviter": "varchar(128) NOT NULL",
}
ROSTER = "community_roster"

LOCK_GROUPS = (
    f"SELECT id FROM community_group WHERE id IN (SELECT group_id FROM {ROSTER}) ORDER BY id FOR NO KEY UPDATE"
)
# Whoever is the owner no more makes room before the next one is named.
STEP_DOWN = f"""
UPDATE community_groupparticipant AS known SET role = given.role FROM {ROSTER} AS given
WHERE known.group_id = given.group_id AND known.speaker_key = given.speaker_key AND known.role = 'owner'
    AND given.role IS NOT NULL AND given.role <> 'owner'
"""
KEEP_PEOPLE = f"""
INSERT INTO community_groupparticipant AS known (group_id, speaker_key, nickname, member_id, linked_at, role, created_at)
SELECT group_id, speaker_key, nickname, member_id, CASE WHEN member_id IS NOT NULL THEN %(now)s END,
    coalesce(role, 'ordinary'), %(now)s
FROM {ROSTER} ORDER BY group_id, speaker_key
ON CONFLICT (group_id, speaker_key) DO UPDATE SET
    nickname = CASE excluded.nickname WHEN '' THEN known.nickname ELSE excluded.nickname END,
    role = CASE WHEN EXISTS (
        SELECT FROM {ROSTER} AS given WHERE given.group_id = excluded.group_id
            AND given.speaker_key = excluded.speaker_key AND given.role IS NOT NULL
    ) THEN excluded.role ELSE known.role END,
    member_id = coalesce(known.member_id, excluded.member_id),
    linked_at = coalesce(known.linked_at, excluded.linked_at)
"""
FOUND = f"""
SELECT given.*, known.id AS participant_id FROM {ROSTER} AS given
JOIN community_groupparticipant AS known USING (group_id, speaker_key)
"""
# A stay that began with her first message begins when she joined, now that somebody tells.
CORRECT_STAYS = f"""
UPDATE community_stay AS stay SET joined_at = given.joined_at, joined_how = 'unknown' FROM ({FOUND}) AS given
WHERE stay.participant_id = given.participant_id AND stay.joined_how = 'seen' AND given.joined_at <= stay.joined_at
    AND stay.id = (SELECT min(first.id) FROM community_stay AS first WHERE first.participant_id = stay.participant_id)
"""
# Who stands in a list that does not tell when she joined was there, and has not come at this moment.
BEGIN_STAYS = f"""
INSERT INTO community_stay (participant_id, group_id, joined_at, joined_how, invited_by_id, left_how)
SELECT participant_id, given.group_id, least(coalesce(joined_at, %(now)s), coalesce(left_at, 'infinity')),
    CASE WHEN joined_at IS NULL THEN 'seen' WHEN host.id IS NULL THEN 'unknown' ELSE 'invited' END, host.id, ''
FROM ({FOUND}) AS given
LEFT JOIN LATERAL (
    SELECT CASE count(*) WHEN 1 THEN min(other.id) END AS id FROM community_groupparticipant AS other
    WHERE other.group_id = given.group_id AND other.id <> given.participant_id AND given.inviter <> ''
        AND given.inviter IN (other.speaker_key, other.nickname)
) AS host ON true
WHERE NOT EXISTS (SELECT FROM community_stay AS stay WHERE stay.participant_id = given.participant_id)
"""
END_STAYS = f"""
UPDATE community_stay AS stay SET left_at = given.left_at, left_how = 'unknown' FROM ({FOUND}) AS given
WHERE stay.participant_id = given.participant_id AND stay.left_at IS NULL AND given.left_at >= stay.joined_at
"""
ACKNOWLEDGE = f"""
INSERT INTO community_rulesacknowledgement (participant_id, rules_id, at, how)
SELECT given.participant_id, rules.id, %(now)s, 'import' FROM ({FOUND}) AS given
CROSS JOIN LATERAL (
    SELECT id FROM community_grouprules WHERE group_id = given.group_id ORDER BY version DESC LIMIT 1
) AS rules
WHERE given.acknowledged ON CONFLICT (participant_id, rules_id) DO NOTHING
"""
LINKED = f"SELECT array_agg(participant_id) FROM ({FOUND}) AS given WHERE member_id IS NOT NULL"
OWNERLESS = f"""
SELECT chat.name FROM community_group AS chat
WHERE chat.id IN (SELECT group_id FROM {ROSTER}) AND NOT EXISTS (
    SELECT FROM community_groupparticipant AS known WHERE known.group_id = chat.id AND known.role = 'owner'
) ORDER BY chat.id LIMIT 1
"""
