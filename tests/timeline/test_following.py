"""Following the facts: nothing is skipped, nothing counts twice."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any, ClassVar

import psycopg
import pytest
from django.db import connection
from django.db.backends.utils import CursorWrapper

from members.models import Member
from tests.timeline.facts import AT, NOW, act, settle
from timeline.errors import ConsumerBusy, ConsumersFailed
from timeline.models import Consumer, Cursor, InteractionDay, consumers
from timeline.services import PurchaseLineIn, follow, follow_all, make_months, record_purchases

pytestmark = [pytest.mark.servers, pytest.mark.chaos, pytest.mark.django_db(transaction=True)]


class Recorder(Consumer):
    """Keeps the numbers of the rows it saw, and fails when told to."""

    code = "test.recorder"
    table = "timeline_interaction"
    batch_size: ClassVar[int] = 2

    def __init__(self) -> None:
        self.seen: list[int] = []
        self.fail = False

    def handle(self, cursor: CursorWrapper, batch: str) -> None:
        cursor.execute(f"SELECT id FROM {batch} ORDER BY xid, id")
        self.seen += [number for (number,) in cursor.fetchall()]
        if self.fail:
            raise RuntimeError("planted")


@pytest.fixture
def member() -> Member:
    make_months(today=AT.date())
    return Member.objects.create()


@pytest.fixture
def rival() -> Iterator[psycopg.Connection[Any]]:
    """A second connection, in a transaction of its own."""
    values = connection.get_connection_params()
    with psycopg.connect(
        **{name: values[name] for name in ("dbname", "user", "host", "port") if values.get(name)}
    ) as other:
        yield other
        other.rollback()


INSERT = "INSERT INTO timeline_interaction (member_id, occurred_at, kind, source) VALUES (%s, %s, 'browse', 'rival') RETURNING id"


def test_follow_sees_each_row_once_in_batches(member: Member) -> None:
    act(member.pk, *(AT + timedelta(hours=hours) for hours in range(5)))
    settle()
    recorder = Recorder()
    assert follow(recorder, now=NOW) == 5
    assert len(set(recorder.seen)) == len(recorder.seen) == 5
    assert follow(recorder, now=NOW) == 0
    assert Cursor.objects.get(consumer="test.recorder").moved_at == NOW


def test_follow_stops_after_so_many_batches(member: Member) -> None:
    act(member.pk, *(AT + timedelta(hours=hours) for hours in range(5)))
    settle()
    recorder = Recorder()
    assert [follow(recorder, now=NOW, batches=1) for _turn in range(3)] == [2, 2, 1]


def test_follow_does_not_skip_a_late_committer(member: Member, rival: psycopg.Connection[Any]) -> None:
    late = rival.execute(INSERT, [member.pk, AT]).fetchone()
    act(member.pk, AT + timedelta(hours=1))
    recorder = Recorder()
    assert follow(recorder, now=NOW) == 0
    rival.commit()
    settle()
    assert follow(recorder, now=NOW) == 2
    assert late is not None
    assert recorder.seen[0] == late[0]


def test_a_follower_by_id_alone_would_have_skipped_it(member: Member, rival: psycopg.Connection[Any]) -> None:
    """The planted violation: what the horizon is for."""
    rival.execute(INSERT, [member.pk, AT])
    act(member.pk, AT + timedelta(hours=1))
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM timeline_interaction")
        (reached,) = cursor.fetchone()
        rival.commit()
        cursor.execute("SELECT count(*) FROM timeline_interaction WHERE id <= %s", [reached])
        assert cursor.fetchone() == (2,)
        cursor.execute("SELECT count(*) FROM timeline_interaction WHERE id > %s", [reached])
        assert cursor.fetchone() == (0,)


def test_effect_and_cursor_stand_or_fall_together(member: Member) -> None:
    act(member.pk, AT)
    settle()
    recorder = Recorder()
    recorder.fail = True
    with pytest.raises(RuntimeError):
        follow(recorder, now=NOW)
    assert not Cursor.objects.filter(consumer="test.recorder", xid__gt=0).exists()
    recorder.fail = False
    assert follow(recorder, now=NOW) == 1


def test_a_second_runner_leaves(member: Member, rival: psycopg.Connection[Any]) -> None:
    follow(Recorder(), now=NOW)
    rival.execute("SELECT FROM timeline_cursor WHERE consumer = 'test.recorder' FOR UPDATE")
    with pytest.raises(ConsumerBusy):
        follow(Recorder(), now=NOW)


def test_follow_all_leaves_out_a_consumer_that_is_busy(member: Member, rival: psycopg.Connection[Any]) -> None:
    follow_all(now=NOW)
    rival.execute("SELECT FROM timeline_cursor WHERE consumer = 'timeline.purchase_days' FOR UPDATE")
    assert set(follow_all(now=NOW)) == {each.code for each in consumers} - {"timeline.purchase_days"}


def test_follow_all_goes_on_after_a_failure_and_names_all_that_failed(
    member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    act(member.pk, AT)
    settle()

    def fail(*_: Any) -> None:
        raise RuntimeError("planted")

    for code in ("timeline.purchase_days", "timeline.rebuilt_purchase_days"):
        monkeypatch.setattr(type(consumers.get(code)), "begin", fail)
    with pytest.raises(ConsumersFailed) as caught:
        follow_all(now=NOW)
    said = str(caught.value)
    assert "timeline.purchase_days (RuntimeError), timeline.rebuilt_purchase_days (RuntimeError)" in said
    assert "timeline.interaction_days" not in said
    assert InteractionDay.objects.get().member_id == member.pk


KILLED = """
import os, sys, time
import django
django.setup()
from datetime import datetime, UTC
from django.db import connection
from timeline.models import Consumer
from timeline.services import follow
connection.settings_dict["NAME"] = sys.argv[1]

