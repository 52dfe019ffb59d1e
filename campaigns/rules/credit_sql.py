"""Which activity an order is credited to: coupon before code before window; of the same rule the latest wins.

An order is credited when it came after the start: by a coupon of the activity whenever that was used, by a code until
the window after the end is over, by taking part when it came within the window. Its refunds count against it. The
statements work on the members of `campaigns_touched`, and bring what is stored about them to what the facts say now.
"""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

from campaigns.rules.codes import FOLDED

# What an order may name as its referral code, however that was typed: a code as it is kept, or that of a link.
NAMED = f"""(
    SELECT code, activity_id FROM campaigns_activitycode
    UNION ALL SELECT {FOLDED.format("code")}, activity_id FROM campaigns_trackedlink WHERE activity_id IS NOT NULL
)"""

TOUCHED_BY = """
CREATE TEMP TABLE campaigns_touched ON COMMIT DROP AS
SELECT DISTINCT member_id FROM {batch} AS batch
"""
TOUCHED_EVERYBODY = f"""
CREATE TEMP TABLE campaigns_touched ON COMMIT DROP AS
SELECT member_id FROM campaigns_participation
UNION SELECT member_id FROM campaigns_attribution
UNION SELECT used.member_id FROM loyalty_couponredemption AS used
    JOIN loyalty_coupongrant AS given ON given.id = used.grant_id
    JOIN campaigns_activityoffer AS offer ON offer.coupon_id = given.coupon_id WHERE used.member_id IS NOT NULL
UNION SELECT bought.member_id FROM timeline_purchase AS bought
    WHERE bought.referral_code <> '' AND bought.occurred_at >= (SELECT min(started_at) FROM campaigns_activity)
        AND {FOLDED.format("bought.referral_code")} IN (SELECT code FROM {NAMED} AS named)
"""
# A code, a link or a coupon that joined an activity late, or an activity that has just started: whoever has ordered with
# one of them since the start.
TOUCHED_BY_BELONGINGS = f"""
CREATE TEMP TABLE campaigns_touched ON COMMIT DROP AS
SELECT bought.member_id FROM timeline_purchase AS bought
WHERE bought.occurred_at >= %(since)s AND bought.referral_code <> ''
    AND {FOLDED.format("bought.referral_code")} IN (SELECT code FROM {NAMED} AS named WHERE activity_id = %(activity)s)
UNION
SELECT used.member_id FROM campaigns_activityoffer AS offer
JOIN loyalty_coupongrant AS given ON given.coupon_id = offer.coupon_id
JOIN loyalty_couponredemption AS used ON used.grant_id = given.id
JOIN timeline_purchase AS bought ON bought.member_id = used.member_id AND bought.order_no = used.order_no
WHERE offer.activity_id = %(activity)s AND used.released_at IS NULL
    AND bought.kind = 'order' AND bought.occurred_at >= %(since)s
"""
# Coupons are used, and given back, by whoever keeps them, at moments that no follower of orders sees. Only those whose
# order is known and not credited as they ask are touched: one whose order never comes costs a look, and no more; one whose
# order comes later is credited by whoever follows the orders.
TOUCHED_BY_USES = """
CREATE TEMP TABLE campaigns_touched ON COMMIT DROP AS
SELECT DISTINCT used.member_id FROM {batch} AS used
JOIN loyalty_coupongrant AS given ON given.id = used.grant_id
JOIN campaigns_activityoffer AS offer ON offer.coupon_id = given.coupon_id
JOIN campaigns_activity AS activity ON activity.id = offer.activity_id
JOIN timeline_purchase AS bought ON bought.member_id = used.member_id AND bought.order_no = used.order_no
    AND bought.kind = 'order' AND bought.occurred_at >= activity.started_at
    AND bought.occurred_at >= (SELECT min(started_at) FROM campaigns_activity)
LEFT JOIN campaigns_attribution AS held
    ON held.purchase_id = bought.id AND held.rule = 'coupon' AND held.activity_id = offer.activity_id
WHERE (used.released_at IS NULL) = (held.purchase_id IS NULL)
"""
CREDITS = f"""
CREATE TEMP TABLE campaigns_credits ON COMMIT DROP AS
WITH live AS MATERIALIZED (
    SELECT id, started_at, ended_at, window_days * interval '24 hours' AS open_for FROM campaigns_activity
    WHERE started_at IS NOT NULL
), bought AS MATERIALIZED (
    SELECT fact.id, fact.member_id, fact.order_no, fact.source, fact.occurred_at, fact.amount,
        {FOLDED.format("fact.referral_code")} AS code
    FROM campaigns_touched JOIN timeline_purchase AS fact USING (member_id)
    WHERE fact.kind = 'order' AND fact.occurred_at >= (SELECT min(started_at) FROM live)
        AND fact.order_no <> 'erased-' || fact.id
), candidate AS (
    SELECT bought.id, offer.activity_id, 'coupon' AS rule, 1 AS rank, used.redeemed_at AS at
    FROM bought JOIN loyalty_couponredemption AS used USING (member_id, order_no)
    JOIN loyalty_coupongrant AS given ON given.id = used.grant_id
    JOIN campaigns_activityoffer AS offer ON offer.coupon_id = given.coupon_id
    JOIN live ON live.id = offer.activity_id AND bought.occurred_at >= live.started_at
    WHERE used.released_at IS NULL
    UNION ALL
    SELECT bought.id, named.activity_id, 'code', 2, bought.occurred_at
    FROM bought JOIN {NAMED} AS named USING (code)
    JOIN live ON live.id = named.activity_id AND bought.occurred_at >= live.started_at
        AND (live.ended_at IS NULL OR bought.occurred_at < live.ended_at + live.open_for)
    WHERE bought.code <> ''
    UNION ALL
    SELECT bought.id, took.activity_id, 'window', 3, took.occurred_at
    FROM bought JOIN campaigns_participation AS took USING (member_id)
    JOIN live ON live.id = took.activity_id
        AND took.occurred_at <= bought.occurred_at AND bought.occurred_at < took.occurred_at + live.open_for
), chosen AS (
    SELECT DISTINCT ON (id) id, activity_id, rule FROM candidate ORDER BY id, rank, at DESC, activity_id DESC
), back AS (
    SELECT fact.member_id, fact.order_no, fact.source, sum(fact.amount) AS amount
    FROM campaigns_touched JOIN timeline_purchase AS fact USING (member_id)
    WHERE fact.kind = 'refund' AND fact.occurred_at >= (SELECT min(started_at) FROM live)
    GROUP BY 1, 2, 3
)
SELECT bought.id AS purchase_id, chosen.activity_id, bought.member_id, bought.order_no, chosen.rule,
    bought.occurred_at, bought.amount, least(coalesce(back.amount, 0), 0) AS refunded
FROM chosen JOIN bought USING (id) LEFT JOIN back USING (member_id, order_no, source)
"""
TAKE_AWAY = """
DELETE FROM campaigns_attribution AS held USING campaigns_touched AS touched
WHERE held.member_id = touched.member_id AND held.order_no <> 'erased-' || held.purchase_id
    AND NOT EXISTS (SELECT FROM campaigns_credits AS credit WHERE credit.purchase_id = held.purchase_id)
"""
GIVE = """
INSERT INTO campaigns_attribution AS held
    (purchase_id, activity_id, member_id, order_no, rule, occurred_at, amount, refunded)
SELECT purchase_id, activity_id, member_id, order_no, rule, occurred_at, amount, refunded
FROM campaigns_credits ORDER BY purchase_id
ON CONFLICT (purchase_id) DO UPDATE SET activity_id = EXCLUDED.activity_id, member_id = EXCLUDED.member_id,
    order_no = EXCLUDED.order_no, rule = EXCLUDED.rule, occurred_at = EXCLUDED.occurred_at,
    amount = EXCLUDED.amount, refunded = EXCLUDED.refunded
WHERE (held.activity_id, held.member_id, held.rule, held.occurred_at, held.amount, held.refunded)
    IS DISTINCT FROM (EXCLUDED.activity_id, EXCLUDED.member_id, EXCLUDED.rule, EXCLUDED.occurred_at, EXCLUDED.amount,
        EXCLUDED.refunded)
"""
