"""The base of every API view: what must be refused is refused before anything is parsed."""

import hashlib
import json
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api.authentication import actor_of
from core.api.errors import body_of, handle_exception
from core.api.parsers import StrictJSONParser, is_storable
from core.api.permissions import HasScope
from core.api.throttling import TokenBucketThrottle, spend
from core.context import current_origin
from core.errors import NotFound, TooLarge, ValidationFailed
from core.services.idempotency import StoredAnswer, once

MAX_BODY = 5_000_000
MAX_KEY = 200
V = TypeVar("V", bound=APIView)
ExceptionHandler = Callable[[Exception, dict[str, Any]], Response | None]


class ApiMixin(APIView):
    """Put it before a viewset. Subclasses set `scope` and `scope_permissions`, and may set `access`."""

    access = ""
    permission_classes = (HasScope,)
    throttle_classes = (TokenBucketThrottle,)
    parser_classes = (StrictJSONParser,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse what is too large (413) or cannot be stored (400); then who, how fast, and what for."""
        _check_size(request)
        _check_texts(request, kwargs)
        try:
            super().initial(request, *args, **kwargs)
        except (AuthenticationFailed, NotAuthenticated):  # raised before the limits of those who are known
            spend(f"address:{current_origin().address}")
            raise

    def get_exception_handler(self) -> ExceptionHandler:
        return handle_exception


@csrf_exempt  # whatever the method, the answer is the same
def unknown_path(_request: HttpRequest, *_args: Any, **_kwargs: Any) -> JsonResponse:
    """Put it last among the API's addresses: whatever matches none of them is answered in the API's shape."""
    missing = NotFound(hint=_("No operation has this address. The description of the API lists all of them."))
    return JsonResponse({"error": body_of(missing)}, status=missing.status)


def idempotent(handler: Callable[..., Response]) -> Callable[..., Response]:
    """A POST handler that honours `Idempotency-Key`: the same key and body give the stored answer again.

    The handler runs in a transaction, with the key or without. It must answer below 400 or raise.
    """

    @wraps(handler)
    def handle(self: V, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            with transaction.atomic():
                return handler(self, request, *args, **kwargs)
        fingerprint = _fingerprint(request)

        def work() -> StoredAnswer:
            response = handler(self, request, *args, **kwargs)
            return StoredAnswer(response.status_code, JSONRenderer().render(response.data))

        stored, replayed = once(
            actor=actor_of(request), key=_checked(key), fingerprint=fingerprint, now=timezone.now(), work=work
        )
        data = json.loads(stored.body) if stored.body else None
        return Response(data, stored.status, headers={"Idempotent-Replay": "true"} if replayed else None)

    return handle


def _checked(key: str) -> str:
    if not (key.isascii() and key.isprintable() and 0 < len(key) <= MAX_KEY):
        raise ValidationFailed(fields={"Idempotency-Key": [_("A key has 1 to 200 printable ASCII characters.")]})
    return key


def _fingerprint(request: Request) -> bytes:
    """The same for the same method, address and body."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    digest.update(request._request.body)  # noqa: SLF001  # the raw bytes, which `initial` has read
    return digest.digest()


def _check_size(request: Request) -> None:
    """Read the body into memory here, once it is known to be small enough."""
    limit = getattr(settings, "SCRM_API_MAX_BODY", MAX_BODY)
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError as error:
        raise ValidationFailed(fields={"Content-Length": [_("This is not a number.")]}) from error
    if length > limit:
        raise TooLarge(hint=_("At most %(limit)d bytes are accepted; send several requests.") % {"limit": limit})
    plain = request._request  # noqa: SLF001  # REST framework has no other name for it
    if not hasattr(plain, "_body"):  # Django's own limit is made for forms, so its `body` is not asked
        plain._body = plain.read(limit + 1)  # noqa: SLF001


def _check_texts(request: Request, kwargs: dict[str, Any]) -> None:
    texts = [text for name, found in request.query_params.lists() for text in (name, *found)]
    if not all(is_storable(text) for text in (*texts, *map(str, kwargs.values()))):
        raise ValidationFailed(_("The address holds characters that cannot be stored."))
