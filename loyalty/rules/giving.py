"""SQL of giving a coupon to many: who of them can have one. Every value is a bound parameter."""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

from members.rules.persons import of_absorbed, owner_of

TABLE = "loyalty_giving"
#: `members` selects id and merged_into_id. Why not, in this order: had (by this very act), merged, limit.
#: What a merged record was given counts for the person.
JUDGED = f"""
SELECT asked.id, CASE
    WHEN held.had THEN 'had' WHEN asked.merged_into_id IS NOT NULL THEN 'merged' WHEN held.most >= %s THEN 'limit' ELSE ''
END AS why
FROM ({{members}}) AS asked (id, merged_into_id) LEFT JOIN (
    SELECT {owner_of("own")} AS member_id, sum(own.most) AS most, bool_or(own.had) AS had FROM (
        SELECT member_id, max(ordinal) AS most, bool_or(key = %s) AS had FROM loyalty_coupongrant
        WHERE coupon_id = %s AND member_id IS NOT NULL GROUP BY member_id
    ) AS own {of_absorbed("own")} GROUP BY 1
) AS held ON held.member_id = asked.id
"""
COUNT = "SELECT why, count(*) FROM ({judged}) AS judged GROUP BY why"
#: Drawn by chance, but the same each time: where the stock ends half-way, nobody is preferred for having come early.
DRAW = f"""
CREATE TEMP TABLE {TABLE} AS
SELECT id AS member_id, row_number() OVER (ORDER BY hashint8(id # %s), id) AS place FROM ({{judged}}) AS judged
WHERE why = ''
"""
NEXT = f"SELECT member_id FROM {TABLE} WHERE place > %s ORDER BY place LIMIT %s"
#: Under the lock of the coupon: whoever claimed meanwhile has her limit counted anew.
GIVE = """
INSERT INTO loyalty_coupongrant (
    coupon_id, member_id, ordinal, lookup, code_id, nonce, key, source_kind, source_id, claimed_at, valid_until
)
SELECT coupon.id, new.member_id, coalesce(held.most, 0) + 1, new.lookup, new.code_id, new.nonce, %(key)s, %(kind)s,
    %(source)s, %(now)s, %(now)s + coupon.valid_days * interval '24 hours'
FROM unnest(%(members)s::bigint[], %(lookups)s::bytea[], %(codes)s::bigint[], %(nonces)s::bigint[])
    AS new (member_id, lookup, code_id, nonce)
JOIN loyalty_coupon AS coupon ON coupon.id = %(coupon)s
LEFT JOIN LATERAL (
    SELECT max(ordinal) AS most FROM loyalty_coupongrant WHERE coupon_id = coupon.id AND member_id = new.member_id
) AS held ON true
WHERE coalesce(held.most, 0) < coupon.per_member
ON CONFLICT DO NOTHING
"""
TAKE_CODES = """
UPDATE loyalty_couponcode SET taken_at = %s WHERE id IN (
    SELECT id FROM loyalty_couponcode WHERE coupon_id = %s AND taken_at IS NULL
    ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
) RETURNING id, lookup
"""
FREE_CODES = """
UPDATE loyalty_couponcode SET taken_at = NULL
WHERE id = ANY(%s) AND NOT EXISTS (SELECT FROM loyalty_coupongrant WHERE code_id = loyalty_couponcode.id)
"""
