"""Which orders earn a KOC a share, how much, and the bookings that follow.

An order is a KOC's when it names her code, or when she invited the buyer within the days of the rule; of invitations the
latest. A code of a KOC who was merged into another is the other's. By any of her rows she was an active KOC with a
revenue share at the moment of the order; she had not withdrawn her consent, and is not the buyer. Who gets it and by
which rule is decided once; how much follows the facts: what was paid net of refunds, never below nothing, times the rate,
within the caps. The statements work on the people of `community_touched`, and book what is missing between the share as
it was booked and as it is now: the same facts again book nothing.
"""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

from community.rules.merged_kocs import koc_at_hand
from members.rules.persons import owner_at_hand

RECORDS = f"""
CREATE TEMP TABLE community_touched ON COMMIT DROP AS
WITH people AS MATERIALIZED (
    SELECT DISTINCT {owner_at_hand("member")} AS person
    FROM ({{people}}) AS met JOIN members_member AS member ON member.id = met.member_id
)
SELECT person, person AS member_id FROM people
UNION ALL
SELECT person, member.id FROM people JOIN members_member AS member ON member.merged_into_id = person
"""
#: People of a batch of facts.
BY_BATCH = "SELECT member_id FROM {batch}"
#: People of a batch of touches whom a KOC invited.
BY_INVITATIONS = f"""
SELECT touch.member_id FROM {{batch}} AS touch JOIN members_member AS inviter ON inviter.id = touch.inviter_id
JOIN community_koc AS koc ON koc.member_id = {owner_at_hand("inviter")}
"""
#: Everybody whose orders may be a KOC's, or are.
BY_ALL = f"""
SELECT fact.member_id FROM timeline_purchase AS fact
JOIN community_koc AS koc ON koc.referral_code = upper(btrim(fact.referral_code))
WHERE fact.referral_code <> '' AND fact.occurred_at >= (SELECT min(valid_from) FROM community_sharerule)
UNION SELECT touch.member_id FROM timeline_touch AS touch
JOIN members_member AS inviter ON inviter.id = touch.inviter_id
JOIN community_koc AS koc ON koc.member_id = {owner_at_hand("inviter")}
UNION SELECT member_id FROM community_shareorder
"""
#: Whose orders name one of her codes, whom she invited by any of her records, and whose orders are hers already.
BY_KOC = """
SELECT fact.member_id FROM community_koc AS coded
JOIN timeline_purchase AS fact ON upper(btrim(fact.referral_code)) = coded.referral_code AND fact.referral_code <> ''
    AND fact.occurred_at >= (SELECT min(valid_from) FROM community_sharerule)
WHERE %(koc)s IN (coded.id, coded.merged_into_id)
UNION SELECT touch.member_id FROM community_koc AS koc
JOIN members_member AS record ON koc.member_id IN (record.id, record.merged_into_id)
JOIN timeline_touch AS touch ON touch.inviter_id = record.id
WHERE koc.id = %(koc)s
UNION SELECT member_id FROM community_shareorder WHERE koc_id = %(koc)s
"""
#: Buyers of orders that would settle now and turn out to be the KOC herself, of all KOC or of one.
BY_OWN = f"""
SELECT held.member_id FROM community_shareorder AS held
JOIN members_member AS buyer ON buyer.id = held.member_id
JOIN community_koc AS koc ON koc.id = held.koc_id
JOIN members_member AS hers ON hers.id = koc.member_id
WHERE held.settled < held.share AND held.due_at <= %(now)s AND (%(koc)s::bigint IS NULL OR held.koc_id = %(koc)s)
    AND {owner_at_hand("buyer")} = {owner_at_hand("hers")}
"""
INDEX = "CREATE UNIQUE INDEX ON community_touched (member_id)"
# Every row is carried through to its end: a join of a relation with itself is what a planner without statistics gets wrong.
FIND = f"""
INSERT INTO community_shareorder
    (purchase_id, koc_id, decided_for_id, member_id, order_no, source, way, rule_id, occurred_at, month, due_at, amount,
    refunded, share, settled, step, is_own)
WITH bought AS MATERIALIZED (
    SELECT fact.id, fact.member_id, touched.person, fact.order_no, fact.source, fact.occurred_at, fact.amount,
        upper(btrim(fact.referral_code)) AS code, rule.id AS rule_id, rule.return_days, rule.inviter_days
    FROM community_touched AS touched JOIN timeline_purchase AS fact USING (member_id)
    JOIN LATERAL (
        SELECT id, return_days, inviter_days FROM community_sharerule
        WHERE valid_from <= fact.occurred_at ORDER BY valid_from DESC LIMIT 1
    ) AS rule ON true
    WHERE fact.kind = 'order' AND fact.amount > 0 AND fact.order_no <> 'erased-' || fact.id
        AND fact.occurred_at >= (SELECT min(valid_from) FROM community_sharerule)
        AND NOT EXISTS (SELECT FROM community_shareorder AS held WHERE held.purchase_id = fact.id)
), named AS (
    SELECT bought.*, koc.id AS koc_id, koc.member_id AS whose, 'code' AS way, 1 AS rank, bought.occurred_at AS at
    FROM bought JOIN community_koc AS coded ON coded.referral_code = bought.code
    JOIN community_koc AS koc ON koc.id = {koc_at_hand("coded")} WHERE bought.code <> ''
    UNION ALL
    SELECT bought.*, koc.id, koc.member_id, 'inviter', 2, touch.occurred_at
    FROM bought JOIN community_touched AS record USING (person)
    JOIN timeline_touch AS touch ON touch.member_id = record.member_id AND touch.occurred_at <= bought.occurred_at
        AND touch.occurred_at > bought.occurred_at - bought.inviter_days * interval '24 hours'
    JOIN members_member AS inviter ON inviter.id = touch.inviter_id
    JOIN community_koc AS koc ON koc.member_id = {owner_at_hand("inviter")}
)
SELECT DISTINCT ON (named.id) named.id, named.koc_id, named.koc_id, named.member_id, named.order_no, named.source,
    named.way, named.rule_id, named.occurred_at, date_trunc('month', named.occurred_at AT TIME ZONE %(zone)s)::date,
    named.occurred_at + named.return_days * interval '24 hours', named.amount, 0, 0, 0, 0, false
FROM named
JOIN members_member AS hers ON hers.id = named.whose
LEFT JOIN LATERAL (
    SELECT action FROM compliance_consentevent
    WHERE purpose = 'publish' AND occurred_at <= named.occurred_at AND member_id IN (
        SELECT record.id FROM members_member AS record WHERE named.whose IN (record.id, record.merged_into_id)
    )
    ORDER BY occurred_at DESC, id DESC LIMIT 1
) AS said ON true
WHERE {owner_at_hand("hers")} <> named.person
    AND EXISTS (
        SELECT FROM community_koc AS own JOIN LATERAL (
            SELECT to_state, to_level FROM community_kocevent
            WHERE koc_id = own.id AND at <= named.occurred_at ORDER BY at DESC, id DESC LIMIT 1
        ) AS stood ON stood.to_state = 'active' AND stood.to_level = 'revenue_share'
        WHERE named.koc_id IN (own.id, own.merged_into_id)
    )
    AND coalesce(said.action, '') NOT IN ('withdraw', 'refuse')
ORDER BY named.id, named.rank, named.at DESC, named.koc_id
"""
# By the keys of orders, so that each is a look-up. A buyer who was erased has none, and what was booked for her order
# stands; a refund may have come in by another of her records than the order.
REFRESH = """
WITH said AS (
    SELECT held.purchase_id, fact.amount, least(coalesce(back.amount, 0), 0) AS refunded
    FROM community_touched AS touched JOIN community_shareorder AS held USING (member_id)
    JOIN timeline_orderkey AS key ON (key.member_id, key.order_no, key.kind, key.source)
        = (held.member_id, held.order_no, 'order', held.source)
    JOIN timeline_purchase AS fact ON (fact.member_id, fact.occurred_at, fact.id)
        = (key.member_id, key.occurred_at, key.purchase_id)
    LEFT JOIN LATERAL (
        SELECT sum(given.amount) AS amount FROM timeline_orderkey AS other
        JOIN community_touched AS record ON record.member_id = other.member_id AND record.person = touched.person
        JOIN timeline_purchase AS given ON (given.member_id, given.occurred_at, given.id)
            = (other.member_id, other.occurred_at, other.purchase_id)
        WHERE other.order_no = held.order_no AND other.kind = 'refund' AND other.source = held.source
    ) AS back ON true
    WHERE key.purchase_id = held.purchase_id
)
UPDATE community_shareorder AS held SET amount = said.amount, refunded = said.refunded FROM said
WHERE held.purchase_id = said.purchase_id AND (held.amount, held.refunded) IS DISTINCT FROM (said.amount, said.refunded)
"""
# The buyer was somebody else when the order was decided, and has turned out to be the KOC. When she is erased, it stands.
OWN = f"""
UPDATE community_shareorder AS held SET is_own = NOT held.is_own
FROM community_touched AS touched, community_koc AS koc, members_member AS hers
WHERE held.member_id = touched.member_id AND koc.id = held.koc_id AND hers.id = koc.member_id
    AND held.is_own <> ({owner_at_hand("hers")} = touched.person)
"""
# Within a month the orders that were known first have the first part of the cap, so that a late one moves no other. Each
# KOC has her cap also for what another one holds for her since, so that nothing moves because two turned out to be one.
# Of an own order what is settled stands.
MOVED = """
CREATE TEMP TABLE community_moved ON COMMIT DROP AS
WITH months AS MATERIALIZED (
    SELECT DISTINCT held.decided_for_id, held.month FROM community_touched JOIN community_shareorder AS held USING (member_id)
), earning AS (
    SELECT held.purchase_id, held.koc_id, held.decided_for_id, held.month, held.step, held.share, held.settled,
        rule.month_cap, least(
            round(rule.rate * greatest(held.amount + held.refunded, 0), 2), rule.order_cap,
            CASE WHEN held.is_own THEN held.settled END
        ) AS earned
    FROM months JOIN community_shareorder AS held USING (decided_for_id, month)
    JOIN community_sharerule AS rule ON rule.id = held.rule_id
), capped AS (
    SELECT *, coalesce(sum(earned) OVER (
        PARTITION BY decided_for_id, month ORDER BY purchase_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ), 0) AS before FROM earning
), meant AS (
    SELECT *, greatest(least(earned, month_cap - before), 0) AS target FROM capped
)
SELECT nextval(pg_get_serial_sequence('community_ledgertransaction', 'id')) AS number,
    purchase_id, koc_id, step + 1 AS step, target, target - share AS delta,
    least(greatest(share - target, 0), share - settled) AS reversed,
    greatest(share - target, 0) - least(greatest(share - target, 0), share - settled) AS clawed
FROM meant WHERE target <> share
"""
# The numbers of the transactions are drawn beforehand, so that their sides need no join.
_BOOK = """
booked AS (
    INSERT INTO community_ledgertransaction (id, kind, koc_id, key, purchase_id, at, by_id)
    SELECT number, {kind}, koc_id, 'order:' || purchase_id || ':' || step, purchase_id, %(now)s, %(by)s
    FROM {moved} ORDER BY number
), sides AS (
    INSERT INTO community_ledgerentry (transaction_id, koc_id, book, amount)
    SELECT moved.number, moved.koc_id, side.book, side.amount
    FROM {moved} AS moved CROSS JOIN LATERAL (VALUES {sides}) AS side (book, amount)
    WHERE side.amount <> 0 ORDER BY moved.number, side.book
)
"""
BOOK = (
    "WITH "
    + _BOOK.format(
        moved="community_moved",
        kind="CASE WHEN delta > 0 THEN 'accrue' WHEN clawed > 0 THEN 'claw_back' ELSE 'reverse' END",
        sides="('pending', greatest(moved.delta, 0) - moved.reversed), ('claw_back', -moved.clawed), ('cost', -moved.delta)",
    )
    + """
UPDATE community_shareorder AS held SET share = moved.target, settled = held.settled - moved.clawed, step = moved.step
FROM community_moved AS moved WHERE held.purchase_id = moved.purchase_id
"""
)
SUMS = """
SELECT count(*) FILTER (WHERE delta > 0), coalesce(sum(delta) FILTER (WHERE delta > 0), 0),
    coalesce(sum(reversed), 0), coalesce(sum(clawed), 0)
FROM community_moved
"""
#: What the window of returns is over for, a lot at a time, of all KOC or of one; answers how many orders and how much.
SETTLE = (
    """
WITH chosen AS MATERIALIZED (
    SELECT purchase_id, koc_id, step + 1 AS step, share - settled AS amount FROM community_shareorder
    WHERE settled < share AND due_at <= %(now)s AND (%(koc)s::bigint IS NULL OR koc_id = %(koc)s) ORDER BY due_at, purchase_id LIMIT %(lot)s
), due AS MATERIALIZED (
    SELECT nextval(pg_get_serial_sequence('community_ledgertransaction', 'id')) AS number, * FROM chosen
), """
    + _BOOK.format(moved="due", kind="'settle'", sides="('pending', -moved.amount), ('payable', moved.amount)").strip()
    + """, done AS (
    UPDATE community_shareorder AS held SET settled = held.share, step = due.step
    FROM due WHERE held.purchase_id = due.purchase_id RETURNING due.amount
)
SELECT count(*), coalesce(sum(amount), 0) FROM done
"""
)
