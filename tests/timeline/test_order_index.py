"""The index over order numbers is built beside the imports."""

from importlib import import_module

import pytest
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import connection


def test_index_of_order_numbers_holds_up_no_import() -> None:
    migration = import_module("timeline.migrations.0003_order_no_index").Migration
    assert migration.atomic is False
    assert [type(each) for each in migration.operations] == [AddIndexConcurrently]


@pytest.mark.django_db
def test_index_of_order_numbers_is_complete() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = 'timeline_by_order_no'::regclass")
        assert cursor.fetchall() == [(True,)]
