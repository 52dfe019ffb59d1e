"""Statements that find floods and repeated texts by counting; placeholders for a relation of new messages.

Both look back over what was stored before the batch, so that a flood or a text is found across two of them, and name
the message with which the limit was reached.
"""

# So many messages back is no longer ago than the span; one flood is told once, however long it lasts.
FLOODS = """
WITH fresh AS (SELECT message_id, group_id, participant_id, sent_at FROM {batch} AS batch WHERE {speakers}),
said AS (
    SELECT message_id, group_id, participant_id, sent_at, true AS is_new FROM fresh
    UNION ALL
    SELECT old.id, old.group_id, old.participant_id, old.sent_at, false
    FROM (SELECT group_id, min(sent_at) AS began FROM fresh GROUP BY group_id) AS edge
    JOIN community_groupmessage AS old
        ON old.group_id = edge.group_id AND old.sent_at >= edge.began - %(span)s::interval AND old.sent_at < edge.began
),
looked_back AS (
    SELECT *, lag(sent_at, %(most)s - 1) OVER (PARTITION BY participant_id ORDER BY sent_at, message_id) AS began
    FROM said
),
over_it AS (
    SELECT *, lag(sent_at) OVER (PARTITION BY participant_id ORDER BY sent_at, message_id) AS before
    FROM looked_back WHERE sent_at - began <= %(span)s::interval
)
SELECT message_id, group_id, participant_id, sent_at, %(most)s FROM over_it
WHERE is_new AND (before IS NULL OR sent_at - before > %(quiet)s::interval)
    AND NOT EXISTS (
        SELECT FROM community_violation AS known
        WHERE known.participant_id = over_it.participant_id AND known.rule_id = %(rule)s
            AND known.occurred_at BETWEEN over_it.sent_at - %(quiet)s::interval AND over_it.sent_at + %(quiet)s::interval
    )
"""
# The same text by the same participant, when it has become too often, twice too often and so on. Two sets are asked
# for as sets (IS TRUE): as joins they are planned by what was known of the table before the batch, and take minutes.
DUPLICATES = """
WITH fresh AS (
    SELECT message_id, group_id, participant_id, sent_at, digest FROM {batch} AS batch
    WHERE digest IS NOT NULL AND length >= %(length)s AND {speakers}
),
said AS (
    SELECT *, true AS is_new FROM fresh
    UNION ALL
    SELECT old.message_id, old.group_id, old.participant_id, old.sent_at, old.digest, false
    FROM community_messagedigest AS old
    WHERE old.sent_at >= (SELECT min(sent_at) FROM fresh) - %(span)s::interval
        AND old.sent_at <= (SELECT max(sent_at) FROM fresh)
        AND (old.participant_id IN (SELECT participant_id FROM fresh)) IS TRUE
        AND (old.message_id IN (SELECT message_id FROM fresh)) IS NOT TRUE
),
looked_back AS (
    SELECT *, lag(sent_at, %(most)s - 1) OVER (PARTITION BY participant_id, digest ORDER BY sent_at, message_id) AS began
    FROM said
),
over_it AS (
    SELECT *, row_number() OVER (PARTITION BY participant_id, digest ORDER BY sent_at, message_id) AS nth
    FROM looked_back WHERE sent_at - began <= %(span)s::interval
)
SELECT message_id, group_id, participant_id, sent_at, nth + %(most)s - 1 FROM over_it
WHERE is_new AND (nth - 1) %% %(most)s = 0
"""
