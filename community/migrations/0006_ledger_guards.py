"""The ledger is balanced because the database refuses it otherwise, and its rows are written once.

A deferred trigger looks at every transaction and entry at the end: the entries of a transaction sum to zero, are two at
least, belong to its KOC and came with it in one transaction of the database. Balances are kept by the same statement
that writes entries, with the owner's rights: the run-time role can read them and no more.

What an erased author made is taken out of the evidence that it went into, by a function that does nothing else.
"""

from django.db import migrations

from core import roles
from core.models.evidence import keep_as_evidence
from core.models.reserved import reserve_functions

BALANCED = """
CREATE FUNCTION community_check_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT count(*) FROM (SELECT FROM community_ledgerentry WHERE transaction_id = NEW.id LIMIT 2) AS found) < 2 THEN
        RAISE EXCEPTION 'ledger transaction % has no two sides', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION community_check_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    total numeric;
    strangers boolean;
    together boolean;
BEGIN
    SELECT sum(entry.amount), bool_or(entry.koc_id <> booked.koc_id), bool_and(booked.xid = pg_current_xact_id())
    INTO total, strangers, together
    FROM community_ledgertransaction AS booked JOIN community_ledgerentry AS entry ON entry.transaction_id = booked.id
    WHERE booked.id = NEW.transaction_id;
    IF total <> 0 THEN
        RAISE EXCEPTION 'ledger transaction % is not balanced: its entries sum to %', NEW.transaction_id, total
            USING ERRCODE = 'check_violation';
    ELSIF strangers THEN
        RAISE EXCEPTION 'ledger transaction % has an entry of another KOC', NEW.transaction_id
            USING ERRCODE = 'check_violation';
    ELSIF NOT together THEN
        RAISE EXCEPTION 'ledger transaction % was booked before', NEW.transaction_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER community_check_transaction AFTER INSERT ON community_ledgertransaction
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION community_check_transaction();
CREATE CONSTRAINT TRIGGER community_check_entry AFTER INSERT ON community_ledgerentry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION community_check_entry();
"""
NOT_BALANCED = """
DROP TRIGGER community_check_entry ON community_ledgerentry;
DROP TRIGGER community_check_transaction ON community_ledgertransaction;
DROP FUNCTION community_check_entry();
DROP FUNCTION community_check_transaction();
"""
# First the rows that are missing, with nothing on them: a check looks at the row offered even where it is there already.
BALANCES = """
CREATE FUNCTION community_keep_balances() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO public.community_ledgerbalance (koc_id, book, amount)
    SELECT DISTINCT koc_id, book, 0 FROM added ORDER BY koc_id, book
    ON CONFLICT (koc_id, book) DO NOTHING;
    PERFORM FROM public.community_ledgerbalance AS held
    WHERE EXISTS (SELECT FROM added WHERE added.koc_id = held.koc_id AND added.book = held.book)
    ORDER BY koc_id, book FOR UPDATE;
    UPDATE public.community_ledgerbalance AS held SET amount = held.amount + moved.amount
    FROM (SELECT koc_id, book, sum(amount) AS amount FROM added GROUP BY 1, 2) AS moved
    WHERE held.koc_id = moved.koc_id AND held.book = moved.book AND moved.amount <> 0;
    RETURN NULL;
END $$;
CREATE TRIGGER community_keep_balances AFTER INSERT ON community_ledgerentry
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION community_keep_balances();
DO $$
DECLARE
    grantee name;
BEGIN
    FOR grantee IN
        SELECT DISTINCT pg_get_userbyid(held.grantee)
        FROM pg_class, aclexplode(relacl) AS held
        WHERE oid = 'community_ledgerbalance'::regclass AND held.grantee <> relowner AND held.grantee <> 0
    LOOP
        EXECUTE format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON community_ledgerbalance FROM %I', grantee);
    END LOOP;
END $$;
"""
NO_BALANCES = """
DROP TRIGGER community_keep_balances ON community_ledgerentry;
DROP FUNCTION community_keep_balances();
"""

# Of pieces that have no author any more: what their materials say, and what was read and approved of both. Fingerprints,
# people and times stay, so that an approval still proves that these very words were approved.
FORGET = """
CREATE FUNCTION community_forget_ugc(pieces bigint[]) RETURNS SETOF text LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    gone bigint[] := ARRAY(SELECT id FROM public.community_ugc WHERE id = ANY(pieces) AND member_id IS NULL);
    made bigint[] := ARRAY(SELECT material_id FROM public.community_ugcuse WHERE ugc_id = ANY(gone));
    versions bigint[] := ARRAY(SELECT id FROM public.content_materialversion WHERE material_id = ANY(made));
    reviews bigint[] := ARRAY(
        SELECT id FROM public.compliance_review
        WHERE (kind = 'ugc' AND object_id = ANY(gone)) OR (kind = 'material' AND object_id = ANY(versions))
    );
BEGIN
    PERFORM set_config('{setting}', 'erasure', true);
    RETURN QUERY SELECT DISTINCT file_digest::text FROM public.content_materialversion
        WHERE id = ANY(versions) AND file_digest <> '';
    UPDATE public.content_material AS held SET title = 'UGC ' || used.ugc_id
    FROM public.community_ugcuse AS used WHERE used.material_id = held.id AND held.id = ANY(made);
    UPDATE public.content_materialversion AS held SET title = 'UGC ' || used.ugc_id, text = '', link = '', app_id = '',
        app_path = '', file_digest = '', file_name = '', file_type = '', file_size = 0
    FROM public.community_ugcuse AS used WHERE used.material_id = held.material_id AND held.id = ANY(versions);
    UPDATE public.compliance_review SET title = '', parts = '[]', decision = '' WHERE id = ANY(reviews);
    UPDATE public.compliance_approval SET parts = '[]', hits = '[]' WHERE review_id = ANY(reviews);
    PERFORM set_config('{setting}', '', true);
END $$;
""".replace("{setting}", roles.MAINTENANCE)
FORGET_NOTHING = "DROP FUNCTION community_forget_ugc(bigint[]);"


class Migration(migrations.Migration):
    dependencies = [("community", "0005_earnings")]

    operations = [
        migrations.RunSQL(BALANCED, NOT_BALANCED),
        migrations.RunSQL(BALANCES, NO_BALANCES),
        reserve_functions("community_keep_balances()"),
        migrations.RunSQL(FORGET, FORGET_NOTHING),
        reserve_functions("community_forget_ugc(bigint[])"),
        keep_as_evidence("community_sharerule"),
        keep_as_evidence("community_ledgertransaction"),
        keep_as_evidence("community_ledgerentry"),
    ]
