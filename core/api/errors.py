"""One shape for every error: {"error": {"code", "message", "fields", "hint"}}."""

from collections.abc import Iterator, Mapping
from typing import Any

import structlog
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
)
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import DataError, IntegrityError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from psycopg import errors as postgres
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from core.errors import (
    Conflict,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    ScrmError,
    TooLarge,
    TooManyRequests,
    ValidationFailed,
)
from core.rules.faults import is_about_nul

log = structlog.get_logger(__name__)
WHOLE = "non_field_errors"
TOO_LATE = (postgres.DeadlockDetected, postgres.SerializationFailure, postgres.LockNotAvailable)


def handle_exception(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """REST framework's EXCEPTION_HANDLER. None (a 500) only for what is a fault of ours."""
    known = as_scrm_error(error)
    if known is not None:
        set_rollback()
        return Response({"error": body_of(known)}, status=known.status, headers=_headers(error, known))
    if isinstance(error, exceptions.APIException):
        set_rollback()
        return _other(error)
    log.error("api_fault", view=type(context.get("view")).__name__, error=type(error).__name__)
    return None


def body_of(error: ScrmError) -> dict[str, Any]:
    """What stands under "error"; texts in the language of the request."""
    return {
        "code": error.code,
        "message": str(error.message),
        "fields": {name: [str(text) for text in texts] for name, texts in error.fields.items()},
        "hint": str(error.hint),
    }


def as_scrm_error(error: Exception) -> ScrmError | None:  # noqa: C901, PLR0911, PLR0912  # a table of cases
    """The error of ours that says the same; None where there is none."""
    match error:
        case ScrmError():
            return error
        case exceptions.ValidationError():
            return ValidationFailed(fields=flat(error.detail))
        case DjangoValidationError():
            return ValidationFailed(fields=_django_fields(error))
        case exceptions.ParseError():
            return ValidationFailed(_("The request cannot be read."), hint=str(error.detail))
        case exceptions.AuthenticationFailed() | exceptions.NotAuthenticated():
            return NotAuthenticated()
        case exceptions.PermissionDenied():
            return NotAllowed(hint=_said(error))
        case PermissionDenied():
            return NotAllowed()
        case exceptions.NotFound() | Http404():
            return NotFound()
        case exceptions.Throttled():
            return TooManyRequests(retry_after=int(getattr(error, "wait", None) or 1))
        case RequestDataTooBig() | TooManyFieldsSent():
            return TooLarge()
        case SuspiciousOperation():
            return ValidationFailed(_("The request cannot be read."))
        case DataError():
            log.warning("api_value_refused_by_database", error=type(error.__cause__).__name__)
            return ValidationFailed(hint=_("A value is out of range."))
        case ValueError() if is_about_nul(error):
            return ValidationFailed(hint=_("A value contains the character NUL."))
        case IntegrityError():
            return _integrity(error)
        case OperationalError() if isinstance(error.__cause__, TOO_LATE):
            return Conflict(hint=_("Send it again."))
        case _:
            return None


def _said(error: exceptions.PermissionDenied) -> str:
    """What the permission said of its refusal, if anything."""
    return "" if error.detail == exceptions.PermissionDenied.default_detail else str(error.detail)


def flat(detail: Any, path: str = "") -> dict[str, list[str]]:
    """REST framework's nested errors by dotted path: {"lines.3.quantity": ["…"]}."""
    found: dict[str, list[str]] = {}
    for name, text in _leaves(detail, path):
        found.setdefault(name or WHOLE, []).append(text)
    return found


def server_error(_request: HttpRequest) -> JsonResponse:
    """handler500 of the API: the same shape, nothing about the fault."""
    error = {"code": "server_error", "message": _("Something went wrong on our side."), "fields": {}, "hint": ""}
    return JsonResponse({"error": error}, status=500)


def _leaves(detail: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            yield from _leaves(inner, path if name == WHOLE else f"{path}.{name}".strip("."))
    elif isinstance(detail, list | tuple):
        for place, inner in enumerate(detail):
            nested = isinstance(inner, Mapping | list | tuple)
            yield from _leaves(inner, f"{path}.{place}".strip(".") if nested else path)
    else:
        yield path, str(detail)


def _django_fields(error: DjangoValidationError) -> dict[str, list[str]]:
    if hasattr(error, "error_dict"):
        return {WHOLE if name == "__all__" else name: texts for name, texts in error.message_dict.items()}
    return {WHOLE: error.messages}


def _integrity(error: IntegrityError) -> ScrmError | None:
    """What another request made true first is a conflict; anything else is a fault of ours."""
    if isinstance(error.__cause__, postgres.UniqueViolation | postgres.ExclusionViolation):
        return Conflict()
    if isinstance(error.__cause__, postgres.ForeignKeyViolation):
        return Conflict(_("Something this refers to does not exist, or is still being used."))
    return None


def _other(error: exceptions.APIException) -> Response:
    """Method not allowed, media type, not acceptable: the framework's status and code in our shape."""
    body = {"code": error.default_code, "message": str(error.detail), "fields": {}, "hint": ""}
    return Response({"error": body}, status=error.status_code)


def _headers(error: Exception, known: ScrmError) -> dict[str, str]:
    if isinstance(known, TooManyRequests):
        return {"Retry-After": str(known.retry_after)}
    if isinstance(known, NotAuthenticated):
        return {"WWW-Authenticate": getattr(error, "auth_header", "Bearer")}
    return {}
