"""The benches: figures judged rightly, a database of their own that goes away, and answers that agree."""

import json
from io import StringIO
from typing import Any

import pytest
from celery import current_app
from django.core.management import call_command
from django.db import connection
from pytest_django import DjangoDbBlocker

from scrm.bench.benches import BENCHES
from scrm.bench.database import own_database
from scrm.bench.figures import at_least, at_most, in_turns


def test_figures_hold_at_their_limit() -> None:
    assert at_most("", 2.5, 2.5).holds is True
    assert at_most("", 2.501, 2.5).holds is False
    assert at_least("", 2.5, 2.5).holds is True
    assert at_least("", 2.499, 2.5).holds is False


def test_in_turns_answers_the_medians() -> None:
    first, second = iter([3.0, 1.0, 2.0]), iter([5.0, 9.0, 7.0])
    assert in_turns(3, lambda: next(first), lambda: next(second)) == [2.0, 7.0]


def test_benches_have_the_names_that_scripts_call() -> None:
    assert sorted(BENCHES) == [
        "audience",
        "calendar",
        "callbacks",
        "churn",
        "cohorts",
        "coupons",
        "freeze",
        "gate",
        "import",
        "import_members",
        "koc",
        "links",
        "memory",
        "messages",
        "pages",
        "retier",
        "scanner",
        "sealing",
        "snapshot",
        "tick",
    ]


@pytest.mark.slow
def test_own_database_goes_away_with_an_interrupt(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    with django_db_blocker.unblock():
        used = dict(connection.settings_dict)
        with pytest.raises(KeyboardInterrupt), own_database() as name:
            assert connection.settings_dict["NAME"] == name
            raise KeyboardInterrupt
        assert connection.settings_dict == used
        assert _databases(name) == []


@pytest.mark.slow
def test_messages_can_be_sent_after_a_database_of_our_own_is_gone(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> None:
    with django_db_blocker.unblock():
        with own_database():
            current_app.send_task("scrm.tasks.forget_old_runs")
        more_than_the_pool_holds = current_app.pool.limit + 1
        with own_database(), connection.cursor() as cursor:  # the messages go with it
            for _message in range(more_than_the_pool_holds):
                current_app.send_task("scrm.tasks.forget_old_runs")
            cursor.execute("SELECT sum(queue_length) FROM pgmq.metrics_all()")
            assert cursor.fetchone() == (more_than_the_pool_holds,)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("bench", "part"), [("tick", "same_answer"), ("retier", "same_tiers"), ("gate", "same_answer")]
)
def test_bench_both_ways_give_the_same_answer(
    bench: str, part: str, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> None:
    with django_db_blocker.unblock():
        figures = _run(bench, "--members", "1000", "--rounds", "1")
    assert [figure["parts"][part] for figure in figures[bench] if part in figure["parts"]] == [True]


def _databases(name: str) -> list[tuple[str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname = %s", [name])
        return list(cursor.fetchall())


def _run(*arguments: str) -> dict[str, list[dict[str, Any]]]:
    out = StringIO()
    call_command("bench", *arguments, "--json", stdout=out, stderr=StringIO())
    return dict(json.loads(out.getvalue()))
