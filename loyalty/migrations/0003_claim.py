"""One claim as a function: its plans are kept by each connection, and nothing comes between its lock and its end.

It runs with the rights of its caller. The update of the coupon decides and locks: what is read after it is exact, for
every rival of the same coupon waits. Outcomes: granted, same (this key gave one before), closed, exhausted, limit.
"""

from django.db import migrations

CLAIM = """
CREATE FUNCTION loyalty_claim(
    wanted bigint, whose bigint, random bigint, hidden bytea, printed bigint, same text, kind text, source bigint,
    at timestamptz, OUT outcome text, OUT number bigint, OUT until timestamptz
) LANGUAGE plpgsql AS $$
DECLARE
    coupon loyalty_coupon;
    held int;
    taken bigint;
BEGIN
    SELECT * INTO coupon FROM loyalty_coupon WHERE id = wanted;
    IF same <> '' THEN
        SELECT id, coalesce(valid_until, coupon.ends_at) INTO number, until FROM loyalty_coupongrant
        WHERE coupon_id = wanted AND member_id = whose AND key = same;
        IF FOUND THEN
            outcome := 'same';
            RETURN;
        END IF;
    END IF;
    outcome := CASE
        WHEN coupon.state IS DISTINCT FROM 'live' OR coupon.starts_at > at OR coupon.ends_at <= at THEN 'closed'
        WHEN coupon.granted >= coupon.stock THEN 'exhausted'
    END;
    IF outcome IS NOT NULL THEN
        RETURN;
    END IF;
    UPDATE loyalty_coupon SET granted = granted + 1
    WHERE id = wanted AND state = 'live' AND ends_at > at AND (stock IS NULL OR granted < stock);
    IF NOT FOUND THEN
        outcome := 'exhausted';
        RETURN;
    END IF;
    SELECT coalesce(max(ordinal), 0) INTO held FROM loyalty_coupongrant WHERE coupon_id = wanted AND member_id = whose;
    IF held < coupon.per_member AND coupon.code_source <> 'claim' THEN
        UPDATE loyalty_couponcode SET taken_at = at WHERE id = (
            SELECT id FROM loyalty_couponcode
            WHERE coupon_id = wanted AND taken_at IS NULL AND (printed IS NULL OR id = printed)
            ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
        ) RETURNING id, lookup INTO taken, hidden;
    END IF;
    IF held < coupon.per_member AND (coupon.code_source = 'claim' OR taken IS NOT NULL) THEN
        number := nextval(pg_get_serial_sequence('loyalty_coupongrant', 'id'));
        until := coalesce(at + coupon.valid_days * interval '24 hours', coupon.ends_at);
        INSERT INTO loyalty_coupongrant (
            id, coupon_id, member_id, ordinal, lookup, code_id, nonce, key, source_kind, source_id, claimed_at,
            valid_until
        ) VALUES (
            number, wanted, whose, held + 1, hidden, taken, CASE WHEN taken IS NULL THEN random END, same, kind, source,
            at, CASE WHEN coupon.valid_days IS NOT NULL THEN until END
        ) ON CONFLICT DO NOTHING;
        IF FOUND THEN
            outcome := 'granted';
            RETURN;
        END IF;
    END IF;
    UPDATE loyalty_coupon SET granted = granted - 1 WHERE id = wanted;
    outcome := CASE
        WHEN held >= coupon.per_member THEN 'limit' WHEN number IS NULL THEN 'exhausted' ELSE 'again'
    END;
END $$;
"""
DROP = "DROP FUNCTION loyalty_claim(bigint, bigint, bigint, bytea, bigint, text, text, bigint, timestamptz)"


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0002_guards")]

    operations = [migrations.RunSQL(CLAIM, DROP)]
