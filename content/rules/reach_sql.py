"""The SQL that keeps who did what with a slot: `properties` of an interaction hold {"slot": 12, "finished": true}.

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
ON CONFLICT (slot_id, act, member_id) DO NOTHING
"""
KEEP_EVERYTHING = KEEP.replace(
    "{batch} AS given", "(SELECT * FROM timeline_interaction WHERE xid < timeline_horizon()) AS given"
)
