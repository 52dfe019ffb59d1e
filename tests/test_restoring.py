"""What a test that commits leaves to the next one: the database as the migrations left it."""

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from tests.conftest import PARTITIONS
from tests.restoring import partitions, restore

TABLES = "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"


def rows_by_table() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        tables = [name for (name,) in cursor.fetchall()]
        cursor.execute(" UNION ALL ".join(f"SELECT '{name}', count(*) FROM \"{name}\"" for name in tables))
        return dict(cursor.fetchall())


def rows_of_the_migrated() -> dict[str, int]:
    used = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = settings.SCRM_BENCH_TEMPLATE
    try:
        return rows_by_table()
    finally:
        connection.close()
        connection.settings_dict["NAME"] = used


@pytest.mark.django_db(transaction=True)
def test_rows_and_partitions_are_those_of_the_migrations(request: pytest.FixtureRequest) -> None:
    known = request.config.stash[PARTITIONS]
    call_command("flush", interactive=False, verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT timeline_ensure_months(ARRAY['1999-07-01'::date])")
    assert partitions() > known
    assert rows_by_table() != rows_of_the_migrated()

    restore(known)

    assert partitions() == known
    assert rows_by_table() == rows_of_the_migrated()
