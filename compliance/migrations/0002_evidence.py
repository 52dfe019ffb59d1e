"""What the database itself holds to: events are evidence, the state follows them, published words do not change.

The state of consents has one writer, a trigger that runs with the owner's rights after each statement that inserts
events: nobody can have a consent without the event behind it. Its upsert keeps the greatest of (time, weight, number),
so that it does not matter in which order two transactions come.
"""

from django.db import migrations

from core.models.evidence import keep_as_evidence
from core.models.reserved import reserve_functions

STATE = """
CREATE FUNCTION compliance_keep_consent_state() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO public.compliance_consentstate AS held
        (member_id, purpose, channel, action, occurred_at, weight, notice_id, event_id)
    SELECT DISTINCT ON (member_id, purpose, channel)
        member_id, purpose, channel, action, occurred_at, weight, notice_id, id
    FROM (
        SELECT fresh.*, CASE action WHEN 'withdraw' THEN 2 WHEN 'refuse' THEN 1 ELSE 0 END AS weight FROM fresh
    ) AS given
    ORDER BY member_id, purpose, channel, occurred_at DESC, weight DESC, id DESC
    ON CONFLICT (member_id, purpose, channel) DO UPDATE SET
        action = EXCLUDED.action, occurred_at = EXCLUDED.occurred_at, weight = EXCLUDED.weight,
        notice_id = EXCLUDED.notice_id, event_id = EXCLUDED.event_id
    WHERE (EXCLUDED.occurred_at, EXCLUDED.weight, EXCLUDED.event_id) > (held.occurred_at, held.weight, held.event_id);
    RETURN NULL;
END $$;
CREATE TRIGGER compliance_keep_consent_state AFTER INSERT ON compliance_consentevent
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION compliance_keep_consent_state();

DO $$
DECLARE
    grantee name;
BEGIN
    FOR grantee IN
        SELECT DISTINCT pg_get_userbyid(held.grantee)
        FROM pg_class, aclexplode(relacl) AS held
        WHERE oid = 'compliance_consentstate'::regclass AND held.grantee <> relowner AND held.grantee <> 0
    LOOP
        EXECUTE format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON compliance_consentstate FROM %I', grantee);
    END LOOP;
END $$;
"""
DROP_STATE = """
DROP TRIGGER compliance_keep_consent_state ON compliance_consentevent;
DROP FUNCTION compliance_keep_consent_state();
"""
NOTICES = """
CREATE FUNCTION compliance_keep_published() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of a published notice is refused: people consented to these words', TG_OP
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER compliance_keep_published BEFORE UPDATE OR DELETE ON compliance_notice
    FOR EACH ROW WHEN (OLD.state = 'published') EXECUTE FUNCTION compliance_keep_published();
"""
DROP_NOTICES = """
DROP TRIGGER compliance_keep_published ON compliance_notice;
DROP FUNCTION compliance_keep_published();
"""
CONTACTS = """
ALTER TABLE compliance_contactevent DROP CONSTRAINT compliance_contactevent_pkey;
ALTER TABLE compliance_contactevent ADD PRIMARY KEY (member_id, occurred_at, id);
CREATE INDEX compliance_contact_id ON compliance_contactevent (id);
CREATE INDEX compliance_contact_cap ON compliance_contactevent (occurred_at, member_id, channel) WHERE counts;
"""
DROP_CONTACTS = """
DROP INDEX compliance_contact_cap, compliance_contact_id;
ALTER TABLE compliance_contactevent DROP CONSTRAINT compliance_contactevent_pkey;
ALTER TABLE compliance_contactevent ADD PRIMARY KEY (id);
"""


class Migration(migrations.Migration):
    dependencies = [("compliance", "0001_consent")]
    operations = [
        migrations.RunSQL(STATE, DROP_STATE),
        reserve_functions("compliance_keep_consent_state()"),
        keep_as_evidence("compliance_consentevent"),
        migrations.RunSQL(NOTICES, DROP_NOTICES),
        migrations.RunSQL(CONTACTS, DROP_CONTACTS),
        keep_as_evidence("compliance_gateverdict"),
        keep_as_evidence("compliance_gaterun"),
    ]