class Slow(Consumer):
    code = "test.recorder"
    table = "timeline_interaction"
    batch_size = 2
    def handle(self, cursor, batch):
        cursor.execute(f"INSERT INTO timeline_rebuild (member_id, reason) SELECT member_id, 'slow' FROM {batch}")
        print("in the middle", flush=True)
        time.sleep(60)

follow(Slow(), now=datetime.now(UTC))
"""


def test_a_follower_killed_in_the_middle_leaves_no_effect(member: Member) -> None:
    act(member.pk, AT, AT + timedelta(hours=1))
    settle()
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(connection.settings_dict["NAME"])],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "scrm.settings")},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "in the middle\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    recorder = Recorder()
    assert _when_free(recorder) == 2
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM timeline_rebuild")
        assert cursor.fetchone() == (0,)


def _when_free(consumer: Consumer) -> int:
    """The server notices a dead client within moments."""
    for _second in range(100):
        try:
            seen = follow(consumer, now=NOW)
        except ConsumerBusy:
            seen = 0
        if seen:
            return seen
        time.sleep(0.1)
    return 0


def test_two_loaders_of_the_same_orders_in_opposite_order_both_finish(member: Member) -> None:
    other = Member.objects.create()
    wrong: list[BaseException] = []

    def load(numbers: list[int]) -> None:
        """Each round brings all the orders, and one line more than the round before."""
        try:
            for turn in range(8):
                record_purchases(
                    rows=[
                        PurchaseLineIn(
                            line_no=number,
                            member_id=who.pk,
                            source="shop",
                            order_no=f"A{number}",
                            line_at=AT - timedelta(minutes=turn),
                            product_code=f"P{number}",
                            quantity=Decimal(1),
                            unit_price=Decimal(1),
                        )
                        for number in numbers
                        for who in (member, other)
                    ],
                    now=NOW,
                )
        except BaseException as error:  # noqa: BLE001  # shown by the assertion below
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=load, args=(numbers,)) for numbers in (list(range(50)), list(range(49, -1, -1)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), (SELECT count(*) FROM timeline_purchaseline) FROM timeline_purchase")
        assert cursor.fetchone() == (100, 800)
