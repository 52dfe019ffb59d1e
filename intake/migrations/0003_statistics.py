"""Statistics that are grossly wrong are taken anew before a file is stored.

Right after a large load the planner may still believe that the tables are empty; when autovacuum looked in the middle
of it, it is even sure. A join that believes it can take minutes instead of a second. Only the owner may ANALYZE.
"""

from django.db import migrations

from core.models.reserved import reserve_functions

FUNCTION = """
CREATE FUNCTION intake_refresh_statistics() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    place regclass;
    refreshed integer := 0;
BEGIN
    FOR place IN
        SELECT oid FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
          AND relname IN ('members_member', 'members_identity', 'timeline_orderkey', 'timeline_factkey', 'timeline_product')
          AND pg_relation_size(oid) > 64 * 8192
          AND (reltuples <= 0 OR relpages * 8192::bigint * 2 < pg_relation_size(oid))
    LOOP
        EXECUTE format('ANALYZE (SKIP_LOCKED) %s', place);
        refreshed := refreshed + 1;
    END LOOP;
    RETURN refreshed;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("intake", "0002_staging")]
    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION intake_refresh_statistics()"),
        reserve_functions("intake_refresh_statistics()"),
    ]
