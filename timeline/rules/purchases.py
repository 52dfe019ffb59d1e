"""The SQL that turns lines of a staging relation into orders, refunds and their lines.

One order is what shares member, order number, source and sign: lines with a negative quantity form a refund of their
own. A line's key is the md5 of its content (product code and name, quantity, price, time) for the first of several
equal lines of an order, and of that and the number of the repetition for the others. So what is stored is, for each
content, the largest number of times that one load offered it: the same file twice changes nothing, and a file cut in
parts gives what the whole gives, unless the cut goes between equal lines of one order, which nobody can tell from the
same line sent twice.

An order is a person's, whichever of her records it was told for: one that is stored under another record of hers, or under
one that stood for hers while the two were merged, is that order, and grows where it is; so does its refund.

`{staging}` is the relation. Money is round(quantity × price, 2), half away from zero.
"""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

from members.rules.persons import kin_of, of_absorbed, owner_of
from timeline.rules.staging import PURCHASE_COLUMNS

# The first name that is none of the empty ones. Few different names stand in many lines: grouped before anything is sorted.
PRODUCTS = """
INSERT INTO timeline_product (code, name, category)
SELECT DISTINCT ON (code) code, name, '' FROM (
    SELECT product_code AS code, product_name AS name, min(line_no) AS line_no FROM {staging} AS line GROUP BY 1, 2
) AS named
WHERE NOT EXISTS (SELECT FROM timeline_product AS known WHERE known.code = named.code)
ORDER BY code, name = '', line_no
ON CONFLICT (code) DO NOTHING
"""

# The sequence is looked up once, not for every order. `told_of` is who the lines name, and `member_id` the record that the
# order is stored under. `stored_at` is empty for an order that is new, and the time of the stored header otherwise. The
# texts of a header are the largest among its lines: any rule would do that does not depend on the order of the lines.
ORDERS = """
CREATE TEMP TABLE timeline_offered ON COMMIT DROP AS
SELECT nextval((SELECT pg_get_serial_sequence('timeline_purchase', 'id')::regclass)) AS purchase_id,
    offered.*, offered.member_id AS told_of, NULL::timestamptz AS stored_at
FROM (
    SELECT member_id, order_no, CASE WHEN quantity < 0 THEN 'refund' ELSE 'order' END AS kind, source,
        min(line_at) AS occurred_at, sum(round(quantity * unit_price, 2)) AS amount, bool_or(quantity > 0) AS sold,
        max(store_id) AS store_id, max(channel) AS channel, max(coupon_code) AS coupon_code,
        max(referral_code) AS referral_code, count(*) AS lines
    FROM {staging} AS line
    GROUP BY 1, 2, 3, 4
    ORDER BY member_id, occurred_at
) AS offered
"""

MONTHS = """
SELECT timeline_ensure_months(array(
    SELECT DISTINCT date_trunc('month', occurred_at, 'UTC')::date FROM timeline_offered
))
"""

#: The lines by the record that stands for each person, where anybody was merged.
OWNED = f"""(
    SELECT {", ".join(owner_of("given") + " AS member_id" if name == "member_id" else f"given.{name}" for name in PURCHASE_COLUMNS)}
    FROM {{staging}} AS given {of_absorbed("given")}
)"""
# Orders and refunds of an offered number that are stored under any record of the person. Of another record's time as her
# owner there is only what was told in it: before and after, its numbers are somebody else's.
KIN = f"""
CREATE TEMP TABLE timeline_kin ON COMMIT DROP AS
SELECT DISTINCT offered.purchase_id AS offered_id, key.member_id, key.purchase_id, key.kind = offered.kind AS same,
    key.member_id = offered.member_id AS own
FROM ({kin_of("SELECT member_id FROM timeline_offered")}) AS kin JOIN timeline_offered AS offered USING (member_id)
JOIN timeline_orderkey AS key ON (key.member_id, key.order_no, key.source)
    = (kin.record_id, offered.order_no, offered.source)
JOIN timeline_purchase AS told ON (told.member_id, told.occurred_at, told.id)
    = (key.member_id, key.occurred_at, key.purchase_id)
WHERE kin.since IS NULL OR told.received_at BETWEEN kin.since AND coalesce(kin.until, 'infinity')
"""
# The order itself before its refund (or the refund before its order), her own record before another.
_CHOSEN = """
SELECT DISTINCT ON (offered_id) offered_id, member_id, purchase_id, same FROM timeline_kin
ORDER BY offered_id, same DESC, own DESC, purchase_id
"""
ADOPT = f"""
UPDATE timeline_offered AS offered SET member_id = chosen.member_id
FROM ({_CHOSEN}) AS chosen WHERE chosen.offered_id = offered.purchase_id AND chosen.member_id <> offered.member_id
"""
# Two records each had an order of that number before they were one person's: `held_id` are both.
SHARED = f"""
CREATE TEMP TABLE timeline_shared ON COMMIT DROP AS
SELECT chosen.purchase_id, held.member_id, held.purchase_id AS held_id
FROM ({_CHOSEN}) AS chosen JOIN timeline_kin AS held USING (offered_id)
WHERE held.same AND EXISTS (
    SELECT FROM timeline_kin AS other
    WHERE other.offered_id = chosen.offered_id AND other.same AND other.purchase_id <> chosen.purchase_id
)
"""

