"""Fifty processes that find no token: one asks for it, the others wait and take it."""

import subprocess
import sys
import threading

import pytest
from django.conf import settings
from django.db import connection

from core.services.claims import claimed_in_turn
from tests.rivals import claimed_elsewhere, until, waiting_for_locks, workers
from tests.wecom.elsewhere import same_database
from tests.wecom.platform import Asked, Clock, Platform, a_corp, an_app
from wecom.errors import Retryable
from wecom.models import AccessToken
from wecom.services.calling import connect

pytestmark = [pytest.mark.django_db(transaction=True)]
PROCESSES, THREADS = 10, 5
ASK = """
import sys, threading, time
import django; django.setup()
from django.db import connection
from wecom.services.calling import connect
def ask():
    try:
        print(connect(app_id=int(sys.argv[1])).call("externalcontact/list", userid="a")["errcode"], flush=True)
    finally:
        connection.close()
connection.close()
print("ready", flush=True); sys.stdin.readline()
threads = [threading.Thread(target=ask) for _ in range(int(sys.argv[2]))]
[t.start() for t in threads]; [t.join() for t in threads]
"""


@pytest.mark.slow
def test_fifty_at_once_ask_for_one_token(host: Platform) -> None:
    """Ten processes of five sessions each, let go at the same moment; the platform gives the token when all of them wait."""
    app = an_app(a_corp(host.url))
    gate = threading.Event()

    def slowly(asked: Asked) -> None:
        if asked.api == "gettoken":
            gate.wait(60)

    host.before = slowly
    environment = same_database(SCRM_HTTP_ALLOWED=f"127.0.0.1:{host.port}")
    command = [sys.executable, "-c", ASK, str(app.pk), str(THREADS)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    processes = [
        subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR, **pipes)  # type: ignore[call-overload]
        for _process in range(PROCESSES)
    ]
    try:
        for process in processes:
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            process.stdin.write("\n")
            process.stdin.flush()
        until(lambda: waiting_for_locks() == PROCESSES * THREADS - 1, seconds=60)
        gate.set()
        said = [process.communicate(timeout=60)[0].split() for process in processes]
    finally:
        gate.set()
        for process in processes:
            process.kill()
            process.communicate()
    assert said == [["0"] * THREADS] * PROCESSES
    assert len(host.of("gettoken")) == 1
    assert {each.query["access_token"] for each in host.of("externalcontact/list")} == {"token-1"}
    assert AccessToken.objects.get().version == 1


def test_many_that_fail_with_one_token_fetch_one_more(host: Platform) -> None:
    app = an_app(a_corp(host.url))
    gate = threading.Barrier(5)

    def together(asked: Asked) -> None:
        if asked.api == "externalcontact/list" and asked.query["access_token"] == "token-1":
            gate.wait(30)

    host.before = together
    host.answers["externalcontact/list"] = [*[{"errcode": 42001}] * 5, {"errcode": 0}]
    with workers(5) as start:
        waiting = [start(lambda: connect(app_id=app.pk).call("externalcontact/list", userid="a")) for _n in range(5)]
        assert [each.result()["errcode"] for each in waiting] == [0] * 5
    assert len(host.of("gettoken")) == 2


def test_turn_that_does_not_come_is_given_up() -> None:
    with claimed_elsewhere("tests.turn", 7), claimed_in_turn("tests.turn", 7, seconds=0.05) as mine:
        assert mine is False
    with claimed_in_turn("tests.turn", 7, seconds=0.05) as mine:
        assert mine is True
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            assert cursor.fetchone() == ("0",)


def test_waiting_for_the_token_ends_with_a_sentence(host: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    app = an_app(a_corp(host.url))
    monkeypatch.setattr("wecom.services.tokens.PATIENCE", 0.05)
    clock = Clock()
    with claimed_elsewhere("wecom.token", app.pk), pytest.raises(Retryable):
        connect(app_id=app.pk, clock=clock, sleep=clock.sleep).call("externalcontact/list", userid="a")
    assert host.asked == []
