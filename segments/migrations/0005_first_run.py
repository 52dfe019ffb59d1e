"""A first run fills the standings before their indexes are built, which takes a third of the time.

Only the owner of a table may drop and make its indexes; the run-time role does it through these two functions, which
take no argument and do one thing. A run calls both in its transaction, so no other session ever sees the table
without indexes: readers wait, and where somebody is reading already the indexes stay (`NOWAIT`).
"""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION segments_drop_standing_indexes() RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    LOCK TABLE public.segments_memberstanding IN ACCESS EXCLUSIVE MODE NOWAIT;
    IF EXISTS (SELECT FROM public.segments_memberstanding) THEN
        RETURN false;
    END IF;
    DROP INDEX public.segments_by_tier, public.segments_by_spend, public.segments_by_last_order;
    RETURN true;
EXCEPTION WHEN lock_not_available THEN
    RETURN false;
END $$;
CREATE FUNCTION segments_make_standing_indexes() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET maintenance_work_mem = '256MB' AS $$
BEGIN
    CREATE INDEX segments_by_tier ON public.segments_memberstanding (tier, member_id DESC);
    CREATE INDEX segments_by_spend ON public.segments_memberstanding (monetary);
    CREATE INDEX segments_by_last_order ON public.segments_memberstanding (last_order_at);
END $$;
"""
DROP = "DROP FUNCTION segments_make_standing_indexes(), segments_drop_standing_indexes()"


class Migration(migrations.Migration):
    dependencies = [("segments", "0004_evidence")]
    operations = [migrations.RunSQL(FUNCTIONS, DROP)]
