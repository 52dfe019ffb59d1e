"""Statements by which titles are given and lost, over the days of participants."""

# ruff: noqa: S608  # the condition is written here; every value is a bound parameter

# Everybody in the active groups of a type: her figures within the window, her violations, whether she is still there.
# The window of a group ends before the last days of it that nobody told of; a violation counts on whichever day.
FIGURES = """
CREATE TEMP TABLE community_title_figures ON COMMIT DROP AS
WITH told AS (SELECT * FROM unnest(%(groups)s::bigint[], %(unknown)s::integer[]) AS told (group_id, unknown))
SELECT participant.id AS participant_id, participant.group_id,
    coalesce(days.active_days, 0) AS active_days, coalesce(days.messages, 0) AS messages,
    coalesce(days.mentioned, 0) AS mentioned, coalesce(faults.violations, 0) AS violations,
    grp.state = 'active' AND participant.staff_id IS NULL AND (
        EXISTS (SELECT FROM community_stay AS stay WHERE stay.participant_id = participant.id AND stay.left_at IS NULL)
        OR NOT EXISTS (SELECT FROM community_stay AS stay WHERE stay.participant_id = participant.id)
    ) AS present
FROM community_groupparticipant AS participant
JOIN community_group AS grp ON grp.id = participant.group_id AND grp.type_id = %(type)s
LEFT JOIN (
    SELECT participant_id, count(*) FILTER (WHERE messages > 0) AS active_days, sum(messages) AS messages,
        sum(mentioned) AS mentioned
    FROM told JOIN community_participantday AS day USING (group_id)
    WHERE day >= %(first)s::date - told.unknown AND day < %(today)s::date - told.unknown GROUP BY participant_id
) AS days ON days.participant_id = participant.id
LEFT JOIN (
    SELECT participant_id, count(*) AS violations FROM told JOIN community_violation USING (group_id)
    WHERE state = 'decided' AND outcome <> 'dismissed' AND occurred_at < %(until)s
        AND occurred_at >= %(since)s - told.unknown * interval '1 day'
    GROUP BY participant_id
) AS faults ON faults.participant_id = participant.id
WHERE days.participant_id IS NOT NULL
    OR EXISTS (
        SELECT FROM community_titleholding AS held WHERE held.participant_id = participant.id AND held.lost_on IS NULL
    )
"""
ANALYZE = "ANALYZE community_title_figures"
DROP = "DROP TABLE IF EXISTS pg_temp.community_title_figures"
_MEETS = (
    "{of}.active_days >= title.active_days AND {of}.messages >= title.messages AND {of}.mentioned >= title.mentioned"
)
GIVE = f"""
INSERT INTO community_titleholding
    (title_id, participant_id, group_id, since, active_days, messages, mentioned, lost_why)
SELECT title.id, figures.participant_id, figures.group_id, %(today)s, figures.active_days, figures.messages,
    figures.mentioned, ''
FROM community_title AS title JOIN pg_temp.community_title_figures AS figures ON figures.present
WHERE title.id = ANY(%(titles)s) AND title.is_active AND {_MEETS.format(of="figures")}
    AND figures.violations <= title.violations_most
ON CONFLICT (participant_id, title_id) WHERE lost_on IS NULL DO NOTHING
"""
LOSE = f"""
UPDATE community_titleholding AS held
SET lost_on = %(today)s, lost_active_days = figures.active_days, lost_messages = figures.messages,
    lost_mentioned = figures.mentioned, lost_why = CASE
        WHEN NOT title.is_active THEN 'ended'
        WHEN NOT figures.present THEN 'left'
        WHEN figures.violations > title.violations_most THEN 'violations'
        WHEN NOT ({_MEETS.format(of="held")}) THEN 'changed'
        ELSE 'inactive'
    END
FROM community_title AS title, pg_temp.community_title_figures AS figures
WHERE title.id = held.title_id AND title.id = ANY(%(titles)s) AND held.lost_on IS NULL
    AND figures.participant_id = held.participant_id
    AND NOT (title.is_active AND figures.present AND figures.violations <= title.violations_most
        AND {_MEETS.format(of="figures")})
"""
# A group that is of another type now gives other titles.
MISPLACED = """
UPDATE community_titleholding AS held SET lost_on = %(today)s, lost_why = 'ended'
FROM community_title AS title, community_group AS grp
WHERE held.lost_on IS NULL AND title.type_id = %(type)s AND title.id = held.title_id AND grp.id = held.group_id
    AND grp.type_id <> title.type_id
"""
