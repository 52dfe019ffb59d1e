"""One claim as a function: its plans are kept by each connection, and nothing comes between its lock and its end.

It runs with the rights of its caller, and writes the record of the act. The update of the coupon decides and locks: what
is read after it is exact, for every rival of the same coupon waits. So only what must be done under the lock is done
before the answer; why nothing was given is looked up afterwards. Outcomes: granted, same (this key gave one before),
closed, exhausted, limit, again (a rival with the same key was faster).
"""

from django.db import migrations

CLAIM = """
CREATE FUNCTION loyalty_claim(
    wanted bigint, whose bigint, random bigint, hidden bytea, printed bigint, same text, kind text, source bigint,
    at timestamptz, origin jsonb, OUT outcome text, OUT number bigint, OUT until timestamptz
) LANGUAGE plpgsql AS $$
DECLARE
    days int;
    most int;
    codes text;
    taken bigint;
BEGIN
    IF same <> '' THEN
        SELECT given.id, coalesce(given.valid_until, coupon.ends_at) INTO number, until
        FROM loyalty_coupongrant AS given JOIN loyalty_coupon AS coupon ON coupon.id = given.coupon_id
        WHERE given.coupon_id = wanted AND given.member_id = whose AND given.key = same;
        IF FOUND THEN
            outcome := 'same';
            RETURN;
        END IF;
    END IF;
    UPDATE loyalty_coupon SET granted = granted + 1
    WHERE id = wanted AND state = 'live' AND starts_at <= at AND ends_at > at AND (stock IS NULL OR granted < stock)
    RETURNING valid_days, per_member, code_source, coalesce(at + valid_days * interval '24 hours', ends_at)
    INTO days, most, codes, until;
    IF NOT FOUND THEN
        SELECT CASE
            WHEN state = 'live' AND starts_at <= at AND ends_at > at THEN 'exhausted' ELSE 'closed'
        END INTO outcome FROM loyalty_coupon WHERE id = wanted;
        outcome := coalesce(outcome, 'closed');
        RETURN;
    END IF;
    IF codes <> 'claim' THEN
        UPDATE loyalty_couponcode SET taken_at = at WHERE id = (
            SELECT id FROM loyalty_couponcode
            WHERE coupon_id = wanted AND taken_at IS NULL AND (printed IS NULL OR id = printed)
            ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
        ) RETURNING id, lookup INTO taken, hidden;
    END IF;
    IF codes = 'claim' OR taken IS NOT NULL THEN
        INSERT INTO loyalty_coupongrant (
            coupon_id, member_id, ordinal, lookup, code_id, nonce, key, source_kind, source_id, claimed_at, valid_until
        ) SELECT
            wanted, whose, coalesce(max(ordinal), 0) + 1, hidden, taken, CASE WHEN taken IS NULL THEN random END, same,
            kind, source, at, CASE WHEN days IS NOT NULL THEN until END
        FROM loyalty_coupongrant WHERE coupon_id = wanted AND member_id = whose
        HAVING coalesce(max(ordinal), 0) < most
        ON CONFLICT DO NOTHING RETURNING id INTO number;
    END IF;
    IF number IS NOT NULL THEN
        outcome := 'granted';
        PERFORM audit_record(
            'loyalty.claim', 'loyalty.coupongrant', number::text,
            jsonb_build_object('coupon', jsonb_build_array(NULL, wanted)), at, origin
        );
        RETURN;
    END IF;
    UPDATE loyalty_coupon SET granted = granted - 1 WHERE id = wanted;
    UPDATE loyalty_couponcode SET taken_at = NULL WHERE id = taken;
    SELECT CASE WHEN coalesce(max(ordinal), 0) >= most THEN 'limit' WHEN codes <> 'claim' AND taken IS NULL THEN 'exhausted'
        ELSE 'again' END
    INTO outcome FROM loyalty_coupongrant WHERE coupon_id = wanted AND member_id = whose;
END $$;
"""
DROP = "DROP FUNCTION loyalty_claim(bigint, bigint, bigint, bytea, bigint, text, text, bigint, timestamptz, jsonb)"


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0002_guards"), ("audit", "0003_record")]

    operations = [migrations.RunSQL(CLAIM, DROP)]
