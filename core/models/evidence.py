"""Migration operations for tables of evidence: rows that are written once and never touched again.

Two guards that do not need each other: the run-time role has no right to change such rows, and a trigger refuses the
statement whoever sends it. Only the owner, and only in a session that names its maintenance (`core.roles.as_owner`),
passes the trigger.
"""

from django.db import migrations

from core import roles

FUNCTIONS = """
CREATE OR REPLACE FUNCTION core_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('{setting}', true), '') <> '' AND pg_has_role(
        current_user, (SELECT relowner FROM pg_catalog.pg_class WHERE oid = TG_RELID), 'USAGE'
    ) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '% of % is refused: its rows are evidence', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE OR REPLACE FUNCTION core_keep_as_evidence(target regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    grantee name;
BEGIN
    EXECUTE format('DROP TRIGGER IF EXISTS core_refuse_change ON %s', target);
    EXECUTE format(
        'CREATE TRIGGER core_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON %s '
        'FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change()', target
    );
    FOR grantee IN
        SELECT DISTINCT pg_get_userbyid(held.grantee)
        FROM pg_class, aclexplode(relacl) AS held
        WHERE oid = target AND held.grantee <> relowner AND held.grantee <> 0
    LOOP
        EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %s FROM %I', target, grantee);
    END LOOP;
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %s FROM PUBLIC', target);
END $$;
"""
DROP_FUNCTIONS = """
DROP FUNCTION IF EXISTS core_keep_as_evidence(regclass);
DROP FUNCTION IF EXISTS core_refuse_change();
"""


def evidence_functions() -> migrations.RunSQL:
    """The two SQL functions behind this module; core's first migration makes them."""
    return migrations.RunSQL(FUNCTIONS.format(setting=roles.MAINTENANCE), DROP_FUNCTIONS)


def keep_as_evidence(table: str) -> migrations.RunSQL:
    """Put after the table's CreateModel: from then on its rows can be added and read, nothing else.

    Partitions do not inherit it: whatever makes one calls `SELECT core_keep_as_evidence('its_name')` on it too.
    """
    return migrations.RunSQL(
        f"SELECT core_keep_as_evidence('{table}')", f"DROP TRIGGER IF EXISTS core_refuse_change ON {table}"
    )
