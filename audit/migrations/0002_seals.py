"""Every row gets a hash when it is written; seals over the rows, how far they were delivered, and what verifying found.

`audit_xid()` and `audit_horizon()` are the transaction number and the horizon of committed ones, plus an offset per
server: after a restore into another one the numbers start low again, and its rows would lie before the last seal.
"""

import django.db.models.expressions
from django.db import migrations, models

from audit.rules.rows import row_hash_sql
from core import roles
from core.models.evidence import keep_as_evidence
from core.models.reserved import reserve_functions

TRANSACTION_NUMBERS = """
CREATE TABLE audit_server (system_identifier bigint PRIMARY KEY, xid_offset bigint NOT NULL);
INSERT INTO audit_server SELECT system_identifier, 0 FROM pg_control_system();

-- With the owner's rights: a server that is met for the first time is noted at once, so that no act waits for anybody.
CREATE FUNCTION audit_meet_server(OUT xid_offset bigint) LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    here bigint := (SELECT c.system_identifier FROM pg_control_system() AS c);
BEGIN
    SELECT s.xid_offset INTO xid_offset FROM public.audit_server AS s WHERE s.system_identifier = here;
    IF xid_offset IS NULL THEN
        INSERT INTO public.audit_server (system_identifier, xid_offset)
        SELECT here, greatest(
            (SELECT coalesce(max(e.xid::text::bigint), 0) FROM public.audit_auditentry AS e),
            (SELECT coalesce(max(a.last_xid), 0) FROM public.audit_auditseal AS a)
        ) + 1 - pg_snapshot_xmin(pg_current_snapshot())::text::bigint
        ON CONFLICT DO NOTHING;
        SELECT s.xid_offset INTO xid_offset FROM public.audit_server AS s WHERE s.system_identifier = here;
        RETURN;
    END IF;
    PERFORM set_config('audit.xid_offset', xid_offset::text, false);
END $$;
CREATE FUNCTION audit_xid_offset() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    RETURN coalesce(nullif(current_setting('audit.xid_offset', true), '')::bigint, audit_meet_server());
END $$;
CREATE FUNCTION audit_xid() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    RETURN pg_current_xact_id()::text::bigint + audit_xid_offset();
END $$;
CREATE FUNCTION audit_horizon() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    RETURN pg_snapshot_xmin(pg_current_snapshot())::text::bigint + audit_xid_offset();
END $$;
"""
DROP_TRANSACTION_NUMBERS = """
DROP FUNCTION audit_horizon(); DROP FUNCTION audit_xid(); DROP FUNCTION audit_xid_offset();
DROP FUNCTION audit_meet_server(); DROP TABLE audit_server;
"""
HASHES = f"""
SELECT set_config('{roles.MAINTENANCE}', 'migrate', true);
UPDATE audit_auditentry SET hash = {row_hash_sql()};
SELECT set_config('{roles.MAINTENANCE}', '', true);

CREATE FUNCTION audit_hash_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.xid := audit_xid()::text::xid8;
    NEW.hash := {row_hash_sql("NEW.")};
    RETURN NEW;
END $$;
CREATE TRIGGER audit_hash_row BEFORE INSERT ON audit_auditentry FOR EACH ROW EXECUTE FUNCTION audit_hash_row();
"""  # noqa: S608  # ours
DROP_HASHES = """
DROP TRIGGER audit_hash_row ON audit_auditentry;
DROP FUNCTION audit_hash_row();
"""


def nobody_else_writes_servers(_apps: object, editor: object) -> None:
    if roles.has_two_roles():
        role = editor.quote_name(roles.runtime_role())
        editor.execute(f"REVOKE INSERT, UPDATE, DELETE ON audit_server FROM {role}")


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.AddField(
            "auditentry",
            "hash",
            models.BinaryField(db_default=b"", editable=False, max_length=32, verbose_name="fingerprint"),
        ),
        migrations.CreateModel(
            name="AuditSeal",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False, verbose_name="number")),
                ("log", models.UUIDField(verbose_name="log")),
                ("follows", models.BigIntegerField(verbose_name="follows seal")),
                ("rows", models.IntegerField(verbose_name="rows")),
                ("first_xid", models.BigIntegerField()),
                ("first_id", models.BigIntegerField()),
                ("last_xid", models.BigIntegerField()),
                ("last_id", models.BigIntegerField()),
                ("ids", models.TextField(verbose_name="row numbers")),
                ("root", models.BinaryField(max_length=32, verbose_name="root")),
                ("previous", models.BinaryField(max_length=32, verbose_name="hash of the seal before")),
                ("sealed_at", models.DateTimeField(verbose_name="sealed")),
                ("key_version", models.IntegerField(verbose_name="version of the signing key")),
                ("signature", models.BinaryField(max_length=64, verbose_name="signature")),
            ],
            options={
                "verbose_name": "audit seal",
                "verbose_name_plural": "audit seals",
                "ordering": ("-number",),
                "default_permissions": (),
                "indexes": [models.Index(fields=["last_xid", "last_id"], name="audit_seal_last")],
                "constraints": [
                    models.UniqueConstraint(fields=("follows",), name="audit_seal_one_after_another"),
                    models.CheckConstraint(
                        condition=models.Q(("number__gt", django.db.models.expressions.F("follows")), ("rows__gt", 0)),
                        name="audit_seal_goes_on",
                    ),
                ],
            },
        ),
        keep_as_evidence("audit_auditseal"),
        migrations.CreateModel(
            name="AuditAnchor",
            fields=[
                ("place", models.CharField(max_length=20, primary_key=True, serialize=False, verbose_name="place")),
                ("number", models.BigIntegerField(default=0, verbose_name="last seal delivered")),
                ("delivered_at", models.DateTimeField(null=True, verbose_name="delivered")),
                ("attempts", models.IntegerField(default=0, verbose_name="failed attempts")),
                ("failed_at", models.DateTimeField(null=True, verbose_name="last failed")),
                ("error", models.CharField(blank=True, max_length=200, verbose_name="error")),
            ],
            options={
                "verbose_name": "audit anchor",
                "verbose_name_plural": "audit anchors",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="AuditVerification",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(db_index=True, verbose_name="verified at")),
                ("rows", models.BigIntegerField(verbose_name="rows")),
                ("seals", models.BigIntegerField(verbose_name="seals")),
                ("unsealed", models.BigIntegerField(verbose_name="rows not sealed yet")),
                ("ok", models.BooleanField(verbose_name="intact")),
                ("first_bad", models.JSONField(null=True, verbose_name="first fault")),
                ("seconds", models.FloatField(verbose_name="took, seconds")),
            ],
            options={
                "verbose_name": "audit verification",
                "verbose_name_plural": "audit verifications",
                "ordering": ("-id",),
                "default_permissions": (),
            },
        ),
        keep_as_evidence("audit_auditverification"),
        migrations.RunSQL(TRANSACTION_NUMBERS, DROP_TRANSACTION_NUMBERS),
        reserve_functions("audit_meet_server()"),
        migrations.RunPython(nobody_else_writes_servers, migrations.RunPython.noop),
        migrations.RunSQL(HASHES, DROP_HASHES),
    ]
