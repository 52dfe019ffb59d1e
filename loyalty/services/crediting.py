"""Orders of the timeline that name a coupon code use it up; orders given back whole give it back. Facts are not refused.

What happened in a shop is not judged by stock, limits or time: a code that was accepted at the till was used.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from audit.services import Target, record
from core.keys import indexer
from loyalty.models import CouponRedemption
from loyalty.models.coupons import PURPOSE
from loyalty.rules.codes import normalised
from loyalty.services.coupons.redeeming import release_redemption

# Nothing was ever given: no code can be known.
ANY_CODES = "SELECT EXISTS (SELECT FROM loyalty_coupongrant) OR EXISTS (SELECT FROM loyalty_couponcode)"
ORDERS = """
SELECT id, member_id, order_no, amount, occurred_at, store_id, coupon_code FROM {batch}
WHERE kind = 'order' AND coupon_code <> '' AND order_no <> 'erased-' || id
"""
# Orders whose refunds have brought them to nothing, and which used a coupon.
GIVEN_BACK = """
SELECT redemption.id FROM (SELECT DISTINCT member_id, order_no FROM {batch} WHERE kind = 'refund') AS back
JOIN loyalty_couponredemption AS redemption USING (member_id, order_no)
WHERE redemption.released_at IS NULL AND (
    SELECT sum(amount) FROM timeline_purchase AS bought
    WHERE bought.member_id = back.member_id AND bought.order_no = back.order_no
) <= 0
"""
OFFERED = """
CREATE TEMP TABLE loyalty_offered ON COMMIT DROP AS
SELECT given.* FROM unnest(
    %(ids)s::bigint[], %(members)s::bigint[], %(orders)s::text[], %(amounts)s::numeric[], %(ats)s::timestamptz[],
    %(stores)s::bigint[], %(lookups)s::bytea[]
) AS given (id, member_id, order_no, amount, occurred_at, store_id, lookup)
JOIN members_member AS member ON member.id = given.member_id
"""
# Printed codes that nobody had claimed: whoever brought one to the till has it now.
CLAIM_PRINTED = """
WITH brought AS (
    SELECT DISTINCT ON (code.id) code.id, code.coupon_id, code.lookup, offered.member_id, offered.occurred_at
    FROM loyalty_offered AS offered JOIN loyalty_couponcode AS code USING (lookup)
    WHERE code.taken_at IS NULL ORDER BY code.id, offered.occurred_at, offered.id
), taken AS (
    UPDATE loyalty_couponcode AS code SET taken_at = brought.occurred_at FROM brought
    WHERE code.id = brought.id AND code.taken_at IS NULL RETURNING code.id
), given AS (
    INSERT INTO loyalty_coupongrant
        (coupon_id, member_id, ordinal, lookup, code_id, key, source_kind, claimed_at, valid_until)
    SELECT coupon_id, member_id, row_number() OVER (PARTITION BY coupon_id, member_id ORDER BY id) + (
            SELECT coalesce(max(ordinal), 0) FROM loyalty_coupongrant AS held
            WHERE held.coupon_id = brought.coupon_id AND held.member_id = brought.member_id
        ), lookup, id, '', 'code', occurred_at, NULL
    FROM brought JOIN taken USING (id) RETURNING coupon_id
)
UPDATE loyalty_coupon AS coupon SET granted = coupon.granted + given.pieces
FROM (SELECT coupon_id, count(*) AS pieces FROM given GROUP BY 1) AS given WHERE coupon.id = given.coupon_id
"""
CREDIT = """
WITH chosen AS (
    SELECT DISTINCT ON (given.id) given.id AS grant_id, given.coupon_id, offered.*
    FROM loyalty_offered AS offered JOIN loyalty_coupongrant AS given USING (lookup)
    WHERE NOT EXISTS (
        SELECT FROM loyalty_couponredemption AS done
        WHERE done.grant_id = given.id AND (done.released_at IS NULL OR done.order_no = offered.order_no)
    )
    ORDER BY given.id, offered.occurred_at, offered.id
), used AS (
    UPDATE loyalty_coupongrant AS given SET redeemed_at = chosen.occurred_at FROM chosen
    WHERE given.id = chosen.grant_id AND given.redeemed_at IS NULL RETURNING given.id
), stored AS (
    INSERT INTO loyalty_couponredemption (grant_id, member_id, order_no, amount, stack_group, store_id, redeemed_at)
    SELECT grant_id, member_id, order_no, amount, '', store.id, occurred_at
    FROM chosen JOIN used ON used.id = chosen.grant_id LEFT JOIN accounts_store AS store ON store.id = chosen.store_id
    RETURNING grant_id
), counted AS (
    UPDATE loyalty_coupon AS coupon SET redeemed = coupon.redeemed + mine.pieces
    FROM (SELECT coupon_id, count(*) AS pieces FROM chosen JOIN used ON used.id = chosen.grant_id GROUP BY 1) AS mine
    WHERE coupon.id = mine.coupon_id
)
SELECT count(*) FROM stored
"""
UNCREDITED = """
INSERT INTO loyalty_uncreditedcode (purchase_id, member_id, lookup, fault, occurred_at)
SELECT offered.id, offered.member_id, offered.lookup, CASE WHEN given.id IS NULL THEN 'unknown' ELSE 'used' END,
    offered.occurred_at
