"""Rows of workers that died at any point, found again: whatever happens, the receiver gets nothing twice without a key."""

import uuid
from datetime import datetime, timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from messaging.channels.contract import Result
from messaging.enums import DeliveryState, Outcome
from messaging.models import Delivery, Send
from messaging.rules.promises import WAITS
from messaging.services.beginning import begin
from messaging.services.ending import end
from messaging.services.reaping import reap
from messaging.services.routes import Route, route_of
from messaging.services.working import Pace, claim
from tests.messaging import cast
from tests.messaging.cast import DAY, EVENING, agreed

pytestmark = pytest.mark.django_db
PACE = Pace(claimed=2)
LATER = PACE.lease + timedelta(seconds=1)
GATEWAY = "http://127.0.0.1:9"


def route(made: Send) -> Route:
    return route_of(Send.objects.select_related("gateway").get(pk=made.pk))


class Run:
    """Workers that live up to some step of each batch; what the receiver got is counted by the row."""

    def __init__(self, made: Send) -> None:
        self.route = route(made)
        self.now = EVENING
        self.got: dict[int, int] = {}

    def batch(self, dies: str, outcome: Outcome) -> None:
        lease = uuid.uuid4()
        ids = claim(send_id=self.route.send.pk, lease=lease, now=self.now, pace=PACE)
        if not ids or dies == "claimed":
            return
        begun = begin(route=self.route, ids=ids, lease=lease, until=PACE.lease, clock=lambda: self.now)
        if dies == "begun":
            return
        for each in begun:
            number = each.message.reference
            if outcome in {Outcome.SENT, Outcome.UNKNOWN}:
                self.got[number] = self.got.get(number, 0) + 1
        if dies == "called":
            return
        end(
            promise=self.route.promise,
            called=[(each, Result(outcome=outcome)) for each in begun],
            lease=lease,
            now=self.now,
        )


steps = st.lists(
    st.tuples(
        st.sampled_from(["claimed", "begun", "called", "lives"]),
        st.sampled_from(Outcome),
        st.sampled_from([timedelta(0), LATER, WAITS[1], timedelta(hours=1)]),
    ),
    max_size=14,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps, repeat=st.sampled_from(["key", "query", "none"]))
def test_nothing_is_lost_and_nothing_comes_twice_without_a_key(
    steps: list[tuple[str, Outcome, timedelta]], repeat: str
) -> None:
    wipe()
    who = [agreed(f"1390000{number}000") for number in range(3)]
    made = cast.running(cast.sms(GATEWAY, repeat, key_hours=1), who, not_after=EVENING + DAY)
    run = Run(made)
    for dies, outcome, passes in steps:
        run.batch(dies, outcome)
        run.now += passes
        reap(now=run.now)
        judge(run, repeat)
    run.now += LATER
    reap(now=run.now)
    assert not Delivery.objects.filter(state__in=("claimed", "sending")).exists()
    judge(run, repeat)


def judge(run: Run, repeat: str) -> None:
    rows = list(Delivery.objects.all())
    assert len(rows) == 3
    for row in rows:
        arrived = run.got.get(row.pk, 0)
        assert repeat == "key" or arrived <= 1, "twice without a key"
        if row.state == DeliveryState.SENT:
            assert arrived >= 1
        if row.state in {DeliveryState.FAILED, DeliveryState.SKIPPED}:
            assert arrived == 0, "called failed, and yet it arrived"
        if arrived and row.state in {DeliveryState.PENDING, DeliveryState.CLAIMED}:
            assert row.begun_at is not None, "it may have arrived, and nobody knows it any more"
        if row.state == DeliveryState.PENDING and row.begun_at is not None:
            assert repeat == "key"


def wipe() -> None:
    """What the example before left; the fixture's transaction takes the rest."""
    with connection.cursor() as cursor:
        for table in ("messaging_delivery", "messaging_send", "compliance_contactevent", "members_identity"):
            cursor.execute(f"DELETE FROM {table}")


def lease_of(made: Send, now: datetime) -> tuple[uuid.UUID, list[int]]:
    lease = uuid.uuid4()
    return lease, claim(send_id=made.pk, lease=lease, now=now, pace=PACE)


def test_worker_that_was_thought_dead_changes_nothing_of_the_next_ones_rows() -> None:
    agreed("13900000001")
    made = cast.running(cast.sms(GATEWAY, "key"))
    lease, ids = lease_of(made, EVENING)
    assert reap(now=EVENING + LATER) == 1
    second, again = lease_of(made, EVENING + LATER)
    assert ids == again
    assert begin(route=route(made), ids=ids, lease=lease, until=PACE.lease, clock=lambda: EVENING + LATER) == []
    begun = begin(route=route(made), ids=ids, lease=second, until=PACE.lease, clock=lambda: EVENING + LATER)
    called = [(each, Result(outcome=Outcome.SENT)) for each in begun]
    assert end(promise=route(made).promise, called=called, lease=lease, now=EVENING) == 0
    assert cast.only(made).state == "sending"
    assert end(promise=route(made).promise, called=called, lease=second, now=EVENING) == 1


def test_word_of_a_late_worker_ends_the_doubt_about_its_own_message() -> None:
    agreed("13900000001")
    made = cast.running(cast.sms(GATEWAY, "none"))
    lease, ids = lease_of(made, EVENING)
    begun = begin(route=route(made), ids=ids, lease=lease, until=PACE.lease, clock=lambda: EVENING)
    reap(now=EVENING + LATER)
    assert cast.only(made).state == "unknown"
    called = [(each, Result(outcome=Outcome.SENT)) for each in begun]
    assert end(promise=route(made).promise, called=called, lease=lease, now=EVENING + LATER) == 1
    assert cast.only(made).state == "sent"


def test_lease_that_lasts_is_nobody_elses() -> None:
    agreed("13900000001")
    made = cast.running(cast.sms(GATEWAY))
    lease_of(made, EVENING)
    assert reap(now=EVENING + PACE.lease) == 0
    assert lease_of(made, EVENING + PACE.lease)[1] == []
