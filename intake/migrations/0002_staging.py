"""Staging tables: a template for each kind, and the only way to a table of a job's own.

The run-time role may not create tables. These functions run with the owner's rights and do one thing each: a table
like the template of its kind, named after a job. They are unlogged (half as much to write; after a crash of the server
they are empty, which the next run notices), and outlive a killed worker, which a temporary table does not.
"""

from django.db import migrations

from core.models.reserved import reserve_functions

TEMPLATES = """
CREATE TABLE intake_staged_purchases (
    line bigint NOT NULL,
    external_id varchar(128) NOT NULL,
    line_at timestamptz NOT NULL,
    quantity numeric NOT NULL,
    unit_price numeric NOT NULL,
    store_id bigint,
    order_no varchar(64) NOT NULL,
    product_code varchar(64) NOT NULL,
    product_name varchar(200) NOT NULL DEFAULT '',
    channel varchar(40) NOT NULL DEFAULT '',
    coupon_code varchar(64) NOT NULL DEFAULT '',
    referral_code varchar(64) NOT NULL DEFAULT ''
);
CREATE TABLE intake_staged_interactions (
    line bigint NOT NULL,
    external_id varchar(128) NOT NULL,
    occurred_at timestamptz NOT NULL,
    store_id bigint,
    kind varchar(20) NOT NULL,
    channel varchar(40) NOT NULL DEFAULT '',
    subject varchar(200) NOT NULL DEFAULT '',
    key varchar(200) NOT NULL DEFAULT ''
);
CREATE TABLE intake_staged_members (
    line bigint NOT NULL,
    member_id bigint NOT NULL,
    registered_at timestamptz,
    home_store_id bigint,
    guide_id bigint,
    birthday date,
    content uuid NOT NULL,
    gender varchar(8) NOT NULL DEFAULT '',
    name varchar(100) NOT NULL DEFAULT '',
    name_key varchar(200) NOT NULL DEFAULT '',
    city varchar(80) NOT NULL DEFAULT '',
    channel varchar(40) NOT NULL DEFAULT '',
    external_id varchar(128) NOT NULL DEFAULT '',
    phone varchar(128) NOT NULL DEFAULT '',
    phone_sealed bytea,
    email varchar(128) NOT NULL DEFAULT '',
    email_sealed bytea,
    unionid varchar(128) NOT NULL DEFAULT '',
    openid varchar(128) NOT NULL DEFAULT '',
    external_userid varchar(128) NOT NULL DEFAULT '',
    card varchar(128) NOT NULL DEFAULT ''
);
"""

FUNCTIONS = """
CREATE FUNCTION intake_close_staging(job bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF to_regclass(format('public.intake_staging_%s', job)) IS NOT NULL THEN
        EXECUTE format('DROP TABLE public.intake_staging_%s', job);
    END IF;
END $$;

CREATE FUNCTION intake_open_staging(job bigint, kind text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF kind NOT IN ('purchases', 'interactions', 'members') THEN
        RAISE EXCEPTION 'there is no import of %', kind USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM public.intake_close_staging(job);
    EXECUTE format(
        'CREATE UNLOGGED TABLE public.intake_staging_%s (LIKE public.intake_staged_%s INCLUDING DEFAULTS) '
        'WITH (autovacuum_enabled = false)', job, kind
    );
END $$;

CREATE FUNCTION intake_analyze_staging(job bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    EXECUTE format('ANALYZE public.intake_staging_%s', job);
END $$;
"""

DROP = """
DROP FUNCTION intake_analyze_staging(bigint), intake_open_staging(bigint, text), intake_close_staging(bigint);
DROP TABLE intake_staged_purchases, intake_staged_interactions, intake_staged_members;
"""


class Migration(migrations.Migration):
    dependencies = [("intake", "0001_initial")]
    operations = [
        migrations.RunSQL(TEMPLATES + FUNCTIONS, DROP),
        reserve_functions(
            "intake_close_staging(bigint)", "intake_open_staging(bigint, text)", "intake_analyze_staging(bigint)"
        ),
    ]
