"""A web server of its own process on the test database, for tests that kill it or come in by the network."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO
from urllib.parse import quote, urlencode

import httpx
from django.conf import settings
from django.db import connection

from core import roles


@contextmanager
def serving(
    application: str = "scrm.wsgi:application", *, workers: int = 2, log: IO[str] | None = None, **environment: str
) -> Iterator[str]:
    """Its address, once it answers; workers are forked after loading, so a killed one is replaced at once."""
    port = _free_port()
    command = [
        *(sys.executable, "-m", "gunicorn", application, f"--bind=127.0.0.1:{port}", f"--workers={workers}"),
        *("--preload", "--log-level=critical", "--no-control-socket", "--limit-request-line=0"),
    ]
    process = subprocess.Popen(command, cwd=settings.BASE_DIR, env={**_environment(), **environment}, stderr=log)
    try:
        _wait(f"http://127.0.0.1:{port}/api/v1/nowhere", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:  # a busy machine; what was to be shown is shown
            process.kill()
            process.wait()


def _environment() -> dict[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": _url("app"),
        "DATABASE_OWNER_URL": _url("owner"),
        "SCRM_MASTER_KEYS": str(settings.SCRM_MASTER_KEYS),
        "DJANGO_SETTINGS_MODULE": "scrm.settings",
    }


def _url(role: str) -> str:
    parameters = roles.parameters(role)
    query = {**parameters["OPTIONS"], "host": parameters["HOST"]}
    if parameters["PORT"]:
        query["port"] = parameters["PORT"]
    password = f":{quote(parameters['PASSWORD'], safe='')}" if parameters["PASSWORD"] else ""
    name = connection.settings_dict["NAME"]
    return f"postgresql://{quote(parameters['USER'])}{password}@/{name}?{urlencode(query)}"


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait(url: str, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            httpx.get(url, timeout=5)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the server did not answer within two minutes")
