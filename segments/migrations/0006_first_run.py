"""A first run fills standings and history before their indexes are built, which halves the time of writing.

Only the owner of a table may drop and make its indexes; the run-time role does it through these two functions, which
take no argument and do one thing. A run calls both in its transaction, so no other session ever sees the tables
without indexes: readers wait, and where somebody is reading already the indexes stay (`NOWAIT`).
"""

from django.db import migrations

from core.models.reserved import reserve_functions

FUNCTIONS = """
CREATE FUNCTION segments_drop_indexes() RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    LOCK TABLE public.segments_memberstanding, public.segments_tierchange IN ACCESS EXCLUSIVE MODE NOWAIT;
    IF EXISTS (SELECT FROM public.segments_memberstanding) OR EXISTS (SELECT FROM public.segments_tierchange) THEN
        RETURN false;
    END IF;
    DROP INDEX IF EXISTS public.segments_by_tier, public.segments_by_spend, public.segments_by_last_order,
        public.segments_change_member, public.segments_change_at;
    RETURN true;
EXCEPTION WHEN lock_not_available THEN
    RETURN false;
END $$;
CREATE FUNCTION segments_make_indexes() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET maintenance_work_mem = '256MB' AS $$
BEGIN
    CREATE INDEX IF NOT EXISTS segments_by_tier ON public.segments_memberstanding (tier, member_id DESC);
    CREATE INDEX IF NOT EXISTS segments_by_spend ON public.segments_memberstanding (monetary);
    CREATE INDEX IF NOT EXISTS segments_by_last_order ON public.segments_memberstanding (last_order_at);
    CREATE INDEX IF NOT EXISTS segments_change_member ON public.segments_tierchange (member_id, at DESC);
    CREATE INDEX IF NOT EXISTS segments_change_at ON public.segments_tierchange USING brin (at) WITH (pages_per_range = 16);
END $$;
"""
DROP = "DROP FUNCTION segments_make_indexes(), segments_drop_indexes()"


class Migration(migrations.Migration):
    dependencies = [("segments", "0005_run_request")]
    operations = [
        migrations.RunSQL(FUNCTIONS, DROP),
        reserve_functions("segments_drop_indexes()", "segments_make_indexes()"),
    ]