# Sorted, so that two loaders of the same orders wait for each other instead of for ever.
KEYS = """
INSERT INTO timeline_orderkey (member_id, order_no, kind, source, purchase_id, occurred_at)
SELECT member_id, order_no, kind, source, purchase_id, occurred_at FROM timeline_offered
ORDER BY member_id, order_no, kind, source
ON CONFLICT (member_id, order_no, kind, source) DO NOTHING
"""

LOCK = """
SELECT key.member_id FROM timeline_orderkey AS key
JOIN timeline_offered AS offered USING (member_id, order_no, kind, source)
WHERE key.purchase_id <> offered.purchase_id
ORDER BY key.member_id, key.order_no, key.kind, key.source
FOR UPDATE OF key
"""

RECOGNISE = """
UPDATE timeline_offered AS offered
SET purchase_id = key.purchase_id, stored_at = key.occurred_at,
    occurred_at = least(key.occurred_at, offered.occurred_at)
FROM timeline_orderkey AS key
WHERE (key.member_id, key.order_no, key.kind, key.source)
    = (offered.member_id, offered.order_no, offered.kind, offered.source)
  AND key.purchase_id <> offered.purchase_id
"""

HEADERS = """
INSERT INTO timeline_purchase (id, member_id, occurred_at, received_at, xid, amount, store_id, sold, kind, source,
    order_no, channel, coupon_code, referral_code)
SELECT purchase_id, member_id, occurred_at, %(now)s, (SELECT timeline_xid()), amount, store_id, sold, kind, source,
    order_no, channel, coupon_code, referral_code
FROM timeline_offered WHERE stored_at IS NULL
ORDER BY member_id, occurred_at
"""

_LINES = """
INSERT INTO timeline_purchaseline (member_id, occurred_at, line_at, purchase_id, product_id, line_key, quantity,
    unit_price, amount)
SELECT member_id, occurred_at, line_at, purchase_id, product_id,
    CASE nth WHEN 1 THEN content ELSE md5(content::text || nth)::uuid END, quantity, unit_price, amount
FROM (
    SELECT *, row_number() OVER (PARTITION BY purchase_id, content) AS nth
    FROM (
        SELECT offered.member_id, offered.occurred_at, line.line_at, offered.purchase_id, product.id AS product_id,
            line.quantity, line.unit_price, round(line.quantity * line.unit_price, 2) AS amount,
            md5(concat_ws(E'\\x1f', line.product_code, line.product_name, line.quantity::numeric(12, 3),
                line.unit_price::numeric(14, 4), extract(epoch FROM line.line_at)))::uuid AS content
        FROM {staging} AS line
        JOIN timeline_offered AS offered
          ON offered.told_of = line.member_id AND offered.order_no = line.order_no
         AND offered.source = line.source
         AND offered.kind = CASE WHEN line.quantity < 0 THEN 'refund' ELSE 'order' END
        JOIN timeline_product AS product ON product.code = line.product_code
        WHERE offered.stored_at IS {known}
    ) AS keyed
) AS numbered
"""
NEW_LINES = _LINES.replace("{known}", "NULL")

