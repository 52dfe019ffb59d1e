"""Pay-outs: who gets what now. What a KOC has to give back is taken of what she is owed first, and the rest is carried on."""

#: `{koc}` selects the numbers of KOC that may be paid.
POSITIONS = """
SELECT koc.id AS koc_id, koc.member_id, coalesce(payable.amount, 0) AS payable, -coalesce(claw.amount, 0) AS claw,
    least(coalesce(payable.amount, 0), -coalesce(claw.amount, 0)) AS offset_amount
FROM community_koc AS koc
LEFT JOIN community_ledgerbalance AS payable ON payable.koc_id = koc.id AND payable.book = 'payable'
LEFT JOIN community_ledgerbalance AS claw ON claw.koc_id = koc.id AND claw.book = 'claw_back'
WHERE koc.id IN ({koc}) AND (payable.amount <> 0 OR claw.amount <> 0)
"""
PLAN = """
SELECT count(*) FILTER (WHERE payable > 0 AND member_id IS NOT NULL),
    coalesce(sum(payable) FILTER (WHERE member_id IS NOT NULL), 0),
    coalesce(sum(offset_amount) FILTER (WHERE member_id IS NOT NULL), 0),
    count(*) FILTER (WHERE claw > offset_amount), coalesce(sum(claw - offset_amount), 0),
    count(*) FILTER (WHERE payable > 0 AND member_id IS NULL),
    coalesce(sum(payable) FILTER (WHERE member_id IS NULL), 0)
FROM ({positions}) AS found
"""
#: The lines of a pay-out, with their transactions; answers how many and their sum.
LINES = """
WITH found AS MATERIALIZED (
    SELECT nextval(pg_get_serial_sequence('community_ledgertransaction', 'id')) AS number, koc_id, payable, offset_amount
    FROM ({positions}) AS found WHERE payable > 0 AND member_id IS NOT NULL
), lines AS (
    INSERT INTO community_payoutline (payout_id, koc_id, payable, "offset", amount, state)
    SELECT %s, koc_id, payable, offset_amount, payable - offset_amount,
        CASE WHEN payable > offset_amount THEN 'open' ELSE 'none' END
    FROM found RETURNING amount
), booked AS (
    INSERT INTO community_ledgertransaction (id, kind, koc_id, key, payout_id, at, by_id)
    SELECT number, 'pay_out', koc_id, 'payout:' || %s || ':' || koc_id, %s, %s, %s FROM found
), sides AS (
    INSERT INTO community_ledgerentry (transaction_id, koc_id, book, amount)
    SELECT number, koc_id, side.book, side.amount FROM found
    CROSS JOIN LATERAL (VALUES
        ('payable', -payable), ('claw_back', offset_amount), ('transit', payable - offset_amount)
    ) AS side (book, amount) WHERE side.amount <> 0
)
SELECT count(*), coalesce(sum(amount), 0) FROM lines
"""
#: The open lines of a pay-out, or one of them, move from one book to another; answers how many and their sum.
MOVE = """
WITH found AS MATERIALIZED (
    SELECT nextval(pg_get_serial_sequence('community_ledgertransaction', 'id')) AS number, id, koc_id, amount
    FROM community_payoutline
    WHERE payout_id = %(payout)s AND state = %(was)s AND amount > 0 AND (%(line)s::bigint IS NULL OR id = %(line)s)
), booked AS (
    INSERT INTO community_ledgertransaction (id, kind, koc_id, key, payout_id, at, by_id)
    SELECT number, %(kind)s, koc_id, 'payout:' || %(payout)s || ':' || koc_id || ':' || %(kind)s, %(payout)s, %(now)s,
        %(by)s
    FROM found
), sides AS (
    INSERT INTO community_ledgerentry (transaction_id, koc_id, book, amount)
    SELECT number, koc_id, side.book, side.amount FROM found
    CROSS JOIN LATERAL (VALUES (%(from)s, -amount), (%(to)s, amount)) AS side (book, amount)
), moved AS (
    UPDATE community_payoutline AS line SET state = %(state)s FROM found WHERE line.id = found.id RETURNING line.amount
)
SELECT count(*), coalesce(sum(amount), 0) FROM moved
"""
#: One transaction with its sides; answers its number.
ONE = """
WITH booked AS (
    INSERT INTO community_ledgertransaction (kind, koc_id, key, delivery_id, at, by_id)
    VALUES (%(kind)s, %(koc)s, %(key)s, %(delivery)s, %(now)s, %(by)s) RETURNING id
), sides AS (
    INSERT INTO community_ledgerentry (transaction_id, koc_id, book, amount)
    SELECT booked.id, %(koc)s, side.book, side.amount
    FROM booked CROSS JOIN unnest(%(books)s::text[], %(amounts)s::numeric[]) AS side (book, amount)
)
SELECT id FROM booked
"""
