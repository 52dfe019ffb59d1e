"""Runs beside other work: late commits, two runs at once, a kill in the middle."""

import os
import signal
import time
from datetime import timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.db.utils import OperationalError

from members.models import Member
from segments.errors import RetierRunning
from segments.models import MemberStanding, TierChange, TierRun, TierSnapshot
from segments.services import writing as module
from segments.services.retier import RetierResult, retier
from tests.segments.facts import (
    Act,
    Order,
    add_acts,
    add_orders,
    change_order,
    ensure_months,
    make_members,
    moment,
)

pytestmark = [pytest.mark.servers, pytest.mark.chaos]

AS_OF = moment("2026-11-01T16:00:00")
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
INSERT = """
    INSERT INTO timeline_purchase (member_id, occurred_at, amount, sold, kind, source, order_no)
    VALUES (%s, %s, 100, true, 'order', 'late', 'late')
"""


def other() -> psycopg.Connection:
    """A session of somebody else."""
    used = connection.settings_dict
    return psycopg.connect(
        host=used["HOST"], port=used["PORT"], dbname=used["NAME"], user=used["USER"], password=used["PASSWORD"] or None
    )


def monetary(member: int) -> Decimal:
    return MemberStanding.objects.get(pk=member).monetary


def test_a_fact_that_commits_late_is_counted_once(committed: None) -> None:
    """Its transaction began before the first run and ends after it, while later ones were seen already."""
    (member,) = make_members([AS_OF - 100 * DAY])
    ensure_months([AS_OF.date()])
    with other() as late:
        late.execute(INSERT, [member, AS_OF - DAY])
        add_orders([Order(member, AS_OF - DAY, Decimal(20))])
        retier(as_of=AS_OF)
        assert monetary(member) == 20
        add_orders([Order(member, AS_OF - DAY, Decimal(3))])
        retier(as_of=AS_OF)
        assert monetary(member) == 23
        late.commit()
    for _again in range(2):
        result = retier(as_of=AS_OF + DAY)
        assert (result.kind, monetary(member)) == ("incremental", 123)
    result = retier(as_of=AS_OF + DAY, full=True)
    assert (result.kind, result.moved, monetary(member)) == ("full", 0, 123)


def test_a_rolled_back_fact_is_never_counted(committed: None) -> None:
    (member,) = make_members([AS_OF - 100 * DAY])
    ensure_months([AS_OF.date()])
    with other() as late:
        late.execute(INSERT, [member, AS_OF - DAY])
        retier(as_of=AS_OF)
        late.rollback()
    retier(as_of=AS_OF + DAY)
    assert monetary(member) == 0


def test_two_runs_at_once_one_is_told_to_wait(committed: None) -> None:
    make_members([AS_OF - DAY])
    with other() as busy:
        busy.execute("LOCK TABLE segments_tierrun IN SHARE ROW EXCLUSIVE MODE")
        with pytest.raises(RetierRunning):
            retier(as_of=AS_OF)
    assert retier(as_of=AS_OF).members == 1
    assert TierRun.objects.count() == 1


