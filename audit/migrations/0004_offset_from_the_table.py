"""The offset of transaction numbers is read from its row each time.

A setting of the session, which kept it until now, can be set by every login: its rows would have lain inside a sealed
block, or before no horizon ever. The search path is fixed for the same reason: a type of one's own, named `text`, would
have cut the number.
"""

from django.db import migrations

from audit.rules.rows import row_hash_sql

FIXED_PATH = "SET search_path = pg_catalog, public, pg_temp"
FUNCTIONS = f"""
CREATE OR REPLACE FUNCTION audit_meet_server(OUT xid_offset bigint) LANGUAGE plpgsql SECURITY DEFINER {FIXED_PATH} AS $$
DECLARE
    here bigint := (SELECT c.system_identifier FROM pg_control_system() AS c);
BEGIN
    INSERT INTO public.audit_server (system_identifier, xid_offset)
    SELECT here, greatest(
        (SELECT coalesce(max(e.xid::text::bigint), 0) FROM public.audit_auditentry AS e),
        (SELECT coalesce(max(a.last_xid), 0) FROM public.audit_auditseal AS a)
    ) + 1 - pg_snapshot_xmin(pg_current_snapshot())::text::bigint
    ON CONFLICT DO NOTHING;
    SELECT s.xid_offset INTO xid_offset FROM public.audit_server AS s WHERE s.system_identifier = here;
END $$;
CREATE OR REPLACE FUNCTION audit_xid_offset() RETURNS bigint LANGUAGE plpgsql {FIXED_PATH} AS $$
DECLARE
    known bigint;
BEGIN
    SELECT s.xid_offset INTO known FROM public.audit_server AS s
    WHERE s.system_identifier = (SELECT c.system_identifier FROM pg_control_system() AS c);
    RETURN coalesce(known, public.audit_meet_server());
END $$;
CREATE OR REPLACE FUNCTION audit_xid() RETURNS bigint LANGUAGE plpgsql {FIXED_PATH} AS $$
BEGIN
    RETURN pg_current_xact_id()::text::bigint + public.audit_xid_offset();
END $$;
CREATE OR REPLACE FUNCTION audit_horizon() RETURNS bigint LANGUAGE plpgsql {FIXED_PATH} AS $$
BEGIN
    RETURN pg_snapshot_xmin(pg_current_snapshot())::text::bigint + public.audit_xid_offset();
END $$;
CREATE OR REPLACE FUNCTION audit_hash_row() RETURNS trigger LANGUAGE plpgsql {FIXED_PATH} AS $$
BEGIN
    NEW.xid := public.audit_xid()::text::xid8;
    NEW.hash := {row_hash_sql("NEW.")};
    RETURN NEW;
END $$;
"""  # noqa: S608  # ours


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_record")]

    operations = [migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop)]
