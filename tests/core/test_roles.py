"""The suite runs as the run-time role; the owner changes the schema."""

import pytest
from django.db import ProgrammingError, connection, transaction
from django.db.transaction import TransactionManagementError

from core import roles

pytestmark = pytest.mark.servers


def role_now() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        return str(cursor.fetchone()[0])


@pytest.mark.django_db
def test_suite_runs_as_the_runtime_role() -> None:
    assert role_now() == roles.runtime_role()
    assert roles.has_two_roles() is True


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE public.planted (id int)",
        "DROP TABLE django_migrations",
        "TRUNCATE django_content_type",
        "ALTER TABLE django_content_type ADD planted int",
        "ALTER TABLE django_content_type DISABLE TRIGGER ALL",
    ],
)
def test_schema_is_closed_to_the_runtime_role(statement: str) -> None:
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
def test_owner_is_used_inside_the_block_only() -> None:
    with roles.as_owner():
        assert role_now() == roles.owner_role()
    assert role_now() == roles.runtime_role()


@pytest.mark.django_db
def test_role_does_not_change_inside_a_transaction() -> None:
    with pytest.raises(TransactionManagementError), roles.as_owner():
        pass
    assert role_now() == roles.runtime_role()


@pytest.mark.django_db
def test_functions_with_the_rights_of_the_owner_look_among_the_callers_own_types_last() -> None:
    """What is not named in a search path is searched first: a domain pg_temp.date would run its check as the owner."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname, proconfig FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace"
        )
        found = dict(cursor.fetchall())
    assert "timeline_ensure_months" in found
    assert {
        name for name, settings in found.items() if "search_path=pg_catalog, public, pg_temp" not in settings
    } == set()


@pytest.mark.django_db
def test_functions_with_the_rights_of_the_owner_are_for_the_runtime_role_alone() -> None:
    """A read-only login for reports must not drop what an import has staged."""
    open_to_all = """
        SELECT p.proname FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS held
        WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace AND held.grantee = 0
    """
    with connection.cursor() as cursor:
        cursor.execute(open_to_all)
        assert cursor.fetchall() == []
        cursor.execute("CREATE FUNCTION pg_temp.planted() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'")
        cursor.execute(open_to_all.replace("'public'::regnamespace", "pg_my_temp_schema()"))
        assert cursor.fetchall() == [("planted",)]


@pytest.mark.django_db
def test_a_planted_type_does_not_run_with_the_rights_of_the_owner() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE seen (who text)")
        cursor.execute(
            "CREATE FUNCTION pg_temp.look(day pg_catalog.date) RETURNS boolean LANGUAGE plpgsql AS"
            " $$ BEGIN INSERT INTO pg_temp.seen VALUES (current_user); RETURN true; END $$"
        )
        cursor.execute("CREATE DOMAIN pg_temp.date AS pg_catalog.date CHECK (pg_temp.look(VALUE))")
        cursor.execute("SELECT timeline_ensure_months(array[current_date]::pg_catalog.date[])")
        cursor.execute("SELECT count(*) FROM seen WHERE who <> session_user")
        assert cursor.fetchone() == (0,)
