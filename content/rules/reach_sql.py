"""The SQL that keeps who did what with a slot: `properties` of an interaction hold {"slot": 12, "finished": true}.

What is kept is the first act of each member. When a slot was published is often said only afterwards: whoever acted
before that (a link that was tried out) and again in its time is found in the timeline when people are counted.

A number that is no slot of ours is passed over: a sender's mistake stops no follower.
"""

_ACTS = """
    SELECT slot.id AS slot_id, act.act, given.member_id, min(given.occurred_at) AS first_at
    FROM {batch} AS given
    JOIN content_slot AS slot ON slot.id::text = given.properties->>'slot'
    CROSS JOIN LATERAL (
        VALUES (given.kind), (CASE WHEN given.properties->>'finished' = 'true' THEN 'finished' END)
    ) AS act(act)
    WHERE given.properties ? 'slot' AND act.act IS NOT NULL
    GROUP BY slot.id, act.act, given.member_id
"""
KEEP = f"""
INSERT INTO content_slotreach (slot_id, act, member_id, first_at)
{_ACTS} ORDER BY 1, 2, 3
ON CONFLICT (slot_id, act, member_id) DO UPDATE SET first_at = EXCLUDED.first_at
WHERE EXCLUDED.first_at < content_slotreach.first_at
"""
KEEP_EVERYTHING = KEEP.replace(
    "{batch} AS given", "(SELECT * FROM timeline_interaction WHERE xid < timeline_horizon()) AS given"
)
# When it was published is said when it is confirmed, often a while after: what came from that moment on counts.
PEOPLE = """
WITH span AS (
    SELECT slot.id AS slot_id, slot.published_at AS first,
        slot.published_at + type.measure_days * interval '24 hours' AS until
    FROM content_slot AS slot JOIN content_contenttype AS type ON type.id = slot.type_id
    WHERE slot.id = ANY(%(slots)s)
), counted AS (
    SELECT reach.slot_id, reach.act, reach.member_id
    FROM span JOIN content_slotreach AS reach USING (slot_id)
    WHERE reach.first_at < span.until AND (
        reach.first_at >= span.first OR EXISTS (
            SELECT FROM timeline_interaction AS given
            WHERE given.member_id = reach.member_id
                AND given.occurred_at >= span.first AND given.occurred_at < span.until
                AND given.properties->>'slot' = reach.slot_id::text
                AND (given.kind = reach.act OR reach.act = 'finished' AND given.properties->>'finished' = 'true')
        )
    )
)
SELECT slot_id, act, count(*) FROM counted GROUP BY 1, 2
UNION ALL
SELECT slot_id, seeing.name, count(DISTINCT member_id)
FROM counted JOIN unnest(%(names)s::varchar[], %(acts)s::varchar[]) AS seeing(name, act) USING (act) GROUP BY 1, 2
"""
