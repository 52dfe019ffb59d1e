"""Web, worker and beat under one roof: started again when they die, and none of them left behind."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings

from scrm.management.commands import run
from scrm.run import programs

pytestmark = pytest.mark.chaos

# A supervisor of `sleep`s that says its children's numbers; each program has a child of its own in its group.
SUPERVISOR = textwrap.dedent("""
    import os, sys
    from scrm.run.supervisor import Program, Supervisor
    command = ["sh", "-c", sys.argv[1]]
    sleepers = [Program(name, command) for name in ("web", "worker")]
    supervisor = Supervisor(sleepers, environment=os.environ, say=lambda text: print(text, flush=True))
    def started():
        print("started", *(program.process.pid for program in sleepers), supervisor._guard.pid, flush=True)
        return True
    sys.exit(supervisor.run(when_started=started))
""")
SLEEP = "sleep 1000 & wait"


def wait_until(true: Callable[[], bool], seconds: float = 20.0) -> bool:
    end = time.monotonic() + seconds
    while not (done := true()) and time.monotonic() < end:
        time.sleep(0.05)
    return done


def members(group: int) -> list[str]:
    """Living processes of a group."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group and fields[0] not in "ZX":
            found.append(status.parent.name)
    return found


class Running:
    def __init__(self, command: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", SUPERVISOR, command],
            cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        self.web, self.worker, self.guard = map(int, self.line().removeprefix("started ").split())

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def all_gone(self) -> bool:
        return not any(members(group) for group in (self.web, self.worker, self.guard))


@pytest.fixture
def running() -> Iterator[Running]:
    made = Running(SLEEP)
    yield made
    made.process.kill()
    made.process.communicate()
    assert wait_until(made.all_gone)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_ends_everything_in_order(running: Running, number: signal.Signals) -> None:
    assert len(members(running.web)) == 2
    running.process.send_signal(number)
    assert running.process.wait(20) == 0
    assert wait_until(running.all_gone)


def test_killed_supervisor_takes_everything_along(running: Running) -> None:
    running.process.kill()
    assert wait_until(running.all_gone)


def test_program_that_dies_is_started_again_with_a_line(running: Running) -> None:
    os.kill(running.web, signal.SIGKILL)
    assert running.line() == "web ended by itself (SIGKILL); starting it again."
    assert wait_until(lambda: not members(running.web))
    assert len(members(running.worker)) == 2
    running.process.terminate()
    assert running.process.wait(20) == 0


def test_program_that_dies_again_and_again_ends_it_all() -> None:
    running = Running("exit 3")
    said = running.process.communicate(timeout=60)[0].splitlines()
    assert running.process.returncode == 1
    assert "web ended by itself (exit code 3); starting it again." in said
    assert said[-1].endswith("ended 5 times within a minute: giving up. Its words are above.")
    assert wait_until(running.all_gone)


def test_taken_port_is_a_sentence() -> None:
    with socket.socket() as taken:
        taken.bind((programs.HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(run.CommandError, match=rf"Port {port} of this machine is taken: .*SCRM_PORT={port + 1}"):
            run.refuse_taken_port(port)
    run.refuse_taken_port(port)


def test_nobody_answers_on_a_free_port() -> None:
    with socket.socket() as free:
        free.bind((programs.HOST, 0))
        port = free.getsockname()[1]
    assert programs.answers(port) is False
