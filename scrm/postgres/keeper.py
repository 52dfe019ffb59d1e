"""Stops the embedded server when nobody uses it any more. Run as a script, with nothing but the standard library.

Every process that uses the server holds a shared lock on `users.lock`; a killed one stops counting by itself. The
keeper waits for the exclusive lock: to get it means that the last user has gone, in whatever way.
"""

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

PAUSE = 0.1
FAST, IMMEDIATE = signal.SIGINT, signal.SIGQUIT
PATIENCE = 30.0


def lock(path: Path, how: int) -> int | None:
    """Descriptor of the open file that holds the lock, or None where LOCK_NB was asked and another holds it.

    Give it back by closing: LOCK_UN would take it from forked children too.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, how)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def is_free(path: Path) -> bool:
    """Whether nobody holds the lock in any way."""
    descriptor = lock(path, fcntl.LOCK_EX | fcntl.LOCK_NB)
    if descriptor is not None:
        os.close(descriptor)
    return descriptor is not None


def postmaster(pid_file: Path, data: Path) -> int:
    """Process id written in the file if that process is the server of this data folder, else 0."""
    try:
        pid = int(pid_file.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return 0
    return pid if is_server(pid, data) else 0


def is_server(pid: int, data: Path) -> bool:
    """After a kill the number may belong to anybody; a server stands in its data folder."""
    if Path("/proc/self").exists():
        try:
            return Path(f"/proc/{pid}/cwd").samefile(data) and not _is_dead(pid)
        except OSError:
            return False
    said = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)  # noqa: S603, S607
    return "postgres" in said.stdout


def _is_dead(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"


def stop(data: Path, *, patience: float = PATIENCE) -> None:
    """Ends the server: open transactions are rolled back; if that takes too long, at once."""
    pid_file = data / "postmaster.pid"
    for how in (FAST, IMMEDIATE):
        pid = postmaster(pid_file, data)
        if not pid:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, how)
        end = time.monotonic() + patience
        while time.monotonic() < end:
            if not is_server(pid, data):
                return
            time.sleep(PAUSE / 4)


def keep(root: Path, *, when_ready: Callable[[], object]) -> None:
    """Returns when the server was stopped, or at once when another keeper is at work."""
    mine = _claim(root / "keeper.lock")
    when_ready()
    while mine is not None:
        users = lock(root / "users.lock", fcntl.LOCK_EX)
        start = None if (root / "kept").exists() else lock(root / "start.lock", fcntl.LOCK_EX | fcntl.LOCK_NB)
        if start is not None:  # taken last and without waiting: whoever starts holds it while asking for `users`
            stop(root / "data")
            return
        if users is not None:
            os.close(users)
        time.sleep(PAUSE)


def _claim(path: Path) -> int | None:
    """Tries for a moment: others look at the lock to see whether there is a keeper."""
    for _ in range(20):
        mine = lock(path, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if mine is not None:
            return mine
        time.sleep(PAUSE)
    return None


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    keep(Path(sys.argv[1]), when_ready=lambda: os.write(1, b"at work\n"))
