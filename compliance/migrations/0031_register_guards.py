"""What the database itself holds to: what the law has kept for three years cannot be deleted, what was approved or closed
does not change."""

from django.db import migrations

from core import roles
from core.models.evidence import keep_as_evidence

GUARDS = """
CREATE FUNCTION compliance_keep_three_years() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    over timestamptz := (to_jsonb(OLD) ->> TG_ARGV[0])::timestamptz;
BEGIN
    IF coalesce(to_jsonb(OLD) ->> 'state', '') = 'draft' OR over < now() - interval '3 years' THEN
        RETURN OLD;
    END IF;
    IF coalesce(current_setting('{setting}', true), '') <> '' AND pg_has_role(
        current_user, (SELECT relowner FROM pg_catalog.pg_class WHERE oid = TG_RELID), 'USAGE'
    ) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'DELETE of % is refused: the law has it kept for three years after its end', TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER compliance_keep_three_years BEFORE DELETE ON compliance_assessment
    FOR EACH ROW EXECUTE FUNCTION compliance_keep_three_years('expired_at');
CREATE TRIGGER compliance_keep_three_years BEFORE DELETE ON compliance_recipient
    FOR EACH ROW EXECUTE FUNCTION compliance_keep_three_years('ended_at');
CREATE TRIGGER compliance_keep_three_years BEFORE DELETE ON compliance_incident
    FOR EACH ROW EXECUTE FUNCTION compliance_keep_three_years('closed_at');
CREATE TRIGGER compliance_keep_three_years BEFORE DELETE ON compliance_processingactivity
    FOR EACH ROW EXECUTE FUNCTION compliance_keep_three_years('ended_at');

CREATE FUNCTION compliance_keep_decided() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'UPDATE of % is refused: it was approved or closed', TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER compliance_keep_decided BEFORE UPDATE ON compliance_incident
    FOR EACH ROW WHEN (OLD.closed_at IS NOT NULL) EXECUTE FUNCTION compliance_keep_decided();
CREATE TRIGGER compliance_keep_decided BEFORE UPDATE ON compliance_assessment
    FOR EACH ROW WHEN (OLD.state <> 'draft' AND (
        OLD.state = 'expired' OR NEW.state <> 'expired'
        OR (NEW.feature, NEW.number, NEW.lawfulness, NEW.impact, NEW.measures, NEW.written_by_id, NEW.approved_by_id,
            NEW.approved_at, NEW.valid_until)
        IS DISTINCT FROM (OLD.feature, OLD.number, OLD.lawfulness, OLD.impact, OLD.measures, OLD.written_by_id,
            OLD.approved_by_id, OLD.approved_at, OLD.valid_until)
    )) EXECUTE FUNCTION compliance_keep_decided();
"""
DROP = """
DROP TRIGGER compliance_keep_decided ON compliance_assessment;
DROP TRIGGER compliance_keep_decided ON compliance_incident;
DROP FUNCTION compliance_keep_decided();
DROP TRIGGER compliance_keep_three_years ON compliance_processingactivity;
DROP TRIGGER compliance_keep_three_years ON compliance_incident;
DROP TRIGGER compliance_keep_three_years ON compliance_recipient;
DROP TRIGGER compliance_keep_three_years ON compliance_assessment;
DROP FUNCTION compliance_keep_three_years();
"""


class Migration(migrations.Migration):
    dependencies = [("compliance", "0030_registers"), ("accounts", "0004_export_subjects"), ("audit", "0002_seals")]
    operations = [
        migrations.RunSQL(GUARDS.replace("{setting}", roles.MAINTENANCE), DROP),
        keep_as_evidence("compliance_incidentdecision"),
        keep_as_evidence("compliance_incidentmember"),
        keep_as_evidence("compliance_personcount"),
        keep_as_evidence("compliance_dutydone"),
    ]