MOVE_LINES = """
UPDATE timeline_purchaseline AS line SET occurred_at = moved.occurred_at
FROM timeline_offered AS moved
WHERE moved.stored_at > moved.occurred_at AND line.member_id = moved.member_id
  AND line.occurred_at = moved.stored_at AND line.purchase_id = moved.purchase_id
"""
MOVE_HEADERS = """
UPDATE timeline_purchase AS purchase SET occurred_at = moved.occurred_at
FROM timeline_offered AS moved
WHERE moved.stored_at > moved.occurred_at AND purchase.member_id = moved.member_id
  AND purchase.occurred_at = moved.stored_at AND purchase.id = moved.purchase_id
"""
MOVE_KEYS = """
UPDATE timeline_orderkey AS key SET occurred_at = moved.occurred_at
FROM timeline_offered AS moved
WHERE moved.stored_at > moved.occurred_at
  AND (key.member_id, key.order_no, key.kind, key.source)
    = (moved.member_id, moved.order_no, moved.kind, moved.source)
"""

# Of equal lines the nth is stored if so many are, in whichever of the orders that share the number.
_OF_SHARED = """
WHERE purchase_id NOT IN (SELECT purchase_id FROM timeline_shared) OR nth > (
    SELECT count(*) FROM timeline_shared AS shared CROSS JOIN generate_series(1, nth) AS copy (nth)
    JOIN timeline_purchaseline AS held ON held.member_id = shared.member_id AND held.purchase_id = shared.held_id
        AND held.line_key = CASE copy.nth WHEN 1 THEN content ELSE md5(content::text || copy.nth)::uuid END
    WHERE shared.purchase_id = numbered.purchase_id
)
"""
# The key of a line says whether it is stored: what conflicts was there before.
_MISSING = (
    "CREATE TEMP TABLE timeline_added ON COMMIT DROP AS WITH added AS ("
    + _LINES.replace("{known}", "NOT NULL")
    + """{but}
    ON CONFLICT (member_id, occurred_at, purchase_id, line_key) DO NOTHING
    RETURNING member_id, occurred_at, purchase_id, amount, quantity
) SELECT purchase_id, member_id, occurred_at, count(*) AS lines, sum(amount) AS amount, bool_or(quantity > 0) AS sold
FROM added GROUP BY 1, 2, 3
"""
)
MISSING_LINES = _MISSING.replace("{but}", "")
MISSING_LINES_OF_SHARED = _MISSING.replace("{but}", _OF_SHARED)
COMPLETE_HEADERS = """
UPDATE timeline_purchase AS purchase
SET amount = purchase.amount + added.amount, sold = purchase.sold OR added.sold, xid = (SELECT timeline_xid()),
    store_id = greatest(purchase.store_id, offered.store_id), channel = greatest(purchase.channel, offered.channel),
    coupon_code = greatest(purchase.coupon_code, offered.coupon_code),
    referral_code = greatest(purchase.referral_code, offered.referral_code)
FROM timeline_added AS added JOIN timeline_offered AS offered USING (purchase_id)
WHERE purchase.member_id = added.member_id AND purchase.occurred_at = added.occurred_at
  AND purchase.id = added.purchase_id
"""
#: The order stands in the tables of facts with a new number, so whoever follows orders sees on which day it lies; one
#: that moved has left another day too.
COMPLETED, MOVED = "order completed", "order moved"
REBUILDS = f"""
INSERT INTO timeline_rebuild (member_id, reason, xid)
SELECT added.member_id, CASE WHEN bool_or(offered.stored_at > offered.occurred_at) THEN '{MOVED}' ELSE '{COMPLETED}' END,
    (SELECT timeline_xid())
FROM timeline_added AS added JOIN timeline_offered AS offered USING (purchase_id) GROUP BY 1
"""
COUNTS = """
SELECT coalesce(sum(lines), 0)::bigint, coalesce(sum(lines) FILTER (WHERE stored_at IS NULL), 0)::bigint,
    count(*) FILTER (WHERE stored_at IS NULL AND kind = 'order'),
    count(*) FILTER (WHERE stored_at IS NULL AND kind = 'refund')
FROM timeline_offered
"""
