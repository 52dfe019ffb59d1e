"""A first run fills empty tables before their indexes are built."""

from datetime import timedelta
from decimal import Decimal

from django.db import connection

from segments.models import MemberStanding
from segments.services.retier import retier
from tests.segments.facts import Order, add_orders, make_members, moment
from tests.segments.test_runs_at_once import other

AS_OF = moment("2026-11-01T16:00:00")
TABLES = ("segments_memberstanding", "segments_tierchange")


def indexes() -> dict[int, str]:
    """Definitions by object number, which changes when an index is built anew."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexrelid, pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = ANY(%s::regclass[])",
            [list(TABLES)],
        )
        return dict(cursor.fetchall())


def first_run() -> None:
    (member,) = make_members([AS_OF - timedelta(days=100)])
    add_orders([Order(member, AS_OF - timedelta(days=1), Decimal(600))])
    assert retier(as_of=AS_OF).members == 1


def test_a_first_run_leaves_the_same_indexes_built_anew(committed: None) -> None:
    before = indexes()
    first_run()
    after = indexes()
    assert sorted(after.values()) == sorted(before.values())
    assert len(before.keys() - after.keys()) == 5


def test_a_first_run_leaves_the_indexes_alone_while_somebody_reads(committed: None) -> None:
    before = indexes()
    with other() as reader:
        reader.execute("SELECT count(*) FROM segments_memberstanding")
        first_run()
    assert indexes() == before
    assert MemberStanding.objects.count() == 1


def test_a_later_run_leaves_the_indexes_alone(committed: None) -> None:
    first_run()
    before = indexes()
    retier(as_of=AS_OF, full=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT segments_drop_indexes()")
        assert cursor.fetchone() == (False,)
    assert indexes() == before