def test_a_kill_in_the_middle_leaves_the_run_before_and_counts_nothing_twice(
    committed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    (member,) = make_members([AS_OF - 100 * DAY])
    add_orders([Order(member, AS_OF - DAY, Decimal(600))])
    retier(as_of=AS_OF)
    add_orders([Order(member, AS_OF, Decimal(7))])
    add_acts([Act(member, AS_OF)] * 5)
    written = module._write_snapshots

    def killed(*details: object) -> None:
        """The session ends after standings, history and the run were written."""
        written(*details)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (pid,) = cursor.fetchone()
        with other() as killer:
            killer.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")

    monkeypatch.setattr(module, "_write_snapshots", killed)
    with pytest.raises(OperationalError):
        retier(as_of=AS_OF + DAY)
    monkeypatch.undo()
    connection.close()

    assert (TierRun.objects.count(), TierChange.objects.count(), monetary(member)) == (1, 1, 600)
    result = retier(as_of=AS_OF + DAY)
    assert (result.kind, result.moved, monetary(member)) == ("incremental", 1, 607)
    assert sum(TierSnapshot.objects.filter(day=(AS_OF + 2 * DAY).date()).values_list("joined", flat=True)) == 1


def test_a_process_killed_in_the_middle_is_made_good_by_the_next_run(
    committed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    (member,) = make_members([AS_OF - 100 * DAY])
    add_orders([Order(member, AS_OF - DAY, Decimal(600))])
    retier(as_of=AS_OF)
    add_orders([Order(member, AS_OF, Decimal(7))])
    connection.close()  # a child must not share it
    child = os.fork()
    if child == 0:
        monkeypatch.setattr(module, "_write_snapshots", lambda *_details: os.kill(os.getpid(), signal.SIGKILL))
        try:
            retier(as_of=AS_OF + DAY)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL

    result = _as_soon_as_the_server_has_noticed()
    assert (result.kind, monetary(member)) == ("incremental", 607)
    assert retier(as_of=AS_OF + DAY, full=True).moved == 0
    assert (TierRun.objects.count(), monetary(member)) == (3, 607)


def _as_soon_as_the_server_has_noticed() -> RetierResult:
    for _attempt in range(100):
        try:
            return retier(as_of=AS_OF + DAY)
        except RetierRunning:
            time.sleep(0.1)
    raise AssertionError("the killed run still holds its lock after ten seconds")


def test_members_that_leave_and_facts_that_change_are_followed(committed: None) -> None:
    one, two = make_members([AS_OF - 100 * DAY] * 2)
    add_orders([Order(one, AS_OF - DAY, Decimal(600)), Order(two, AS_OF - DAY, Decimal(9))])
    retier(as_of=AS_OF)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM members_member WHERE id = %s", [two])
        cursor.execute("UPDATE members_member SET registered_at = %s WHERE id = %s", [AS_OF - DAY, one])
    result = retier(as_of=AS_OF + DAY)
    assert (result.kind, result.members) == ("incremental", 1)
    assert MemberStanding.objects.get().known_at == AS_OF - DAY


def test_a_full_run_sees_who_left_though_as_many_came(committed: None) -> None:
    one, two = make_members([AS_OF - 100 * DAY] * 2)
    retier(as_of=AS_OF)
    (three,) = make_members([AS_OF - 100 * DAY])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE members_member SET registered_at = %s WHERE id = %s", [AS_OF + 9 * DAY, one])
    result = retier(as_of=AS_OF + DAY, full=True)
    assert (result.kind, result.members) == ("full", 2)
    assert set(MemberStanding.objects.values_list("member", flat=True)) == {two, three}
    left = TierChange.objects.filter(at=AS_OF + DAY).values_list("member", "from_tier", "to_tier")
    assert set(left) == {(one, "silent", ""), (three, "", "silent")}


def _sums() -> list[tuple[Any, ...]]:
    sums = ("tier", "members", "orders_30d", "buyers_30d", "revenue_30d", "lifetime_value")
    return list(TierSnapshot.objects.filter(members__gt=0).values_list(*sums))


def test_totals_follow_a_member_that_took_its_standing_along(committed: None) -> None:
    one, two = make_members([AS_OF - 100 * DAY] * 2)
    add_orders([Order(one, AS_OF - DAY, Decimal(60)), Order(two, AS_OF - DAY, Decimal(9))])
    retier(as_of=AS_OF)
    Member.objects.get(pk=two).delete()
    result = retier(as_of=AS_OF + TICK)
    assert (result.kind, result.members) == ("incremental", 1)
    added_up = _sums()
    assert added_up == [("regular", 1, 1, 1, Decimal(60), Decimal(60))]
    retier(as_of=AS_OF + TICK, full=True)
    assert _sums() == added_up


def test_totals_count_a_standing_that_is_written_anew_once(committed: None) -> None:
    one, two = make_members([AS_OF - 100 * DAY] * 2)
    add_orders([Order(one, AS_OF - DAY, Decimal(60)), Order(two, AS_OF - DAY, Decimal(9))])
    retier(as_of=AS_OF)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM segments_memberstanding WHERE member_id = %s", [two])
    result = retier(as_of=AS_OF + TICK)
    assert (result.kind, result.members, MemberStanding.objects.count()) == ("incremental", 2, 2)
    added_up = _sums()
    assert added_up == [("regular", 2, 2, 2, Decimal(69), Decimal(69))]
    retier(as_of=AS_OF + TICK, full=True)
    assert _sums() == added_up


def test_a_fact_of_the_future_passes_a_window_that_is_shorter_than_the_tick(committed: None) -> None:
    """It was stored before the first run, and its moment came and left the 30 days between the two runs."""
    (member,) = make_members([AS_OF - 100 * DAY])
    add_orders([Order(member, AS_OF + DAY, Decimal(50))])
    retier(as_of=AS_OF)
    result = retier(as_of=AS_OF + 60 * DAY)
    after = list(MemberStanding.objects.values_list())
    assert (result.kind, monetary(member)) == ("incremental", 50)
    retier(as_of=AS_OF + 60 * DAY, full=True)
    assert list(MemberStanding.objects.values_list()) == after


def test_an_order_that_changed_is_counted_as_it_is_now(committed: None) -> None:
    (member,) = make_members([AS_OF - 100 * DAY])
    (number,) = add_orders([Order(member, AS_OF - DAY, Decimal(600))])
    retier(as_of=AS_OF)
    change_order(number, Order(member, AS_OF - 2 * DAY, Decimal(601)))
    result = retier(as_of=AS_OF + DAY)
    assert (result.kind, monetary(member)) == ("incremental", 601)
    assert MemberStanding.objects.get().last_order_at == AS_OF - 2 * DAY


def test_time_alone_moves_members_without_any_fact(committed: None) -> None:
    (member,) = make_members([AS_OF - 7 * DAY])
    retier(as_of=AS_OF)
    result = retier(as_of=AS_OF + DAY)
    assert (result.kind, result.moved, MemberStanding.objects.get().tier) == ("incremental", 1, "regular")
    assert list(TierChange.objects.order_by("id").values_list("member", "from_tier", "to_tier")) == [
        (member, "", "new"),
        (member, "new", "regular"),
    ]
