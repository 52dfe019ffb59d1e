"""The web process that operators run, over the database of a bench, and clients of it on the same machine."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection

from core import roles
from scrm.databases import url_of
from scrm.run.programs import HOST, programs

CLIENTS = 8
PATIENCE = 60.0
END_OF_HEAD = (b"\r\n", b"")


@contextmanager
def web_server() -> Iterator[int]:
    """Its port; it has answered once. It is ended with the block, whatever happens."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    (web,) = programs(port=port, names=("web",))
    with subprocess.Popen(web.command, env=_environment()) as server:  # noqa: S603  # our own command
        try:
            _wait_for(server, port)
            yield port
        finally:
            server.terminate()


def ask(port: int, paths: Sequence[str], *, agent: str, expected: int) -> float:
    """Every path once, by some clients at once over connections that stay open; answers requests a second."""
    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(lambda place: _client(port, paths[place::CLIENTS], agent, expected), range(CLIENTS)))
    return len(paths) / (time.perf_counter() - began)


def _client(port: int, paths: Sequence[str], agent: str, expected: int) -> None:
    """With as little of the processors as can be, for they are the server's."""
    with socket.create_connection((HOST, port)) as line, line.makefile("rb") as answer:
        for path in paths:
            line.sendall(f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nUser-Agent: {agent}\r\n\r\n".encode())
            status = answer.readline().split()
            if not status or int(status[1]) != expected:
                raise CommandError(f"{path} answered {status}.")
            while answer.readline() not in END_OF_HEAD:
                pass


def _wait_for(server: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.poll() is None:
        try:
            with socket.create_connection((HOST, port), timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise CommandError("The web process did not start.")


def _environment() -> dict[str, str]:
    """What the bench has set up for itself, as the web process reads it."""
    name = {"NAME": connection.settings_dict["NAME"]}
    return {
        **os.environ,
        "DATABASE_URL": url_of({**connection.settings_dict, **roles.parameters("app"), **name}),
        "DATABASE_OWNER_URL": url_of({**connection.settings_dict, **roles.parameters("owner"), **name}),
        "SCRM_MASTER_KEYS": str(settings.SCRM_MASTER_KEYS),
        "SCRM_SEALS": str(settings.SCRM_SEALS),
        "SCRM_SECRET_KEY": settings.SECRET_KEY,
    }
