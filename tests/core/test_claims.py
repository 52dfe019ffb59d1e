"""One at a time without waiting, and one failure without company."""

import logging

import pytest
from django.db import DataError, connection, transaction

from core.services.claims import claim_until_commit, claimed
from core.services.surprises import each_by_itself
from tests.rivals import claimed_elsewhere, rival

WORK = "tests.work"
TRY = "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))"


def is_free(number: int = 0) -> bool:
    with rival() as say:
        return bool(say(TRY, [f"{WORK}|{number}"]))


@pytest.mark.django_db(transaction=True)
def test_claim_is_of_one_session_and_ends_with_the_block() -> None:
    with claimed(WORK, 7) as mine:
        assert (mine, is_free(7), is_free(8)) == (True, False, True)
        with transaction.atomic():
            pass
        assert not is_free(7), "a commit in between lets nothing go"
    assert is_free(7)
    with claimed_elsewhere(WORK, 7), claimed(WORK, 7) as mine:
        assert mine is False


@pytest.mark.django_db(transaction=True)
def test_claim_is_let_go_when_the_work_fails() -> None:
    with pytest.raises(DataError), claimed(WORK), transaction.atomic():
        divide_by(0)
    assert is_free()


@pytest.mark.django_db(transaction=True)
def test_claim_until_commit_is_the_same_claim() -> None:
    with claimed_elsewhere(WORK):
        assert claim_until_commit(WORK) is False
    with transaction.atomic():
        assert claim_until_commit(WORK) is True
        assert not is_free()
    assert is_free()


def divide_by(number: int) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 12 / %s", [number])
        return int(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_rows_behind_one_that_fails_are_done_and_the_failure_is_raised(caplog: pytest.LogCaptureFixture) -> None:
    done = []

    def act(number: int) -> None:
        done.append((number, divide_by(number)))

    with pytest.raises(DataError), caplog.at_level(logging.ERROR):
        each_by_itself([0, 4, 0, 6], act)
    assert done == [(4, 3), (6, 2)]
    assert [bool(entry.exc_info) for entry in caplog.records] == [True, True]
    assert each_by_itself([4, 6], divide_by) == [3, 2]


@pytest.mark.django_db(transaction=True)
def test_row_behind_a_lost_connection_has_a_new_one() -> None:
    def act(number: int) -> int:
        if number == 0:
            with rival() as say, connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                say("SELECT pg_terminate_backend(%s, 5000)", [cursor.fetchone()[0]])
        seen.append(number)
        return divide_by(number)

    seen: list[int] = []
    with pytest.raises(Exception, match="connection"):
        each_by_itself([0, 4], act)
    assert seen == [0, 4]
    assert divide_by(4) == 3
