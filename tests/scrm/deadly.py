"""The web application with a way to die: `X-Die: work` kills the process when the work is done and the answer is about
to be stored; `X-Die: answer` when both are committed and not a byte was sent."""

import logging
import os
import signal
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.urls import get_resolver

_application = get_wsgi_application()
logging.getLogger("django.request").addHandler(logging.StreamHandler())
_ = get_resolver().url_patterns  # loaded before the fork: the next worker is ready at once


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    moment = environ.get("HTTP_X_DIE", "")
    with connection.execute_wrapper(_die_on_storing) if moment == "work" else nullcontext():
        answer = _application(environ, start_response)
    if moment == "answer":
        _die()
    return answer


def _die_on_storing(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    if "INSERT INTO" in sql and "core_idempotencyrecord" in sql:
        _die()
    return execute(sql, params, many, context)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
