"""The suite runs as the run-time role; the owner changes the schema."""

import pytest
from django.db import ProgrammingError, connection, transaction
from django.db.transaction import TransactionManagementError

from core import roles


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
