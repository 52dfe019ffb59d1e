"""Indexes of tables in which facts lie are built beside the imports, or before there are any."""

import re
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import connection
from django.utils import timezone

from community.rules import koc_facts_sql, share_sql
from timeline import migrations

DAY = timedelta(days=1)
SAID = re.compile(r"upper\(btrim\(\((?:\w+\.)?referral_code\)::text\)\)")  # with its alias where no index serves it


def test_index_of_order_numbers_holds_up_no_import() -> None:
    migration = import_module("timeline.migrations.0003_order_no_index").Migration
    assert migration.atomic is False
    assert [type(each) for each in migration.operations] == [AddIndexConcurrently]


@pytest.mark.django_db
def test_index_of_order_numbers_is_complete() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = 'timeline_by_order_no'::regclass")
        assert cursor.fetchall() == [(True,)]


def test_no_later_migration_builds_an_index_of_facts_in_a_transaction() -> None:
    """It would hold up every writer while ten million rows are read."""
    for path in Path(migrations.__path__[0]).glob("0*.py"):
        migration = import_module(f"timeline.migrations.{path.stem}").Migration
        text = path.read_text()
        assert path.stem == "0002_tables" or not migration.atomic or "CREATE INDEX" not in text, path.stem


@pytest.mark.django_db
def test_orders_with_a_code_are_found_by_it_however_it_was_typed() -> None:
    """Whatever reads codes says it as the index does, or reads all orders."""
    now = timezone.now()
    statements = (
        (share_sql.BY_ALL.split("UNION")[0], {}),
        (koc_facts_sql.REFERRED, {"since_at": now - DAY, "until_at": now}),
    )
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE {koc_facts_sql.RECORDS} (record_id bigint, member_id bigint) ON COMMIT DROP")
        for statement, values in statements:
            cursor.execute(f"EXPLAIN {statement}", values)
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert SAID.search(plan), plan
        cursor.execute("SELECT pg_get_indexdef('timeline_purchase_referral'::regclass)")
        assert SAID.search(cursor.fetchone()[0])
