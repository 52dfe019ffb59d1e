"""Logs as events with fields: lines for people in a demo, JSON for machines in production. They quote no member's data."""

import sys
import traceback
from collections.abc import Iterator
from textwrap import indent
from types import TracebackType
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor

from core.rules.faults import scrubbed

LEVELS = ("WARNING", "INFO", "DEBUG", "ERROR")
LONGEST = 1_000
CAUSED = "\nThe above exception was the direct cause of the following exception:\n\n"
MEANWHILE = "\nDuring handling of the above exception, another exception occurred:\n\n"
OWN = frozenset({"timestamp", "level", "logger", "exception", "_record", "_from_structlog"})

SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure(*, production: bool, level: str) -> dict[str, Any]:
    """Django's LOGGING; sets structlog up on the way, so that both write the same lines."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.processors.StackInfoRenderer(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"event": _formatter(production=production)},
        "handlers": {"standard_error": {"class": "logging.StreamHandler", "formatter": "event"}},
        "root": {"handlers": ["standard_error"], "level": level},
        "loggers": {
            "axes": {"level": "ERROR"},  # names accounts and addresses; the audit holds what it would say
            "django.server": {"handlers": ["standard_error"], "propagate": False},
        },
    }


def _formatter(*, production: bool) -> dict[str, Any]:
    renderers: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, refused, scrub]
    if production:
        renderers += [
            structlog.processors.ExceptionRenderer(_as_text),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    else:
        renderers += [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=_print)]
    return {"()": structlog.stdlib.ProcessorFormatter, "foreign_pre_chain": SHARED, "processors": renderers}


def refused(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Django adds to a 403 where in the code it was refused; a refusal is no fault, a line says it all."""
    if event.get("logger") == "django.request" and event.get("level") == "warning":
        event.pop("exc_info", None)
    return event


def scrub(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Celery puts the exception's text into its message, and fields may quote one too."""
    return {
        name: scrubbed(value) if isinstance(value, str) and name not in OWN else value for name, value in event.items()
    }


def told(error: BaseException, seen: frozenset[int] = frozenset()) -> Iterator[str]:
    """The traceback of an exception and of what led to it, in Python's form.

    It names no local variables, for those hold members' data, and of the messages only what `scrubbed` leaves.
    """
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None and id(before) not in seen:
        yield from told(before, seen | {id(error)})
        yield CAUSED if error.__cause__ else MEANWHILE
    if error.__traceback__:
        yield "Traceback (most recent call last):\n"
        yield from traceback.format_tb(error.__traceback__)
    yield f"{type(error).__module__}.{type(error).__qualname__}: {scrubbed(str(error))[:LONGEST]}\n"
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield indent("".join(told(inner, seen | {id(error)})), "  | ")


def _as_text(exc_info: Any) -> str:
    """`exc_info` as logging hands it on: a triple, an exception, or True for the one being handled."""
    if exc_info is True:
        exc_info = sys.exc_info()
    error = exc_info[1] if isinstance(exc_info, tuple) else exc_info
    return "".join(told(error)).rstrip() if isinstance(error, BaseException) else ""


def _print(stream: TextIO, exc_info: tuple[type[BaseException], BaseException, TracebackType | None] | Any) -> None:
    stream.write("\n" + _as_text(exc_info))
