"""The three programs of an installation, and the question whether the web one answers."""

import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence

from scrm.broker import QUEUES
from scrm.run.supervisor import Program

HOST = "127.0.0.1"
NAMES = ("web", "worker", "beat")
GUNICORN = ["--workers=2", "--worker-class=gthread", "--threads=4", "--graceful-timeout=5"]
GUNICORN += ["--log-level=warning", "--no-control-socket"]
ALONE = ("--without-gossip", "--without-mingle", "--without-heartbeat")  # workers need not know each other


def programs(*, port: int, names: Sequence[str] = NAMES) -> list[Program]:
    as_root = ["-W", "ignore:You're running the worker with superuser"]
    celery = [sys.executable, *as_root, "-m", "celery", "--quiet", "--app", "scrm.celery"]
    commands = {
        "web": [sys.executable, "-m", "gunicorn", "scrm.wsgi:application", f"--bind={HOST}:{port}", *GUNICORN],
        "worker": [*celery, "worker", f"--queues={','.join(QUEUES)}", "--loglevel=WARNING", *ALONE],
        "beat": [*celery, "beat", "--loglevel=WARNING", "--pidfile="],
    }
    return [Program(name, commands[name]) for name in names]


def port_is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
    return False


def answers(port: int) -> bool:
    """Whether the sign-in page is really served."""
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}/admin/login/", timeout=2) as answer:
            return bool(answer.status == 200)  # noqa: PLR2004
    except (urllib.error.URLError, OSError):
        return False
