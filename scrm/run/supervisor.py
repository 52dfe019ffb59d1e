"""Starts programs, starts them again when they die, and ends them all: on Ctrl-C, on SIGTERM, and when it is killed."""

import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType

from scrm.run import guard

PAUSE = 0.2
CALM = 60.0  # seconds without a crash after which it is forgotten
CRASHES = 5
PATIENCE, PATIENCE_LEFT = 8.0, 3.0  # seconds to end in peace, and after being hurried


@dataclass
class Program:
    """One program and its present process, which leads a group of its own."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    crashes: deque[float] = field(default_factory=lambda: deque(maxlen=CRASHES))

    def crashes_too_often(self, now: float) -> bool:
        return len(self.crashes) == CRASHES and now - self.crashes[0] < CALM


class Supervisor:
    """Runs the programs until it is told to end, or one of them cannot be kept alive."""

    def __init__(
        self, programs: Sequence[Program], *, environment: Mapping[str, str], say: Callable[[str], None] = print
    ) -> None:
        self._programs = programs
        self._environment = dict(environment)
        self._say = say
        self._ending = False
        self._guard = self._start_guard()

    def run(self, *, when_started: Callable[[], bool]) -> int:
        """Exit code. `when_started` is asked now and again until it answers True."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._end)
        code, started = 0, False
        try:
            for program in self._programs:
                self._start(program)
            while not self._ending:
                started = started or when_started()
                gone = next((program for program in self._programs if not self._keep_alive(program)), None)
                if gone:
                    self._say(f"{gone.name} ended {CRASHES} times within a minute: giving up. Its words are above.")
                    code = 1
                    break
                time.sleep(PAUSE)
        finally:
            self._end_all()
        return code

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        self._ending = True

    def _start(self, program: Program) -> None:
        program.process = subprocess.Popen(  # noqa: S603
            program.command, env=self._environment, stdin=subprocess.DEVNULL, start_new_session=True
        )
        self._tell_guard("+", program.process.pid)

    def _keep_alive(self, program: Program) -> bool:
        """False when it dies again and again."""
        if program.process is None or program.process.poll() is None:
            return True
        self._bury(program)
        now = time.monotonic()
        program.crashes.append(now)
        if program.crashes_too_often(now):
            return False
        self._say(f"{program.name} ended by itself ({_how(program.process.returncode)}); starting it again.")
        time.sleep(PAUSE)
        self._start(program)
        return True

    def _bury(self, program: Program) -> None:
        """A leader that died may leave its group behind."""
        if program.process is None:
            return
        guard.end_groups({program.process.pid}, patience=2.0)
        self._tell_guard("-", program.process.pid)

    def _end_all(self) -> None:
        """First the leaders alone, so that each can end its own; who does not listen is hurried, then killed."""
        self._signal_leaders(signal.SIGTERM)
        if self._await_all(time.monotonic() + PATIENCE):
            self._signal_leaders(signal.SIGQUIT)  # a worker gives its task back
            for program in self._await_all(time.monotonic() + PATIENCE_LEFT):
                self._say(f"{program.name} does not end; killing it.")
        for program in self._programs:
            self._bury(program)
            if program.process:
                program.process.wait()
        if self._guard.stdin:
            self._guard.stdin.close()
        self._guard.wait()

    def _signal_leaders(self, number: signal.Signals) -> None:
        for program in self._programs:
            if program.process and program.process.poll() is None:
                program.process.send_signal(number)

    def _await_all(self, end: float) -> list[Program]:
        """Those that still run at `end`."""
        while running := [program for program in self._programs if program.process and program.process.poll() is None]:
            if time.monotonic() > end:
                break
            time.sleep(PAUSE / 4)
        return running

    def _start_guard(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603
            [sys.executable, "-I", "-S", guard.__file__], stdin=subprocess.PIPE, start_new_session=True, cwd="/"
        )

    def _tell_guard(self, sign: str, group: int) -> None:
        if self._guard.stdin:
            os.write(self._guard.stdin.fileno(), f"{sign}{group}\n".encode())


def _how(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"
