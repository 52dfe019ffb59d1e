"""Logs as events with fields: lines for people in a demo, JSON for machines in production."""

from typing import Any

import structlog
from structlog.typing import Processor

LEVELS = ("WARNING", "INFO", "DEBUG", "ERROR")

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
        "loggers": {"django.server": {"handlers": ["standard_error"], "propagate": False}},
    }


def _formatter(*, production: bool) -> dict[str, Any]:
    """Tracebacks name no local variables: those hold members' data."""
    renderers: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if production:
        renderers += [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    else:
        plain = structlog.dev.plain_traceback
        renderers += [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=plain)]
    return {"()": structlog.stdlib.ProcessorFormatter, "foreign_pre_chain": SHARED, "processors": renderers}
