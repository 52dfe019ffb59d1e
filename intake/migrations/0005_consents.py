"""A fourth kind of file: what members agreed to, with its history."""

from django.db import migrations, models

TEMPLATE = """
CREATE TABLE intake_staged_consents (
    line bigint NOT NULL,
    external_id varchar(128) NOT NULL,
    occurred_at timestamptz NOT NULL,
    purpose varchar(56) NOT NULL,
    action varchar(16) NOT NULL,
    channel varchar(20) NOT NULL DEFAULT '',
    notice_hash varchar(64) NOT NULL DEFAULT '',
    page varchar(200) NOT NULL DEFAULT '',
    wording varchar(500) NOT NULL DEFAULT '',
    preset varchar(1) NOT NULL DEFAULT '',
    key varchar(200) NOT NULL DEFAULT ''
);
"""
OPEN = """
CREATE OR REPLACE FUNCTION intake_open_staging(job bigint, kind text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF kind NOT IN ({kinds}) THEN
        RAISE EXCEPTION 'there is no import of %', kind USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM public.intake_close_staging(job);
    EXECUTE format(
        'CREATE UNLOGGED TABLE public.intake_staging_%s (LIKE public.intake_staged_%s INCLUDING DEFAULTS) '
        'WITH (autovacuum_enabled = false)', job, kind
    );
END $$;
"""
BEFORE = "'purchases', 'interactions', 'members'"


class Migration(migrations.Migration):
    dependencies = [("intake", "0004_read_rows"), ("compliance", "0003_defaults")]
    operations = [
        migrations.RunSQL(
            TEMPLATE + OPEN.format(kinds=f"{BEFORE}, 'consents'"),
            OPEN.format(kinds=BEFORE) + "DROP TABLE intake_staged_consents;",
        ),
        migrations.AlterField(
            model_name="importjob",
            name="kind",
            field=models.CharField(
                choices=[
                    ("purchases", "Purchases"),
                    ("members", "Members"),
                    ("interactions", "Interactions"),
                    ("consents", "Consents"),
                ],
                max_length=16,
                verbose_name="what",
            ),
        ),
    ]
