"""The web process that operators run, over the database of a bench, and clients of it on the same machine."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

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
    head = f"Host: {HOST}\r\nUser-Agent: {agent}\r\n\r\n"
    return len(paths) / send(port, [f"GET {path} HTTP/1.1\r\n{head}".encode() for path in paths], expected).seconds


@dataclass(frozen=True)
class Sent:
    """How long all of it took, and each answer, in seconds."""

    seconds: float
    answers: list[float]


def send(port: int, requests: Sequence[bytes], expected: int, *, clients: int = CLIENTS) -> Sent:
    """Every request as it stands, by some clients at once; raises CommandError for another status than expected."""
    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        found = pool.map(lambda place: _client(port, requests[place::clients], expected), range(clients))
        answers = [seconds for each in found for seconds in each]
    return Sent(time.perf_counter() - began, answers)


def _client(port: int, requests: Sequence[bytes], expected: int) -> list[float]:
    """With as little of the processors as can be, for they are the server's."""
    taken = []
    with socket.create_connection((HOST, port)) as line, line.makefile("rb") as answer:
        for request in requests:
            began = time.perf_counter()
            line.sendall(request)
            status = answer.readline().split()
            if not status or int(status[1]) != expected:
                raise CommandError(f"{request[:80]!r} was answered {status}.")
            length = 0
            while (header := answer.readline()) not in END_OF_HEAD:
                if header[:15].lower() == b"content-length:":
                    length = int(header[15:])
            answer.read(length)
            taken.append(time.perf_counter() - began)
    return taken


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
