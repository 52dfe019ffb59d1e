"""The statements of the ledger. Each moves many rows at once, and only rows that are where it takes them to be.

A worker's statements name its lease: whoever was thought dead and had her rows taken away changes none of them.
"""

CLAIM = """
WITH due AS (
    SELECT id FROM messaging_delivery
    WHERE send_id = %(send)s AND state = 'pending' AND due_at <= %(now)s
        AND EXISTS (SELECT FROM messaging_send WHERE id = %(send)s AND state = 'running')
    ORDER BY due_at, id LIMIT %(most)s FOR UPDATE SKIP LOCKED
)
UPDATE messaging_delivery AS row SET state = 'claimed', lease = %(lease)s, lease_until = %(until)s
FROM due WHERE row.id = due.id
RETURNING row.id
"""
#: The state of a send, kept until the transaction ends, and whether others have rows at hand (by the index of leases).
STANDING = """
SELECT send.state, EXISTS (
    SELECT FROM messaging_delivery AS row
    WHERE row.state IN ('claimed', 'sending') AND row.state = 'claimed' AND row.send_id <> send.id
) FROM messaging_send AS send WHERE send.id = %s FOR SHARE OF send
"""
#: The rows of a batch that are still this worker's, locked until they are "sending".
MINE = """
SELECT id, member_id, begun_at, attempts, variables FROM messaging_delivery
WHERE id = ANY (%(ids)s) AND state = 'claimed' AND lease = %(lease)s ORDER BY id FOR UPDATE
"""
BEGIN = """
UPDATE messaging_delivery AS row SET
    state = 'sending', lease_until = %(until)s, attempts = row.attempts + 1, begun_at = coalesce(row.begun_at, %(now)s),
    reason = 'allowed', judged_at = %(now)s, event_id = given.event_id, address = given.address,
    variables = coalesce(given.variables::jsonb, row.variables), error = ''
FROM unnest(%(ids)s::bigint[], %(events)s::bigint[], %(addresses)s::text[], %(values)s::text[])
    AS given (id, event_id, address, variables)
WHERE row.id = given.id
"""
#: What did not begin: waits until `due_at`, was withheld, or is in doubt because it may have left before.
HOLD_BACK = """
UPDATE messaging_delivery AS row SET
    state = given.state, due_at = CASE WHEN given.state = 'skipped' THEN row.due_at ELSE given.due_at END,
    lease = NULL, lease_until = NULL, reason = given.reason, judged_at = %(now)s,
    ended_at = CASE WHEN given.state IN ('skipped', 'unknown') THEN %(now)s END
FROM unnest(%(ids)s::bigint[], %(states)s::text[], %(reasons)s::text[], %(due)s::timestamptz[])
    AS given (id, state, reason, due_at)
WHERE row.id = given.id
"""
#: The word of the gateway; it counts too for a row that was given up as in doubt meanwhile, under the same lease.
END = """
UPDATE messaging_delivery AS row SET
    state = given.state, due_at = given.due_at, external_id = given.external_id, error = given.error,
    begun_at = CASE WHEN given.state = 'pending' AND given.clean THEN NULL ELSE row.begun_at END,
    lease = CASE WHEN given.state = 'unknown' THEN row.lease END, lease_until = NULL,
    ended_at = CASE WHEN given.state = 'pending' THEN NULL ELSE %(now)s END
FROM unnest(%(ids)s::bigint[], %(states)s::text[], %(due)s::timestamptz[], %(outside)s::text[], %(errors)s::text[],
    %(clean)s::boolean[]) AS given (id, state, due_at, external_id, error, clean)
WHERE row.id = given.id AND row.lease = %(lease)s AND row.state IN ('sending', 'unknown')
RETURNING row.id, row.member_id
"""
GIVE_BACK = """
UPDATE messaging_delivery SET state = 'pending', lease = NULL, lease_until = NULL
WHERE id = ANY (%(ids)s) AND state = 'claimed' AND lease = %(lease)s
"""
OVERDUE = """
SELECT row.id, row.state, row.send_id, row.begun_at FROM messaging_delivery AS row
WHERE row.state IN ('claimed', 'sending') AND row.lease_until < %(now)s
ORDER BY row.lease_until LIMIT %(most)s FOR UPDATE SKIP LOCKED
"""
RECOVER = """
UPDATE messaging_delivery AS row SET
    state = given.state, due_at = CASE WHEN given.state = 'unknown' OR row.state = 'sending' THEN given.due_at ELSE row.due_at END,
    lease = CASE WHEN given.state = 'unknown' THEN row.lease END, lease_until = NULL,
    ended_at = CASE WHEN given.state = 'unknown' THEN %(now)s END
FROM unnest(%(ids)s::bigint[], %(states)s::text[], %(due)s::timestamptz[]) AS given (id, state, due_at)
WHERE row.id = given.id
"""
#: A part of what waits is closed at a time: nobody's rows are locked for long.
CLOSE = """
UPDATE messaging_delivery SET
    state = CASE WHEN begun_at IS NULL THEN 'skipped' ELSE 'unknown' END, reason = %(reason)s, ended_at = %(now)s,
    due_at = CASE WHEN begun_at IS NULL THEN due_at END
WHERE id IN (
    SELECT id FROM messaging_delivery WHERE send_id = %(send)s AND state = 'pending' LIMIT %(most)s FOR UPDATE SKIP LOCKED
)
"""
FREEZE = """
INSERT INTO messaging_delivery (send_id, member_id, due_at{more}) SELECT %s, member_id, %s{more} FROM ({audience}) AS found
ON CONFLICT (send_id, member_id) DO NOTHING
"""
