"""The record of an act for functions that do the act themselves, so that act and record are one round trip.

`origin` is what `audit.services.origin_of` writes: type, number and label of the actor, address, program, request.
"""

from django.db import migrations

RECORD = """
CREATE FUNCTION audit_record(
    act text, on_type text, on_id text, changed jsonb, acted_at timestamptz, origin jsonb
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit_auditentry (
        at, actor_type, actor_id, actor_label, action, object_type, object_id, object_label, reason, address,
        user_agent, request_id, changes
    ) VALUES (
        acted_at, origin ->> 0, (origin ->> 1)::bigint, origin ->> 2, act, on_type, on_id, '', '',
        (origin ->> 3)::inet, origin ->> 4, origin ->> 5, changed
    );
END $$;
"""
DROP = "DROP FUNCTION audit_record(text, text, text, jsonb, timestamptz, jsonb)"


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_seals")]

    operations = [migrations.RunSQL(RECORD, DROP)]
