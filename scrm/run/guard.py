"""Ends what the supervisor started when the supervisor itself was killed. A script; standard library only.

Reads "+123" and "-123" (a process group begun or gone) from standard input. The end of the input means that the
supervisor is gone, in whatever way: what is still on the list is ended.
"""

import contextlib
import os
import signal
import sys
import time

PATIENCE = 10.0


def end_groups(groups: set[int], *, patience: float = PATIENCE) -> None:
    """Asks, waits, and then insists; a group counts as ended when nobody of it is left."""
    send(groups, signal.SIGTERM)
    end = time.monotonic() + patience
    while (left := {group for group in groups if is_alive(group)}) and time.monotonic() < end:
        time.sleep(0.05)
    send(left, signal.SIGKILL)


def send(groups: set[int], number: signal.Signals) -> None:
    for group in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, number)


def is_alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):  # macOS says the second of a group of dead ones
        return False
    return True


def watch() -> None:
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        if line[0] == "+":
            groups.add(group)
        else:
            groups.discard(group)
    end_groups(groups)


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    watch()