FROM loyalty_offered AS offered LEFT JOIN loyalty_coupongrant AS given USING (lookup)
WHERE NOT EXISTS (
    SELECT FROM loyalty_couponredemption AS done WHERE done.grant_id = given.id AND done.order_no = offered.order_no
)
ON CONFLICT (purchase_id) DO NOTHING
"""


@dataclass(frozen=True, kw_only=True)
class Credited:
    """Codes used up, codes given back, codes that led nowhere."""

    used: int
    given_back: int
    uncredited: int


def nothing_was_given() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(ANY_CODES)
        return not cursor.fetchone()[0]


@transaction.atomic
def credit_orders(*, batch: str, now: datetime) -> Credited:
    """Deal with the orders and refunds of a batch, a relation with the columns of `timeline_purchase`. Safe to repeat."""
    with connection.cursor() as cursor:
        cursor.execute(ORDERS.format(batch=batch))
        used, uncredited = _credit(cursor, cursor.fetchall())
        cursor.execute(GIVEN_BACK.format(batch=batch))
        doomed = [number for (number,) in cursor.fetchall()]
    redemptions = CouponRedemption.objects.filter(pk__in=doomed).order_by("pk")
    given_back = sum(release_redemption(redemption=each, now=now) for each in redemptions)
    credited = Credited(used=used, given_back=given_back, uncredited=uncredited)
    if used or given_back or uncredited:
        counts = {"used": [None, used], "given_back": [None, given_back], "uncredited": [None, uncredited]}
        target = Target(object_type="loyalty.couponredemption", object_id="", changes=counts)
        record(by=None, action="loyalty.credit_orders", obj=target, at=now)
    return credited


def _credit(
    cursor: CursorWrapper, rows: Sequence[tuple[int, int, str, Decimal, datetime, int | None, str]]
) -> tuple[int, int]:
    if not rows:
        return 0, 0
    index = indexer(PURPOSE)
    columns = list(zip(*rows, strict=True))
    names = ("ids", "members", "orders", "amounts", "ats", "stores")
    values = {name: list(column) for name, column in zip(names, columns, strict=False)}
    values["lookups"] = [index(normalised(str(code))) for code in columns[-1]]
    cursor.execute("DROP TABLE IF EXISTS pg_temp.loyalty_offered")
    cursor.execute(OFFERED, values)
    cursor.execute("ANALYZE loyalty_offered")
    cursor.execute(CLAIM_PRINTED)
    cursor.execute(CREDIT)
    (used,) = cursor.fetchone()
    cursor.execute(UNCREDITED)
    return int(used), int(cursor.rowcount)
