"""Starts the simulator, says where it is and with what it is controlled, and ends it by Ctrl-C or SIGTERM."""

import errno
import signal
import sqlite3
import time
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from wecom.simulator.errors import ControlRefused
from wecom.simulator.fill import SIZES, fill
from wecom.simulator.server import HOST, Simulator

PORT = 8765
LOOK = 0.1  # seconds between looks whether it shall end


def add_arguments(parser: ArgumentParser, *, home: Path) -> None:
    parser.add_argument("--port", type=int, default=PORT, help=f"the port on {HOST} (default {PORT})")
    parser.add_argument("--home", type=Path, default=home, help=f"the folder of its database (default {home})")
    parser.add_argument(
        "--fill",
        choices=sorted(SIZES),
        help="begin with a sample corp: " + ", ".join(f"{k} {v:,} customers" for k, v in SIZES.items()),
    )


def begin(port: int, home: Path) -> Simulator:
    try:
        return Simulator(home, port=port)
    except OSError as fault:
        if fault.errno == errno.EADDRINUSE:
            raise ControlRefused(f"Port {port} of this machine is taken: choose another with --port.") from None
        raise ControlRefused(f"The simulator cannot use {home}: {fault.strerror or fault}.") from None
    except sqlite3.Error as fault:
        raise ControlRefused(f"The database in {home} cannot be used: {fault}.") from None
    except OverflowError:
        raise ControlRefused(f"{port} is no port: a port is a number from 0 to 65535.") from None


def run(*, port: int, home: Path, fill_with: str | None, say: Callable[[str], object]) -> None:
    """Until it is interrupted."""
    simulator = begin(port, home)
    ended: list[int] = []
    before = {one: signal.signal(one, _ender(ended)) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        simulator.start()
        _greet(simulator, fill_with, say)
        while not ended:
            time.sleep(LOOK)
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
        simulator.stop()
    say("The simulator has ended; its data stay.")


def _ender(ended: list[int]) -> Callable[[int, FrameType | None], None]:
    """A handler that takes no lock: it may come while one is held."""

    def end(number: int, _frame: FrameType | None) -> None:
        ended.append(number)

    return end


def _greet(simulator: Simulator, fill_with: str | None, say: Callable[[str], object]) -> None:
    if fill_with:
        made = fill(simulator.world, fill_with)
        say("Sample corp: " + ", ".join(f"{name} {value}" for name, value in made.items()))
    say(f"WeCom's API   {simulator.url}/cgi-bin/")
    say(f"Phone page    {simulator.url}/phone")
    say(f"Staff page    {simulator.url}/staff")
    say(f"Control       {simulator.url}/_control/   Authorization: Bearer {simulator.token}")
    say("Ctrl-C ends it.")
