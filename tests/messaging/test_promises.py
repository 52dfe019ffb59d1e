"""What may be done with a message whose call came to no answer, whatever happens in whatever order."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.enums import DeliveryState, Idempotency, Outcome
from messaging.rules.promises import (
    ASKING,
    WAITS,
    Ending,
    Promise,
    after_call,
    after_lease,
    ask_again_after,
    may_repeat,
    never_arrived,
    wait_after,
)

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
WINDOW = timedelta(hours=1)
KEY, QUERY, NONE = (Promise(kind=kind, window=WINDOW) for kind in Idempotency)
LONG_AGO = NOW - timedelta(days=2)
promises = st.builds(
    Promise, kind=st.sampled_from(Idempotency), window=st.integers(0, 7200).map(lambda n: timedelta(seconds=n))
)
ages = st.integers(0, 9000).map(lambda seconds: NOW - timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("promise", "begun_at", "state"),
    [(KEY, NOW, "pending"), (KEY, LONG_AGO, "unknown"), (QUERY, NOW, "unknown"), (NONE, NOW, "unknown")],
)
def test_what_may_have_left_follows_from_the_promise(promise: Promise, begun_at: datetime, state: str) -> None:
    assert after_lease(promise, state=DeliveryState.SENDING, begun_at=begun_at, now=NOW).state == state


def test_queryable_one_is_asked_about_and_no_other() -> None:
    asked = after_lease(QUERY, state=DeliveryState.SENDING, begun_at=NOW, now=NOW)
    assert asked == Ending(state=DeliveryState.UNKNOWN, due_at=NOW + ASKING[0])
    assert after_lease(NONE, state=DeliveryState.SENDING, begun_at=NOW, now=NOW).due_at is None


@given(promise=promises, begun_at=ages | st.none())
def test_what_was_only_claimed_goes_back_whatever_is_promised(promise: Promise, begun_at: datetime | None) -> None:
    assert after_lease(promise, state=DeliveryState.CLAIMED, begun_at=begun_at, now=NOW).state == "pending"


@given(
    promise=promises,
    begun_at=ages,
    outcome=st.sampled_from(Outcome),
    attempts=st.integers(1, 9),
    in_doubt=st.booleans(),
)
def test_nothing_that_may_have_arrived_is_repeated_without_a_key_or_called_failed(
    promise: Promise, begun_at: datetime, outcome: Outcome, attempts: int, in_doubt: bool
) -> None:
    ending = after_call(promise, outcome, attempts=attempts, begun_at=begun_at, in_doubt=in_doubt, now=NOW)
    may_have_arrived = in_doubt or outcome == Outcome.UNKNOWN
    if outcome != Outcome.SENT and may_have_arrived:
        assert ending.state in {"pending", "unknown"}
        assert not ending.clean
        if outcome == Outcome.UNKNOWN and ending.state == "pending":
            assert may_repeat(promise, begun_at=begun_at, now=NOW)
    assert (ending.state == "sent") == (outcome == Outcome.SENT)
    assert ending.due_at is not None or ending.state != "pending"
    assert attempts <= len(WAITS) or ending.state != "pending", "it comes to an end"


def test_refused_is_failed_and_later_waits_longer_each_time() -> None:
    def ending(outcome: Outcome, attempts: int) -> Ending:
        return after_call(NONE, outcome, attempts=attempts, begun_at=NOW, in_doubt=False, now=NOW)

    assert ending(Outcome.REFUSED, 1) == Ending(state=DeliveryState.FAILED, clean=True)
    assert [ending(Outcome.LATER, n).due_at for n in (1, 2)] == [NOW + WAITS[0], NOW + WAITS[1]]
    assert ending(Outcome.LATER, len(WAITS) + 1).state == "failed"
    assert wait_after(len(WAITS) + 1) is None


def test_window_ends_before_the_gateway_forgets() -> None:
    assert may_repeat(KEY, begun_at=NOW - WINDOW + timedelta(seconds=31), now=NOW)
    assert not may_repeat(KEY, begun_at=NOW - WINDOW + timedelta(seconds=30), now=NOW)
    assert not may_repeat(NONE, begun_at=NOW, now=NOW)


def test_asking_becomes_seldom_and_ends() -> None:
    assert ask_again_after(NOW, NOW) == NOW + ASKING[0]
    assert ask_again_after(NOW, NOW + ASKING[0]) == NOW + ASKING[1]
    assert ask_again_after(NOW, NOW + ASKING[-1]) is None
    assert (never_arrived(NOW, NOW), never_arrived(NOW - timedelta(minutes=10), NOW)) == (False, True)
